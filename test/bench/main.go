package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"shardlua/test/progress"
)

const usageText = `Measure this program beside stock Tarantool, where that is installed, in one run.

Usage:
  shardlua bench [flags] [NAME|NAME/CASE…]

Without names all benchmarks run, which takes some minutes. What else the machine does is measured, too: leave it alone.

Examples:
  shardlua bench
  shardlua bench --repeat 5 insert iproto/ping iproto/storage-read
  shardlua bench --json lua

Benchmarks:
`

// maxScale keeps a round within minutes.
const maxScale = 60

// Main is the command "bench": it parses the arguments (less the command's name) and returns the exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	var c Comparison
	flags := pflag.NewFlagSet("bench", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&c.Rounds, "repeat", 3, "rounds; the medians count")
	flags.Float64Var(&c.Scale, "scale", 1, "how much work a round is, relative to the usual")
	flags.StringVar(&c.Ours, "ours", "", "the program to measure (default: this one)")
	flags.StringVar(&c.Stock, "stock", "tarantool", "the program to measure beside it; empty measures none")
	asJSON := flags.Bool("json", false, "print every figure as JSON")
	help := flags.BoolP("help", "h", false, "print this help and exit")
	err := flags.Parse(args)
	switch {
	case err != nil:
	case *help:
		usage(stdout, flags)
		return 0
	case c.Rounds < 1 || c.Rounds > 1000:
		err = fmt.Errorf("--repeat is to be from 1 to 1000")
	case c.Scale <= 0 || c.Scale > maxScale:
		err = fmt.Errorf("--scale is to be more than 0, and %d at most", maxScale)
	default:
		c.Wanted = flags.Args()
		_, err = c.choices()
	}
	if err != nil {
		fmt.Fprintf(stderr, "shardlua: bench: %v; see shardlua bench --help\n", err)
		return 2
	}
	if err := c.find(flags.Changed("stock")); err != nil {
		fmt.Fprintf(stderr, "shardlua: bench: %v\n", err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	rows, err := c.watched(ctx, stderr)
	if err == nil && *asJSON {
		err = writeJSON(stdout, c, rows)
	} else if err == nil {
		err = WriteTable(stdout, rows)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "shardlua: bench: interrupted")
		return 1
	case err != nil:
		fmt.Fprintf(stderr, "shardlua: bench: %s\n", strings.Join(strings.Fields(err.Error()), " "))
		return 1
	}
	return 0
}

func usage(out io.Writer, flags *pflag.FlagSet) {
	fmt.Fprint(out, usageText)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, b := range All() {
		fmt.Fprintf(w, "  %s\t%s\n", b.Name, b.About)
	}
	_ = w.Flush()
	fmt.Fprint(out, "\nFlags:\n", flags.FlagUsages())
}

// find finds the executables. Stock Tarantool may be missing unless it was asked for.
func (c *Comparison) find(asked bool) error {
	var err error
	if c.Ours == "" {
		c.Ours, err = os.Executable()
	} else if c.Ours, err = exec.LookPath(c.Ours); err == nil {
		c.Ours, err = filepath.Abs(c.Ours)
	}
	if err != nil {
		return fmt.Errorf("cannot find the program to measure: %w", err)
	}
	if c.Stock == "" {
		return nil
	}
	path, err := exec.LookPath(c.Stock)
	switch {
	case err == nil:
		c.Stock, err = filepath.Abs(path)
	case !asked:
		c.Stock, err = "", nil
	}
	return err
}

// watched measures and shows on the standard error what.
func (c Comparison) watched(ctx context.Context, stderr io.Writer) ([]Row, error) {
	file, isFile := stderr.(*os.File)
	steps := progress.New(stderr, isFile && progress.IsTerminal(file))
	begun := false
	done := func() {
		if begun {
			steps.Done("")
		}
		begun = false
	}
	c.Tell = func(benchmark, executable string, round int) {
		done()
		begun = true
		steps.Begin(fmt.Sprintf("%-8s round %d, %s", benchmark, round, executable), nil)
	}
	rows, err := c.Do(ctx)
	if err != nil {
		steps.Drop()
		return nil, err
	}
	done()
	return rows, nil
}

func writeJSON(out io.Writer, c Comparison, rows []Row) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"ours": c.Ours, "stock": c.Stock, "rounds": c.Rounds, "scale": c.Scale, "rows": rows})
}
