package xlog_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/sys"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
	"shardlua/runtime/xlog/wal"
)

// tarantool runs the installed Tarantool in a directory of its own.
func tarantool(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed: its files and output cannot be compared with ours", program)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", program, args, err, stdout.Bytes(), stderr.Bytes())
	}
	return stdout.String()
}

const workload = `
box.cfg{log = 'log'}
local s = box.schema.space.create('t')
s:create_index('pk')
local l = box.schema.space.create('l', {is_local = true})
l:create_index('pk')
s:insert{1, require('decimal').new('-123.456'), require('decimal').new('1e3'), require('decimal').new('0.001'),
  require('uuid').fromstr('12345678-1234-1234-1234-123456789012')}
s:insert{2, 'line\nbreak', "quote's", 'tab\t', '\xff\xfe', '', 'true', 'ünï', '~', ' lead', 'dq"', 'back\\slash', 'x\0y', '\x7f',
  'é\n', 'a/b', '\xef\xbb\xbf', '\xf0\x9f\x98\x80', '\xe2\x80\xa8', 'a \nb', '\b\f\v\27'}
s:insert{3, -5, 18446744073709551615ULL, -9223372036854775807LL, 9007199254740993ULL, 1e100, 0/0, 1/0, -1/0, 0.1, 1/3, 100.0,
  1e15, 1e14+0.5, 1e-5, 0.0001, 123456789.123456789, -0.5, 99999999999999LL, 100000000000000LL}
s:insert{4, {}, setmetatable({}, {__serialize = 'map'}), {1, 2, {3, {4}}}, {a = {b = {1, 2}}}, {[1] = 'a', [3] = 'b'}, {['it\'s'] = box.NULL}}
s:insert{5, string.rep('long word ', 30), string.rep('x', 200), string.rep('"tab\t ', 40)}
for i = 6, 30 do s:insert{i, string.rep('y ', i), {string.rep('deep ', i), {string.rep('z', i)}}} end
s:replace{1, 'x'}
s:update(1, {{'=', 2, 'y'}, {'!', 3, {1}}})
s:upsert({1, 'z'}, {{'+', 3, 1}})
s:delete(30)
box.begin() s:insert{40, 'a'} s:insert{41, 'b'} box.commit()
box.begin() for i = 100, 3000 do s:insert{i, string.rep('x', 100)} end box.commit()
local skip = function(old, new) return old end
s:before_replace(skip) s:insert{500000} s:before_replace(nil, skip)
l:insert{1}
box.begin() l:insert{2} s:insert{50} box.commit()
box.begin() s:insert{51} l:insert{3} box.commit()
box.begin() l:insert{4} l:insert{5} box.commit()
box.snapshot()
s:insert{60}
os.exit(0)
`

var headerPart = regexp.MustCompile(`(?m)^\{"HEADER":\{([^}]*)\}`)

// normal sorts what stock Tarantool prints in the order of its hash tables.
func normal(format, text string) string {
	switch format {
	case "json":
		return headerPart.ReplaceAllStringFunc(text, func(m string) string {
			fields := strings.Split(headerPart.FindStringSubmatch(m)[1], ",")
			sort.Strings(fields)
			return `{"HEADER":{` + strings.Join(fields, ",") + "}"
		})
	case "yaml":
		docs := strings.Split(text, "---\nHEADER:\n")
		for i, doc := range docs {
			header, body, _ := strings.Cut(doc, "BODY:\n")
			lines := strings.Split(header, "\n")
			sort.Strings(lines)
			docs[i] = strings.Join(lines, "\n") + body
		}
		return strings.Join(docs, "---\n")
	}
	return text
}

func TestCatPrintsWhatTarantoolctlPrints(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "w.lua"), []byte(workload), 0o644); err != nil {
		t.Fatal(err)
	}
	tarantool(t, dir, "tarantool", "w.lua")
	files, err := filepath.Glob(filepath.Join(dir, "*[pg]"))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, path := range files {
		if !strings.HasSuffix(path, ".snap") && !strings.HasSuffix(path, ".xlog") {
			continue
		}
		compared++
		for _, c := range []struct {
			args    []string
			options xlog.CatOptions
		}{
			{nil, xlog.CatOptions{}},
			{[]string{"--show-system"}, xlog.CatOptions{ShowSystem: true}},
			{[]string{"--from=20", "--to=60"}, xlog.CatOptions{From: 20, To: 60}},
			{[]string{"--space=513", "--space=280"}, xlog.CatOptions{Spaces: []uint32{513, 280}}},
			{[]string{"--replica=1"}, xlog.CatOptions{Replicas: []uint32{1}}},
			{[]string{"--space=999"}, xlog.CatOptions{Spaces: []uint32{999}}},
		} {
			for i, format := range []string{"yaml", "json", "lua"} {
				if len(c.args) != 1 && i > 0 || !strings.HasSuffix(path, "/00000000000000000000.xlog") && !c.options.ShowSystem {
					continue // starting tarantoolctl so often takes long
				}
				args := append([]string{"cat", path, "--format=" + format}, c.args...)
				want := normal(format, tarantool(t, dir, "tarantoolctl", args...))
				var out bytes.Buffer
				c.options.Disk, c.options.Format = sys.RealDisk{}, format
				if err := xlog.Cat(&out, path, c.options); err != nil {
					t.Fatal(err)
				}
				got := normal(format, out.String())
				if got == want {
					continue
				}
				g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
				for i := range min(len(g), len(w)) {
					if g[i] != w[i] {
						t.Errorf("%s %v, line %d:\n%s\nwant\n%s", filepath.Base(path), args[2:], i+1, g[i], w[i])
						break
					}
				}
				if len(g) != len(w) {
					t.Errorf("%s %v: %d lines, want %d", filepath.Base(path), args[2:], len(g), len(w))
				}
			}
		}
	}
	if compared != 5 {
		t.Errorf("compared %d files", compared)
	}
}

// What Tarantool wrote is read whole, and encoding it again gives the same bytes.
func TestReadFilesOfTarantool(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "w.lua"), []byte(workload), 0o644); err != nil {
		t.Fatal(err)
	}
	tarantool(t, dir, "tarantool", "w.lua")
	snaps, err := xlog.Dir{Disk: sys.RealDisk{}, Path: dir, Type: xlog.Snapshot}.List(false, nil)
	if err != nil || len(snaps) != 2 {
		t.Fatalf("snapshots %v, %v", snaps, err)
	}
	rows := 0
	meta, err := xlog.ReadSnapshot(sys.RealDisk{}, snaps[0].Path, false, nil, func(*xlog.Row) error { rows++; return nil })
	if err != nil || rows < 400 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	r, err := xlog.NewRecovery(xlog.RecoveryConfig{Disk: sys.RealDisk{}, Dir: dir, Instance: meta.Instance, From: meta.VClock,
		Events: func(e xlog.Event) {
			if e.Level != xlog.Info {
				t.Error(e.Text)
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[int]int{}
	for {
		tx, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes[len(tx)]++
	}
	if more, err := r.Finish(); more || err != nil {
		t.Fatal(more, err)
	}
	v := r.VClock()
	if sizes[2901] != 1 || sizes[3] != 1 || sizes[2] != 3 || v.Get(0) != 5 || v.Get(1) < 2940 {
		t.Errorf("transactions by size %v, vclock %s", sizes, v)
	}
}

func TestTarantoolReadsOurFiles(t *testing.T) {
	dir := t.TempDir()
	instance := uuid.New()
	clock := sys.NewClock()
	log, err := wal.Open(wal.Config{Dir: dir, Mode: wal.Fsync, Instance: instance, InstanceID: 1, Disk: sys.RealDisk{}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	row := func(key int) xlog.Row {
		return xlog.Row{Type: xlog.Insert, Body: []byte{0x82, 0x10, 0xcd, 2, 0, 0x21, 0x92, 0xcd, byte(key >> 8), byte(key), 0xa1, 'x'}}
	}
	big := make([]xlog.Row, 5000)
	for i := range big {
		big[i] = row(i)
	}
	local := row(2)
	local.GroupID = xlog.GroupLocal
	for _, rows := range [][]xlog.Row{{row(1)}, {row(2), row(3)}, {row(4), local}, big} {
		if err := log.Submit(&wal.Tx{Rows: rows}); err != nil {
			t.Fatal(err)
		}
	}
	v, err := log.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Submit(&wal.Tx{Rows: []xlog.Row{row(9)}}); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	snap, err := xlog.WriteSnapshot(context.Background(), xlog.SnapshotConfig{Disk: sys.RealDisk{}, Clock: clock, Dir: dir, Instance: instance, VClock: v},
		func(emit func(*xlog.Row) error) error {
			for i := range 20000 {
				r := row(i)
				if err := emit(&r); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	script := `
local xlog = require('xlog')
for _, file in ipairs(arg) do
  local n, commits, sum = 0, 0, 0
  for _, row in xlog.pairs(file) do
    n = n + 1
    if row.HEADER.commit or not row.HEADER.tsn then commits = commits + 1 end
    sum = sum + (row.BODY and row.BODY.tuple[1] or 0)
  end
  print(n, commits, sum)
end
os.exit(0)`
	if err := os.WriteFile(filepath.Join(dir, "r.lua"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	second := filepath.Join(dir, xlog.FileName(xlog.Log, &v))
	got := tarantool(t, dir, "tarantool", "r.lua", filepath.Join(dir, xlog.FileName(xlog.Log, &vclock.VClock{})), second, snap)
	want := fmt.Sprintf("%d\t4\t%d\n1\t1\t9\n20000\t20000\t%d\n", 1+2+3+5000, 1+2+3+4+2+4999*2500, 19999*10000)
	if got != want {
		t.Errorf("Tarantool read\n%swant\n%s", got, want)
	}
}
