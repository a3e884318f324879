package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tarantool/go-tarantool/v2"
)

// Load is how hard callers work.
type Load struct {
	// Callers work at the same time, each with a connection of its own, and wait for each answer.
	Callers int
	// Pause is how long a caller rests between an answer and its next request.
	Pause time.Duration
}

// Request is one call through the router.
type Request struct {
	// Write sends it to the master of the bucket; else any replica may answer.
	Write    bool
	Bucket   int
	Function string
	Args     []any
	// ID is that of the tuple which the call writes, when it does: it is remembered once the call was answered.
	ID uint64
}

// Work makes the nth request of a caller.
type Work func(caller, n int) Request

// Counters are what a load has seen.
type Counters struct {
	Calls, Failures int
	// LastFailure is the error of the failed call that ended last.
	LastFailure error
	// Worst is the longest that a call took.
	Worst time.Duration
}

// Running is a load under way.
type Running struct {
	cancel context.CancelFunc
	conns  []*tarantool.Connection
	wg     sync.WaitGroup

	mu        sync.Mutex
	counters  Counters
	worstNow  time.Duration
	latencies []time.Duration
	written   map[uint64]int
}

// callTimeout is how long the router tries, in seconds.
const callTimeout = 10

// Drive starts callers that call through the router until they are stopped or ctx ends.
func (c *Cluster) Drive(ctx context.Context, load Load, work Work) (*Running, error) {
	var conns []*tarantool.Connection
	for range load.Callers {
		conn, err := c.Router.Dial(ctx)
		if err != nil {
			closeAll(conns)
			return nil, err
		}
		conns = append(conns, conn)
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &Running{cancel: cancel, conns: conns, written: map[uint64]int{}}
	for caller, conn := range conns {
		r.wg.Go(func() {
			defer conn.Close()
			for n := 0; ctx.Err() == nil; n++ {
				r.call(conn, work(caller, n))
				if load.Pause > 0 {
					select {
					case <-ctx.Done():
					case <-time.After(load.Pause):
					}
				}
			}
		})
	}
	return r, nil
}

func closeAll(conns []*tarantool.Connection) {
	for _, c := range conns {
		_ = c.Close()
	}
}

// call sends one request and counts its answer. A call that was begun is waited for, so that a stop fails none.
func (r *Running) call(conn *tarantool.Connection, q Request) {
	function := "vshard.router.callro"
	if q.Write {
		function = "vshard.router.callrw"
	}
	args := []any{q.Bucket, q.Function, append([]any{}, q.Args...), map[string]any{"timeout": callTimeout}}
	began := time.Now()
	answer, err := conn.Do(tarantool.NewCall17Request(function).Args(args)).Get()
	took := time.Since(began)
	switch {
	case err != nil:
		err = plain(err)
	case len(answer) > 1 && answer[0] == nil:
		err = errors.New(message(answer[1]))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counters.Calls++
	r.counters.Worst = max(r.counters.Worst, took)
	r.worstNow = max(r.worstNow, took)
	r.latencies = append(r.latencies, took)
	if err != nil {
		r.counters.Failures++
		r.counters.LastFailure = fmt.Errorf("%s in bucket %d: %w", q.Function, q.Bucket, err)
		return
	}
	if q.ID != 0 {
		r.written[q.ID] = q.Bucket
	}
}

// message is the text of an error that a router returned.
func message(value any) string {
	if object, ok := value.(map[any]any); ok {
		if text, ok := object["message"].(string); ok {
			return text
		}
	}
	return fmt.Sprint(value)
}

// Counters are the counts so far.
func (r *Running) Counters() Counters {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counters
}

// Worst is the longest that a call took since Worst was asked for last.
func (r *Running) Worst() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	worst := r.worstNow
	r.worstNow = 0
	return worst
}

// Written are the ids of the tuples whose writing was answered, with their buckets.
func (r *Running) Written() map[uint64]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.written)
}

// Quantile is the latency that a share of the calls did not exceed: 0.5 asks for the median.
func (r *Running) Quantile(share float64) time.Duration {
	r.mu.Lock()
	sorted := slices.Clone(r.latencies)
	r.mu.Unlock()
	if len(sorted) == 0 {
		return 0
	}
	slices.Sort(sorted)
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// Abort ends the callers without waiting for their answers.
func (r *Running) Abort() {
	r.cancel()
	closeAll(r.conns)
	r.wg.Wait()
}

// Stop ends the callers, each after the answer that it waits for, and returns the final counts.
func (r *Running) Stop() Counters {
	r.cancel()
	r.wg.Wait()
	return r.Counters()
}
