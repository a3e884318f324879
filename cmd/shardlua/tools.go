package main

import (
	"os"

	"shardlua/test/bench"
	"shardlua/test/demo"
	"shardlua/test/golden"
)

func runTest(args []string) int { return golden.Main(args, os.Stdout, os.Stderr) }

func runDemo(args []string) int { return demo.Main(args, os.Stdout, os.Stderr) }

func runBench(args []string) int { return bench.Main(args, os.Stdout, os.Stderr) }
