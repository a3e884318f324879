// Package wire measures how many requests of the binary protocol a second an instance, or a cluster, answers.
//
// The one idea: a fixed number of requests is in flight on each connection; as many as were answered by one read are
// sent again by one write, from frames that were made beforehand, so that the driver costs little beside what it
// measures. Every executable runs the same script and the same sharding module, that of this project. The driver talks
// over unix sockets to what it started itself.
//
// Beside the rate stands the processor time that the instances, and the driver itself, took for one request: it says
// more than the rate where other programs share the machine.
package wire

import (
	"context"
	"fmt"
	"time"
)

// Sample is one measurement.
type Sample struct {
	Rate   float64 `json:"rate"`      // requests a second
	Server float64 `json:"server_us"` // processor time of the instances, microseconds a request
	Driver float64 `json:"driver_us"` // the same of the driver
}

// Measure starts instances of an executable, does each kind of work on them, and returns the answers a second of each.
// mode is the wal_mode of the kinds of work that do not ask for another. The end of ctx ends it.
func (l Load) Measure(ctx context.Context, executable string, works []string, mode string) ([]float64, error) {
	samples, err := l.Samples(ctx, executable, works, mode)
	if err != nil {
		return nil, err
	}
	rates := make([]float64, len(samples))
	for i, s := range samples {
		rates[i] = s.Rate
	}
	return rates, nil
}

// Samples is Measure with all figures.
func (l Load) Samples(ctx context.Context, executable string, works []string, mode string) ([]Sample, error) {
	samples := make([]Sample, len(works))
	for _, t := range topologies {
		mine := map[int]work{}
		for i, name := range works {
			w, err := findWork(name)
			if err != nil {
				return nil, err
			}
			if w.topology == t.name {
				mine[i] = w
			}
		}
		if len(mine) == 0 {
			continue
		}
		if t.wal == "" {
			t.wal = mode
		}
		if err := l.measure(ctx, executable, t, mine, samples); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return nil, err
		}
	}
	return samples, nil
}

// measure starts the instances of a topology and gives them its kinds of work, which have their places in samples.
func (l Load) measure(ctx context.Context, executable string, t topology, works map[int]work, samples []Sample) error {
	c, err := startCluster(ctx, executable, t)
	if err != nil {
		return err
	}
	defer c.stop()
	for i := range samples {
		w, mine := works[i]
		if !mine {
			continue
		}
		server, own := c.processorTime(), ownProcessorTime()
		answers, elapsed, err := l.run(c.socket(t.target), w)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		samples[i] = Sample{
			Rate:   float64(answers) / elapsed.Seconds(),
			Server: perRequest(c.processorTime()-server, answers),
			Driver: perRequest(ownProcessorTime()-own, answers),
		}
	}
	return nil
}

// perRequest is microseconds a request.
func perRequest(d time.Duration, requests int64) float64 {
	return float64(d.Nanoseconds()) / 1e3 / float64(max(requests, 1))
}
