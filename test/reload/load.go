package reload

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// Load is callers that work on an instance, each on a connection of its own, with no pause between its calls.
type Load struct {
	stop    atomic.Bool
	calls   atomic.Int64
	wg      sync.WaitGroup
	callers []*caller
}

type caller struct {
	client    *Client
	requests  []Request
	latencies []time.Duration
	failures  []string
}

// Result is what the callers have seen.
type Result struct {
	Calls    int
	Failures []string
	// Latencies are in order, the shortest first.
	Latencies []time.Duration
}

// StartLoad lets callers repeat requests, each of which must answer with true as its first value, as vshard's calls do,
// or at least with no nil there.
func StartLoad(socket string, callers int, request func(caller, n int) (Request, error)) (*Load, error) {
	const distinct = 64
	l := &Load{}
	for i := range callers {
		client, err := Dial(socket)
		if err != nil {
			l.Stop()
			return nil, err
		}
		c := &caller{client: client, latencies: make([]time.Duration, 0, 1<<16)}
		l.callers = append(l.callers, c)
		for n := range distinct {
			r, err := request(i, n)
			if err != nil {
				l.Stop()
				return nil, err
			}
			c.requests = append(c.requests, r)
		}
	}
	for _, c := range l.callers {
		l.wg.Go(func() { c.run(l) })
	}
	return l, nil
}

func (c *caller) run(l *Load) {
	for n := 0; !l.stop.Load(); n++ {
		began := time.Now()
		data, err := c.client.Do(c.requests[n%len(c.requests)])
		c.latencies = append(c.latencies, time.Since(began))
		l.calls.Add(1)
		if err == nil {
			err = succeeded(data)
		}
		if err != nil {
			c.failures = append(c.failures, err.Error())
			if len(c.failures) >= 100 {
				return
			}
		}
	}
}

// succeeded tells whether the first value of an answer is neither nil nor false.
func succeeded(data []byte) error {
	n, rest, err := msgp.ReadArrayHeaderBytes(data)
	if err != nil {
		return err
	}
	if n == 0 {
		return errors.New("the answer is empty")
	}
	if rest[0] == 0xc0 || rest[0] == 0xc2 {
		answer, _, _ := msgp.ReadIntfBytes(data)
		return fmt.Errorf("the answer is %v", answer)
	}
	return nil
}

// Calls is how many calls have ended so far.
func (l *Load) Calls() int { return int(l.calls.Load()) }

// Stop ends the callers after their current calls and tells what they have seen.
func (l *Load) Stop() Result {
	l.stop.Store(true)
	l.wg.Wait()
	var r Result
	for _, c := range l.callers {
		c.client.Close()
		r.Calls += len(c.latencies)
		r.Latencies = append(r.Latencies, c.latencies...)
		r.Failures = append(r.Failures, c.failures...)
	}
	slices.Sort(r.Latencies)
	return r
}

// Worst is the longest call.
func (r Result) Worst() time.Duration { return r.Quantile(1) }

// Quantile is the latency that a share of the calls, from 0 to 1, did not exceed.
func (r Result) Quantile(share float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	return r.Latencies[min(int(share*float64(len(r.Latencies))), len(r.Latencies)-1)]
}
