// Package bench measures this program beside stock Tarantool.
//
// The one idea: a benchmark is a function of an executable, which it starts itself, and a figure of another executable
// from the same run, round after round, is what it is compared with. What is measured is in the scripts of this folder and
// in the packages below it; this package only runs them and prints medians and ratios.
package bench

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"shardlua/test/bench/stall"
	"shardlua/test/bench/wire"
)

// Figure is one number that was measured.
type Figure struct {
	Case  string
	Value float64
	// Unit is s, ms, ns, MiB or calls, of which less is better, or /s, of which more is.
	Unit string
}

// Benchmark is one program that measures.
type Benchmark struct {
	Name, About string
	// Cases are known beforehand when a part of them can be measured alone.
	Cases []string
	// Run measures an executable. Scale makes the work longer or shorter than usual, which is 1; cases, when not empty,
	// are those that are wanted.
	Run func(ctx context.Context, executable string, scale float64, cases []string) ([]Figure, error)
}

// All are the benchmarks, in the order in which they run.
func All() []Benchmark {
	return []Benchmark{
		{Name: "insert", About: "a space with two indexes, filled and read from a Lua loop", Run: insert},
		{Name: "lua", About: "functions of the Lua environment, without LuaJIT's compiler", Run: luaFunctions},
		{Name: "iproto", About: "requests of the binary protocol, alone and in a cluster", Cases: wire.Works(), Run: requests},
		{Name: "reload", About: "what a reload of the storage costs the calls under way", Run: reloads},
	}
}

//go:embed insert.lua lua.lua
var scripts embed.FS

func insert(ctx context.Context, executable string, scale float64, _ []string) ([]Figure, error) {
	return script(ctx, executable, "insert.lua", fmt.Sprint(max(1000, int(1e6*scale))))
}

func luaFunctions(ctx context.Context, executable string, scale float64, _ []string) ([]Figure, error) {
	return script(ctx, executable, "lua.lua", fmt.Sprint(0.05*scale))
}

// script runs one of the Lua programs, which print a figure a line.
func script(ctx context.Context, executable, name, argument string) ([]Figure, error) {
	text, err := scripts.ReadFile(name)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "shardlua-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, executable, name, argument)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(stderr.String()))
	}
	return figures(string(out))
}

// figureLine is a figure as the programs print it: a name, a number, and a unit unless it is nanoseconds.
var figureLine = regexp.MustCompile(`^(\S+)\s+(-?[\d.]+)(?: (s|MiB)\b.*)?$`)

func figures(out string) ([]Figure, error) {
	var found []Figure
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		parts := figureLine.FindStringSubmatch(line)
		if parts == nil {
			return nil, fmt.Errorf("not a figure: %q", line)
		}
		value, err := strconv.ParseFloat(parts[2], 64)
		if err != nil {
			return nil, fmt.Errorf("not a figure: %q", line)
		}
		unit := parts[3]
		if unit == "" {
			unit = "ns"
		}
		found = append(found, Figure{parts[1], value, unit})
	}
	return found, nil
}

func requests(ctx context.Context, executable string, scale float64, cases []string) ([]Figure, error) {
	works := wire.Works()
	if len(cases) > 0 {
		works = slices.DeleteFunc(works, func(w string) bool { return !slices.Contains(cases, w) })
	}
	load := wire.Load{Connections: 4, Flight: 64, Duration: time.Duration(scale * float64(time.Second))}
	rates, err := load.Measure(ctx, executable, works, "none")
	if err != nil {
		return nil, err
	}
	var found []Figure
	for i, rate := range rates {
		found = append(found, Figure{works[i], rate, "/s"})
	}
	return found, nil
}

func reloads(ctx context.Context, executable string, scale float64, _ []string) ([]Figure, error) {
	// The collector of the callers must not be taken for a stall of the instance.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 30))
	settings := stall.Usual()
	settings.Reloads = max(1, int(float64(settings.Reloads)*scale))
	phases, err := settings.Measure(ctx, executable)
	if err != nil {
		return nil, err
	}
	var found []Figure
	for _, p := range phases {
		found = append(found,
			Figure{p.Name + ".worst", milliseconds(p.Worst()), "ms"},
			Figure{p.Name + ".failed", float64(len(p.Failures)), "calls"})
	}
	return found, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
