package crossversion

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"shardlua/evolution"
)

// WriteTable writes a line for each run, and below what failed and how the internals have changed.
func WriteTable(out io.Writer, pairs []Pair) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "OLD\tNEW\tORDER\tRESULT\tCALLS\tFAILED\tWORST PAUSE\tBUCKETS LOST\tDOUBLED\tTUPLES LOST\tDOUBLED")
	for _, p := range pairs {
		for _, r := range p.Runs {
			result := "ok"
			if !r.OK() {
				result = "FAILED"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%.1f ms\t%d\t%d\t%d\t%d\n", p.Old.Name, p.New.Name, r.Order, result,
				r.Calls, r.Failures, r.WorstPause*1000, r.Lost, r.Doubled, r.TuplesLost, r.TuplesTwice)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	var text strings.Builder
	for _, p := range pairs {
		for _, r := range p.Runs {
			complain(&text, p, r)
		}
		compare(&text, p)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// complain says what went wrong in a run.
func complain(text *strings.Builder, p Pair, r Run) {
	if r.OK() {
		return
	}
	fmt.Fprintf(text, "\n%s -> %s, %s:\n", p.Old.Name, p.New.Name, r.Order)
	for _, line := range []string{r.Error, r.LastFailure} {
		if line != "" {
			fmt.Fprintf(text, "  %s\n", line)
		}
	}
	if r.Logs != "" {
		fmt.Fprintf(text, "  the logs are in %s\n", r.Logs)
	}
}

// compare says how the internals have changed, once when that does not depend on the order.
func compare(text *strings.Builder, p Pair) {
	var told []string
	for _, r := range p.Runs {
		for _, s := range r.States {
			if s.After.Shape == nil {
				continue
			}
			difference := Difference(s)
			if slices.Contains(told, difference) {
				continue
			}
			told = append(told, difference)
			fmt.Fprintf(text, "\n%s -> %s: %s", p.Old.Name, p.New.Name, difference)
		}
	}
}

// Difference tells how internals have changed, a line per field.
func Difference(s State) string {
	head := fmt.Sprintf("internals of %s, version %d -> %d", s.Module, s.Before.Version, s.After.Version)
	changes := evolution.CompareShapes(comparable(s.Before.Shape, s.After.Shape), comparable(s.After.Shape, s.Before.Shape))
	if changes == "" {
		return head + ": the same fields\n"
	}
	return head + ":\n  " + strings.ReplaceAll(changes, "\n", "\n  ") + "\n"
}

// comparable are the lines of a shape that say something beside another: not what lies in a table that the other does not
// have, and not the elements of a list that happens to be empty in the other.
func comparable(shape, other []string) []string {
	known := map[string]bool{}
	for _, line := range other {
		known[field(line)] = true
	}
	var kept []string
	for _, line := range shape {
		name := field(line)
		list, _, isElement := strings.Cut(name, "[]")
		parent := name[:max(0, strings.LastIndexByte(name, '.'))]
		switch {
		case isElement && !known[list+"[]"]:
		case parent != "" && !known[parent]:
		default:
			kept = append(kept, line)
		}
	}
	return kept
}

func field(line string) string {
	name, _, _ := strings.Cut(line, ": ")
	return name
}

// WriteJSON writes everything that was found.
func WriteJSON(out io.Writer, pairs []Pair) error {
	ok := true
	for _, p := range pairs {
		ok = ok && p.OK()
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		OK    bool   `json:"ok"`
		Pairs []Pair `json:"pairs"`
	}{ok, pairs})
}
