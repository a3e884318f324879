// Package wire measures how many requests of the binary protocol a second an instance answers.
//
// The one idea: a fixed number of requests is in flight on each connection; as many as were answered by one read are
// sent again by one write, so that the driver costs little beside what it measures. It talks over unix sockets to what it
// started itself.
package wire

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// script is what both hosts run.
const script = `
local path, mode = ...
box.cfg{work_dir = path, wal_mode = mode, log = 'log', log_level = 4, memtx_memory = 128 * 2^20, checkpoint_interval = 0}
box.schema.user.grant('guest', 'super', nil, nil, {if_not_exists = true})
local s = box.schema.space.create('bench', {id = 600, if_not_exists = true})
s:create_index('pk', {parts = {{1, 'unsigned'}}, if_not_exists = true})
for i = 1, 10000 do s:replace{i, 'value ' .. i} end
function echo(x) return x end
function get(id) return s:get{id} end
box.cfg{listen = path .. '/s.sock'}
`

// Works are the kinds of work, in the order in which they are usually measured.
func Works() []string { return []string{"ping", "select", "call", "get", "replace"} }

// Measure starts one instance of an executable with a wal_mode, does each kind of work on it, and returns the answers a
// second of each. The end of ctx ends it.
func (l Load) Measure(ctx context.Context, executable string, works []string, mode string) ([]float64, error) {
	dir, err := os.MkdirTemp("", "iproto")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "bench.lua")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, executable, file, dir, mode)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	socket := filepath.Join(dir, "s.sock")
	if err := waitFor(ctx, socket); err != nil {
		return nil, err
	}
	var rates []float64
	for _, work := range works {
		rate, err := l.run(socket, work)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			return nil, fmt.Errorf("%s: %w", work, err)
		}
		rates = append(rates, rate)
	}
	return rates, nil
}

// startTimeout bounds the wait for an instance.
const startTimeout = 20 * time.Second

func waitFor(ctx context.Context, socket string) error {
	deadline := time.Now().Add(startTimeout)
	for {
		c, err := dial(socket)
		if err == nil {
			return c.Close()
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the instance does not listen: %w", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
