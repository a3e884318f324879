package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/pflag"

	"shardlua/runtime"
)

// chunkFlag collects -e and -l in the order in which they stand.
type chunkFlag struct {
	chunks *[]runtime.Chunk
	make   func(text string) runtime.Chunk
	typ    string
}

func (f chunkFlag) String() string { return "" }
func (f chunkFlag) Type() string   { return f.typ }
func (f chunkFlag) Set(text string) error {
	*f.chunks = append(*f.chunks, f.make(text))
	return nil
}

// newFlags makes the flags of a command, --help among them. They end at the first word that is no flag.
func newFlags(name string) (flags *pflag.FlagSet, help *bool) {
	flags = pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SetInterspersed(false)
	return flags, flags.BoolP("help", "h", false, "print this help and exit")
}

func parseInstance(args []string) (*instance, *pflag.FlagSet, error) {
	i := &instance{}
	flags, help := newFlags("shardlua")
	flags.VarP(chunkFlag{&i.chunks, func(text string) runtime.Chunk {
		return runtime.Chunk{Source: text, Name: "=(command line)"}
	}, "EXPR"}, "execute", "e", "execute a string")
	flags.VarP(chunkFlag{&i.chunks, func(name string) runtime.Chunk {
		return runtime.Chunk{Module: name}
	}, "NAME"}, "library", "l", "require a library into a global variable of its name")
	flags.BoolVarP(&i.interactive, "interactive", "i", false, "enter interactive mode after the script")
	flags.BoolVarP(&i.version, "version", "v", false, "print the version and exit")
	flags.BoolVarP(&i.version, "Version", "V", false, "the same")
	flags.BoolVar(&i.hangup, "reload-on-sighup", false, "on SIGHUP, reload the modules with state whose files have changed")
	_ = flags.MarkHidden("Version")
	err := flags.Parse(args)
	i.help = *help
	i.rest = flags.Args()
	return i, flags, err
}

// actsAsTarantool tells whether the program was called by the name of what it stands in for: then it knows no commands,
// and its errors and exit codes are Tarantool's.
func actsAsTarantool(program string) bool { return filepath.Base(program) == "tarantool" }

// refuseFlags reports flags that cannot be understood.
func refuseFlags(program string, err error) int {
	if !actsAsTarantool(program) {
		return fail(exitUsage, "%v; see shardlua --help", err)
	}
	text := err.Error()
	var unknown *pflag.NotExistError
	var incomplete *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		text = fmt.Sprintf("invalid option -- '%s'", unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		text = fmt.Sprintf("unrecognized option '--%s'", unknown.GetSpecifiedName())
	case errors.As(err, &incomplete) && incomplete.GetSpecifiedShortnames() != "":
		text = fmt.Sprintf("option requires an argument -- '%s'", incomplete.GetSpecifiedName())
	case errors.As(err, &incomplete):
		text = fmt.Sprintf("option '--%s' requires an argument", incomplete.GetSpecifiedName())
	}
	failAs(program, "%s", text)
	return runtime.ExitUsage
}
