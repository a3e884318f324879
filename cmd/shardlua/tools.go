package main

import (
	"os"

	"shardlua/test/golden"
)

func runTest(args []string) int { return golden.Main(args, os.Stdout, os.Stderr) }
