package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"

	"shardlua/evolution"
	"shardlua/test/crossversion"
)

const evolutionHelp = `Usage: shardlua evolution list [MODULE]
       shardlua evolution plan MODULE FROM TO
       shardlua evolution check [flags] [OLD [NEW]]

list prints the migrations that this binary knows; plan prints those that take internals from one version to another;
check reloads a running cluster from one git revision of its modules to another (see shardlua evolution check --help).

Examples:
  shardlua evolution plan vshard.storage 0 1
  shardlua evolution check v1.0 HEAD
`

func runEvolution(args []string) int {
	lists := evolution.Builtin()
	switch {
	case len(args) == 0, args[0] == "-h", args[0] == "--help":
		fmt.Print(evolutionHelp)
		if len(args) == 0 {
			return exitUsage
		}
		return exitOK
	case args[0] == "check":
		return crossversion.Main(args[1:], os.Stdout, os.Stderr)
	case args[0] == "list" && len(args) <= 2:
		return listMigrations(os.Stdout, lists, args[1:])
	case args[0] == "plan" && len(args) == 4:
		return planMigrations(os.Stdout, lists, args[1], args[2], args[3])
	}
	return fail(exitUsage, "evolution: wrong arguments; see shardlua evolution --help")
}

func listMigrations(out io.Writer, lists []*evolution.List, only []string) int {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MODULE\tVERSION\tMIGRATION\tWAY BACK")
	found := len(only) == 0
	for _, l := range lists {
		if len(only) > 0 && only[0] != l.Module {
			continue
		}
		found = true
		for i, m := range l.Migrations {
			back := "no"
			if m.Down != nil {
				back = "yes"
			}
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", l.Module, i+1, m.Name, back)
		}
	}
	if !found {
		return fail(exitFailed, "evolution: no migrations are known for module %s", only[0])
	}
	w.Flush()
	return exitOK
}

func planMigrations(out io.Writer, lists []*evolution.List, module, fromText, toText string) int {
	from, errFrom := strconv.Atoi(fromText)
	to, errTo := strconv.Atoi(toText)
	if errFrom != nil || errTo != nil {
		return fail(exitUsage, "evolution: versions are numbers, got %q and %q", fromText, toText)
	}
	for _, l := range lists {
		if l.Module != module {
			continue
		}
		steps, err := l.Plan(from, to)
		if err != nil {
			return fail(exitFailed, "evolution: %v", err)
		}
		for _, s := range steps {
			verb := "upgrade"
			if s.Down {
				verb = "downgrade"
			}
			fmt.Fprintf(out, "%s to version %d: %s\n", verb, s.Version, s.Name)
		}
		if len(steps) == 0 {
			fmt.Fprintln(out, "nothing to do")
		}
		return exitOK
	}
	return fail(exitFailed, "evolution: no migrations are known for module %s", module)
}
