package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Row is one case of a benchmark: what was measured with this program and with stock Tarantool, a value for each round.
type Row struct {
	Benchmark string    `json:"benchmark"`
	Case      string    `json:"case"`
	Unit      string    `json:"unit"`
	Ours      []float64 `json:"ours"`
	Stock     []float64 `json:"stock,omitempty"`
}

// Ratio is the median of ours by that of stock; not ok without stock, or when stock has nothing.
func (r Row) Ratio() (ratio float64, ok bool) {
	if len(r.Stock) == 0 || median(r.Stock) == 0 {
		return 0, false
	}
	return median(r.Ours) / median(r.Stock), true
}

// MarshalJSON adds medians and the ratio.
func (r Row) MarshalJSON() ([]byte, error) {
	type plain Row
	row := struct {
		plain
		OursMedian  float64  `json:"ours_median"`
		StockMedian *float64 `json:"stock_median,omitempty"`
		Ratio       *float64 `json:"ratio,omitempty"`
	}{plain: plain(r), OursMedian: median(r.Ours)}
	if len(r.Stock) > 0 {
		m := median(r.Stock)
		row.StockMedian = &m
	}
	if ratio, ok := r.Ratio(); ok {
		row.Ratio = &ratio
	}
	return json.Marshal(row)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// Comparison is what to measure with what.
type Comparison struct {
	// Ours and Stock are executables; Stock is empty when there is none.
	Ours, Stock string
	// Wanted are benchmarks, NAME, or single cases, NAME/CASE; none means all.
	Wanted []string
	Rounds int
	Scale  float64
	// Tell, when given, is told what is measured next.
	Tell func(benchmark, executable string, round int)
}

// choice is a benchmark and those of its cases that are wanted, all when there are none.
type choice struct {
	Benchmark
	cases []string
}

func (c Comparison) choices() ([]choice, error) {
	var chosen []choice
	for _, b := range All() {
		one := choice{Benchmark: b}
		wanted := len(c.Wanted) == 0
		for _, w := range c.Wanted {
			name, which, single := strings.Cut(w, "/")
			if name != b.Name {
				continue
			}
			if single && b.Cases != nil && !slices.Contains(b.Cases, which) {
				return nil, fmt.Errorf("benchmark %s has no case %s, only %s", name, which, strings.Join(b.Cases, ", "))
			}
			wanted = true
			if single {
				one.cases = append(one.cases, which)
			}
		}
		if wanted {
			chosen = append(chosen, one)
		}
	}
	for _, w := range c.Wanted {
		name, _, _ := strings.Cut(w, "/")
		if !slices.ContainsFunc(chosen, func(o choice) bool { return o.Name == name }) {
			return nil, fmt.Errorf("there is no benchmark %s, only %s", name, strings.Join(names(), ", "))
		}
	}
	return chosen, nil
}

func names() []string {
	var all []string
	for _, b := range All() {
		all = append(all, b.Name)
	}
	return all
}

// Do measures, round after round, one executable beside the other.
func (c Comparison) Do(ctx context.Context) ([]Row, error) {
	chosen, err := c.choices()
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, b := range chosen {
		from := len(rows)
		for round := range c.Rounds {
			for _, executable := range []string{c.Ours, c.Stock} {
				if executable == "" {
					continue
				}
				if c.Tell != nil {
					c.Tell(b.Name, executable, round+1)
				}
				found, err := b.Run(ctx, executable, c.Scale, b.cases)
				if err != nil {
					return nil, fmt.Errorf("%s with %s: %w", b.Name, executable, err)
				}
				for _, f := range found {
					if len(b.cases) == 0 || slices.Contains(b.cases, f.Case) {
						rows = add(rows, from, b.Name, f, executable == c.Ours)
					}
				}
			}
		}
		if len(rows) == from {
			return nil, fmt.Errorf("benchmark %s has no case %s", b.Name, strings.Join(b.cases, ", "))
		}
	}
	return rows, nil
}

// add puts a figure into its row, which it makes when there is none from that place on.
func add(rows []Row, from int, benchmark string, f Figure, ours bool) []Row {
	at := from + slices.IndexFunc(rows[from:], func(r Row) bool { return r.Case == f.Case })
	if at < from {
		at = len(rows)
		rows = append(rows, Row{Benchmark: benchmark, Case: f.Case, Unit: f.Unit})
	}
	if ours {
		rows[at].Ours = append(rows[at].Ours, f.Value)
	} else {
		rows[at].Stock = append(rows[at].Stock, f.Value)
	}
	return rows
}

// WriteTable prints a line for each row.
func WriteTable(out io.Writer, rows []Row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "BENCHMARK\tCASE\tOURS\tSTOCK\tRATIO\t")
	for _, r := range rows {
		stock, ratio := "-", "-"
		if len(r.Stock) > 0 {
			stock = number(median(r.Stock), r.Unit)
		}
		if value, ok := r.Ratio(); ok {
			ratio = fmt.Sprintf("%.2fx", value)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t\n", r.Benchmark, r.Case, number(median(r.Ours), r.Unit), stock, ratio)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "\nMedians; the ratio is ours by stock. Of /s more is better, of everything else less.")
	return err
}

// number is a value with its unit, with about three digits that count.
func number(v float64, unit string) string {
	space := " "
	if unit == "/s" {
		space = ""
	}
	switch {
	case v >= 100 || v == 0:
		return fmt.Sprintf("%.0f%s%s", v, space, unit)
	case v >= 10:
		return fmt.Sprintf("%.1f%s%s", v, space, unit)
	}
	return fmt.Sprintf("%.2f%s%s", v, space, unit)
}
