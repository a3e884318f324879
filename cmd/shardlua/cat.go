package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"shardlua/runtime/sys"
	"shardlua/runtime/xlog"
)

func runCat(args []string) int {
	flags := pflag.NewFlagSet("cat", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var options xlog.CatOptions
	help := flags.BoolP("help", "h", false, "print this help and exit")
	format := flags.String("format", "yaml", "yaml, json or lua")
	spaces := flags.UintSlice("space", nil, "only rows of these spaces")
	flags.Int64Var(&options.From, "from", 0, "the first LSN to print")
	flags.Int64Var(&options.To, "to", 0, "the LSN to stop before")
	replicas := flags.UintSlice("replica", nil, "only rows of these instances")
	flags.BoolVar(&options.ShowSystem, "show-system", false, "print rows of system spaces too")
	if err := flags.Parse(args); err != nil {
		return fail(exitUsage, "cat: %v; see shardlua cat --help", err)
	}
	if *help {
		fmt.Printf("Usage: shardlua cat FILE…\n\nPrint .snap and .xlog files.\n\n%s\nExample:\n  shardlua cat --show-system 00000000000000000000.snap\n", flags.FlagUsages())
		return exitOK
	}
	if flags.NArg() == 0 {
		return fail(exitUsage, "cat: give a file; see shardlua cat --help")
	}
	if *format != "yaml" && *format != "json" && *format != "lua" {
		return fail(exitUsage, "cat: unknown format %q; it is one of yaml, json, lua", *format)
	}
	options.Disk, options.Format = sys.Real().Disk, *format
	options.Spaces, options.Replicas = ids(*spaces), ids(*replicas)
	options.Events = func(e xlog.Event) { fmt.Fprintln(os.Stderr, "shardlua: "+e.Text) }
	for _, file := range flags.Args() {
		if err := xlog.Cat(os.Stdout, file, options); err != nil {
			return fail(exitFailed, "cat: %v", err)
		}
	}
	return exitOK
}

func ids(given []uint) []uint32 {
	var list []uint32
	for _, id := range given {
		list = append(list, uint32(id))
	}
	return list
}
