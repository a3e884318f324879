package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"shardlua/test/bench/wire"
)

// hostReport is what was measured with one executable.
type hostReport struct {
	Executable string                   `json:"executable"`
	Samples    map[string][]wire.Sample `json:"samples"`
}

func (h *hostReport) add(work string, s wire.Sample) { h.Samples[work] = append(h.Samples[work], s) }

// median is that of one of a sample's figures.
func (h *hostReport) median(work string, figure func(wire.Sample) float64) float64 {
	var values []float64
	for _, s := range h.Samples[work] {
		values = append(values, figure(s))
	}
	return median(values)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2
	}
	return values[middle]
}

// report is the whole comparison.
type report struct {
	works []string
	hosts []*hostReport
}

func newReport(executables []string, works []string) *report {
	r := &report{works: works}
	for _, e := range executables {
		r.hosts = append(r.hosts, &hostReport{Executable: e, Samples: map[string][]wire.Sample{}})
	}
	return r
}

func rate(s wire.Sample) float64       { return s.Rate }
func serverTime(s wire.Sample) float64 { return s.Server }
func driverTime(s wire.Sample) float64 { return s.Driver }

// writeTable prints a line for each kind of work: medians and, for two executables, the ratio of the first to the
// second.
func (r *report) writeTable(to io.Writer) error {
	for _, w := range r.works {
		line := fmt.Sprintf("%-14s", w)
		for _, h := range r.hosts {
			line += fmt.Sprintf("  %s %8.0f/s (server %5.2f + driver %4.2f us)", filepath.Base(h.Executable),
				h.median(w, rate), h.median(w, serverTime), h.median(w, driverTime))
		}
		if ratio, ok := r.ratio(w); ok {
			line += fmt.Sprintf("  %.2fx", ratio)
		}
		if _, err := fmt.Fprintln(to, line); err != nil {
			return err
		}
	}
	return nil
}

// ratio of the rates; false unless there are two executables.
func (r *report) ratio(work string) (float64, bool) {
	if len(r.hosts) != 2 {
		return 0, false
	}
	other := r.hosts[1].median(work, rate)
	return r.hosts[0].median(work, rate) / other, other > 0
}

func (r *report) writeJSON(to io.Writer) error {
	ratios := map[string]float64{}
	for _, w := range r.works {
		if ratio, ok := r.ratio(w); ok {
			ratios[w] = ratio
		}
	}
	e := json.NewEncoder(to)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Hosts  []*hostReport      `json:"hosts"`
		Ratios map[string]float64 `json:"ratios,omitempty"`
	}{r.hosts, ratios})
}
