package xlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/sys/systest"
	"shardlua/runtime/xlog/vclock"
)

// chain writes three logs of three transactions each: rows 1 to 3, 4 to 6, 7 to 9.
func chain(t *testing.T) (disk *systest.Disk, paths []string) {
	t.Helper()
	disk = newDisk(t)
	var v vclock.VClock
	for range 3 {
		path, next := writeLog(t, disk, "/d", v, true, 1, 1, 1)
		paths, v = append(paths, path), next
	}
	return disk, paths
}

type outcome struct {
	lsns   []int64
	vclock vclock.VClock
	told   []string
	err    error
}

func recoverDir(disk *systest.Disk, config RecoveryConfig) (got outcome) {
	config.Disk, config.Dir = disk, "/d"
	config.Events = func(e Event) {
		if e.Level != Info {
			got.told = append(got.told, e.Text)
		}
	}
	r, err := NewRecovery(config)
	if err != nil {
		got.err = err
		return got
	}
	defer r.Close()
	for {
		tx, err := r.Next()
		if err == io.EOF {
			more, err := r.Finish()
			if err == nil && more {
				continue
			}
			got.vclock, got.err = r.VClock(), err
			return got
		}
		if err != nil {
			got.err = err
			return got
		}
		for _, row := range tx {
			got.lsns = append(got.lsns, row.LSN)
		}
	}
}

func TestRecoverFrom(t *testing.T) {
	disk, _ := chain(t)
	for from := range int64(10) {
		got := recoverDir(disk, RecoveryConfig{Instance: instance, From: clockOf(1, from)})
		if got.err != nil || len(got.lsns) != int(9-from) || got.vclock != clockOf(1, 9) || len(got.told) > 0 {
			t.Errorf("from %d: %+v", from, got)
		}
	}
	if got := recoverDir(newDisk(t), RecoveryConfig{From: clockOf(1, 5)}); got.err != nil || got.vclock != clockOf(1, 5) {
		t.Errorf("without files: %+v", got)
	}
}

func TestRecoverBrokenDirectories(t *testing.T) {
	remove := func(i int) func(*testing.T, *systest.Disk, []string) {
		return func(t *testing.T, disk *systest.Disk, paths []string) {
			if err := disk.Remove(paths[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	change := func(i int, f func(data []byte, blocks []int) []byte) func(*testing.T, *systest.Disk, []string) {
		return func(t *testing.T, disk *systest.Disk, paths []string) {
			data := content(t, disk, paths[i])
			replace(t, disk, paths[i], f(data, blocksOf(data)))
		}
	}
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, disk *systest.Disk, paths []string)
		strict string // the error, or what is told when there is none
		forced string // the rows
		told   string
	}{
		{"first missing", remove(0), "Missing .xlog file between LSN 0 {} and 3 {1: 3}", "[4 5 6 7 8 9]", "ignoring a gap in LSN"},
		{"middle missing", remove(1), "Missing .xlog file between LSN 3 {1: 3} and 6 {1: 6}", "[1 2 3 7 8 9]", "ignoring a gap in LSN"},
		{"header of another instance", change(1, func(d []byte, _ []int) []byte {
			return []byte(strings.Replace(string(d), "f41ecbc3", "12345678", 1))
		}), "/d/00000000000000000003.xlog: invalid instance UUID", "[1 2 3 7 8 9]", "invalid instance UUID"},
		{"snapshot named xlog", change(1, func(d []byte, _ []int) []byte { copy(d, "SNAP"); return d }),
			"Invalid xlog type: expected XLOG, got SNAP", "[1 2 3 7 8 9]", "Invalid xlog type"},
		{"wrong signature", change(1, func(d []byte, _ []int) []byte {
			return []byte(strings.Replace(string(d), "VClock: {1: 3}", "VClock: {1: 4}", 1))
		}), "/d/00000000000000000003.xlog: signature check failed", "[1 2 3 7 8 9]", "signature check failed"},
		{"empty file", change(1, func(d []byte, _ []int) []byte { return nil }),
			"/d/00000000000000000003.xlog: Unexpected end of file, run with 'force_recovery = true'", "[1 2 3 7 8 9]", "Unexpected end"},
		{"broken block", change(1, func(d []byte, b []int) []byte { d[b[1]+25] ^= 1; return d }),
			"tx checksum mismatch at offset", "[1 2 3 4 6 7 8 9]", "can't open tx: tx checksum mismatch"},
		{"cut short in the middle", change(1, func(d []byte, b []int) []byte { return d[:b[2]+5] }),
			"the file was cut short: Missing .xlog file between LSN 5 {1: 5} and 6 {1: 6} at offset", "[1 2 3 4 5 7 8 9]", "ignoring a gap in LSN"},
		{"middle not closed, nothing lost", change(1, func(d []byte, b []int) []byte { return d[:len(d)-4] }),
			"told: file `/d/00000000000000000003.xlog` wasn't correctly closed", "[1 2 3 4 5 6 7 8 9]", "wasn't correctly closed"},
		{"last cut short", change(2, func(d []byte, b []int) []byte { return d[:b[2]+25] }),
			"told: file `/d/00000000000000000006.xlog` wasn't correctly closed", "[1 2 3 4 5 6 7 8]", "wasn't correctly closed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			disk, paths := chain(t)
			c.damage(t, disk, paths)
			before := map[string]string{}
			for _, path := range paths {
				if _, err := disk.Stat(path); err == nil {
					before[path] = string(content(t, disk, path))
				}
			}
			got := recoverDir(disk, RecoveryConfig{Instance: instance})
			if want, ok := strings.CutPrefix(c.strict, "told: "); ok {
				if got.err != nil || len(got.told) != 1 || !strings.HasPrefix(got.told[0], want) {
					t.Errorf("strict: %v, told %q; want %q", got.err, got.told, want)
				}
			} else if got.err == nil || !strings.Contains(got.err.Error(), c.strict) {
				t.Errorf("strict: %v, want %q", got.err, c.strict)
			}
			got = recoverDir(disk, RecoveryConfig{Instance: instance, Force: true})
			if got.err != nil || fmt.Sprint(got.lsns) != c.forced {
				t.Errorf("forced: rows %v, %v; want %s", got.lsns, got.err, c.forced)
			}
			if !strings.Contains(strings.Join(got.told, "\n"), c.told) {
				t.Errorf("forced: told %q, want %q", got.told, c.told)
			}
			for path, data := range before {
				if string(content(t, disk, path)) != data {
					t.Errorf("recovery changed %s", path)
				}
			}
		})
	}
}

// A length that swallows the blocks behind it must not pass for the end of the file.
func TestWrongLengthIsNotTheEnd(t *testing.T) {
	disk := newDisk(t)
	path, _ := writeLog(t, disk, "/d", clockOf(), false, 1, 1, 1)
	data := content(t, disk, path)
	blocks := blocksOf(data)
	data[blocks[1]+4] = 0x7f
	replace(t, disk, path, data)
	got := recoverDir(disk, RecoveryConfig{})
	var corrupt *CorruptError
	if !errors.As(got.err, &corrupt) || corrupt.Offset != int64(blocks[1]) || corrupt.File != path {
		t.Errorf("strict: %v", got.err)
	}
	got = recoverDir(disk, RecoveryConfig{Force: true})
	if got.err != nil || fmt.Sprint(got.lsns) != "[1 3]" {
		t.Errorf("forced: %+v", got)
	}
}

func TestReplicatedRecoveryLeavesLocalRowsOut(t *testing.T) {
	disk := newDisk(t)
	w, err := Create(disk, "/d", &Meta{FileType: Log, Instance: instance})
	if err != nil {
		t.Fatal(err)
	}
	w.Append(&Row{Type: Insert, GroupID: GroupLocal, LSN: 1, Body: body(513, 1, "")})
	w.Append(&Row{Type: Insert, ReplicaID: 1, LSN: 1, Body: body(512, 1, "")})
	if err := errors.Join(w.Finish(false), w.Publish(false), w.Close()); err != nil {
		t.Fatal(err)
	}
	writeLog(t, disk, "/d", clockOf(0, 1, 1, 1), true, 1)
	got := recoverDir(disk, RecoveryConfig{Replicated: true})
	if got.err != nil || fmt.Sprint(got.lsns) != "[1 2]" {
		t.Errorf("all: %+v", got)
	}
	got = recoverDir(disk, RecoveryConfig{Replicated: true, From: clockOf(1, 1)})
	if got.err != nil || fmt.Sprint(got.lsns) != "[2]" {
		t.Errorf("from a replica's clock: %+v", got)
	}
}

func TestCursorFollows(t *testing.T) {
	disk := newDisk(t)
	clock := systest.NewClock(time.Unix(0, 0))
	changed := make(chan struct{}, 1)
	c, err := NewCursor(CursorConfig{RecoveryConfig: RecoveryConfig{Disk: disk, Dir: "/d"}, Changed: changed, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	expect := func(lsn int64) {
		t.Helper()
		rows, err := c.TryNext()
		if lsn == 0 && err == io.EOF {
			return
		}
		if err != nil || len(rows) != 1 || rows[0].LSN != lsn {
			t.Fatalf("rows %v, %v; want %d", rows, err, lsn)
		}
	}
	expect(0)
	w, err := Create(disk, "/d", &Meta{FileType: Log, Instance: instance})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(false); err != nil {
		t.Fatal(err)
	}
	put := func(lsn int64) {
		t.Helper()
		w.Append(&Row{Type: Insert, ReplicaID: 1, LSN: lsn, Body: body(512, int(lsn), "")})
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	expect(0)
	put(1)
	put(2)
	expect(1)
	expect(2)
	expect(0)
	// A write that fails leaves half a block for a moment; the reader must not remember it.
	f, err := disk.OpenFile(w.Path(), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("\xd5\xba\x0b\xab\x7f\x00\xce\x01\x02\x03\x04\xa7\x00\x00\x00\x00\x00\x00\x00half"))
	expect(0)
	if err := w.Undo(w.Offset()); err != nil {
		t.Fatal(err)
	}
	put(3)
	expect(3)
	put(4)
	if err := errors.Join(w.Finish(false), w.Close()); err != nil {
		t.Fatal(err)
	}
	expect(4)
	expect(0)
	w, err = Create(disk, "/d", &Meta{FileType: Log, Instance: instance, VClock: clockOf(1, 4)})
	if err != nil {
		t.Fatal(err)
	}
	expect(0)
	if err := w.Publish(false); err != nil {
		t.Fatal(err)
	}
	put(5)
	expect(5)

	got := make(chan int64, 1)
	next := func(ctx context.Context) {
		rows, err := c.Next(ctx)
		if err != nil {
			got <- -1
			return
		}
		got <- rows[0].LSN
	}
	go next(context.Background())
	put(6)
	changed <- struct{}{}
	if lsn := <-got; lsn != 6 {
		t.Errorf("told of a change, read %d", lsn)
	}
	select {
	case <-changed:
	default:
	}
	c.config.Rescan = time.Second
	go next(context.Background())
	for clock.Pending() == 0 {
		time.Sleep(time.Millisecond)
	}
	put(7)
	clock.Advance(time.Second)
	if lsn := <-got; lsn != 7 {
		t.Errorf("looked again, read %d", lsn)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with a cancelled context: %v", err)
	}
	if v := c.VClock(); v != clockOf(1, 7) {
		t.Errorf("vclock %s", v)
	}
}

func snapshotConfig(disk *systest.Disk, v vclock.VClock) SnapshotConfig {
	return SnapshotConfig{Disk: disk, Clock: systest.NewClock(time.Unix(1000, 0)), Dir: "/d", Instance: instance, VClock: v}
}

func emitting(n int) func(func(*Row) error) error {
	return func(emit func(*Row) error) error {
		for i := range n {
			if err := emit(&Row{Type: Insert, Body: body(512, i, strings.Repeat(uuid.NewString(), 3))}); err != nil {
				return err
			}
		}
		return nil
	}
}

func names(t *testing.T, disk *systest.Disk) string {
	t.Helper()
	entries, err := disk.ReadDir("/d")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, strings.TrimLeft(e.Name(), "0"))
	}
	return strings.Join(list, " ")
}

func TestSnapshot(t *testing.T) {
	disk := newDisk(t)
	path, err := WriteSnapshot(context.Background(), snapshotConfig(disk, clockOf(0, 3, 1, 211)), emitting(5000))
	if err != nil || path != "/d/00000000000000000214.snap" {
		t.Fatalf("%s, %v", path, err)
	}
	next := int64(0)
	meta, err := ReadSnapshot(disk, path, false, nil, func(r *Row) error {
		if r.LSN != next || r.Timestamp != 1000 {
			return fmt.Errorf("row %+v", r)
		}
		next++
		return nil
	})
	if err != nil || next != 5000 || meta.VClock != clockOf(0, 3, 1, 211) || meta.HasPrev {
		t.Fatalf("%d rows, %+v, %v", next, meta, err)
	}
	if _, err := WriteSnapshot(context.Background(), snapshotConfig(disk, clockOf(0, 3, 1, 211)), emitting(1)); !errors.Is(err, os.ErrExist) {
		t.Errorf("the same again: %v", err)
	}
	stop := errors.New("stop")
	if _, err := ReadSnapshot(disk, path, false, nil, func(r *Row) error { return stop }); err != stop {
		t.Errorf("visit failed: %v", err)
	}
	data := content(t, disk, path)
	none := func(*Row) error { return nil }
	for _, force := range []bool{false, true} {
		for _, cut := range []int{1, 4, 100} {
			replace(t, disk, path, data[:len(data)-cut])
			var incomplete *NoEOFError
			if _, err := ReadSnapshot(disk, path, force, nil, none); !errors.As(err, &incomplete) || incomplete.Reason() != "snapshot `"+path+"' has no EOF marker" {
				t.Errorf("cut by %d: %v", cut, err)
			}
		}
	}
	broken := []byte(string(data))
	broken[len(data)/2] ^= 1
	replace(t, disk, path, broken)
	var corrupt *CorruptError
	if _, err := ReadSnapshot(disk, path, false, nil, none); !errors.As(err, &corrupt) || corrupt.Reason != "tx checksum mismatch" || !strings.Contains(err.Error(), "older snapshot") {
		t.Errorf("broken block: %v", err)
	}
	rows := 0
	if _, err := ReadSnapshot(disk, path, true, nil, func(*Row) error { rows++; return nil }); err != nil || rows == 0 || rows >= 5000 {
		t.Errorf("broken block, forced: %d rows, %v", rows, err)
	}
	log, _ := writeLog(t, disk, "/d", clockOf(), true, 1)
	if _, err := ReadSnapshot(disk, log, false, nil, none); err == nil || !strings.Contains(err.Error(), "expected SNAP, got XLOG") {
		t.Errorf("a log read as a snapshot: %v", err)
	}
}

func TestSnapshotFailuresLeaveNothing(t *testing.T) {
	stop := errors.New("stop")
	for _, op := range []systest.Op{systest.OpCreate, systest.OpWrite, systest.OpSync} {
		disk := newDisk(t)
		disk.Fail(func(o systest.Op, name string) error {
			if o == op {
				return stop
			}
			return nil
		})
		if _, err := WriteSnapshot(context.Background(), snapshotConfig(disk, clockOf(1, 1)), emitting(5000)); !errors.Is(err, stop) {
			t.Errorf("%s: %v", op, err)
		}
		disk.Fail(nil)
		if got := names(t, disk); got != "" {
			t.Errorf("%s: left %s", op, got)
		}
	}
	disk := newDisk(t)
	if _, err := WriteSnapshot(context.Background(), snapshotConfig(disk, clockOf(1, 1)), func(func(*Row) error) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("iterator: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := WriteSnapshot(ctx, snapshotConfig(disk, clockOf(1, 1)), emitting(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got := names(t, disk); got != "" {
		t.Errorf("left %s", got)
	}
}

func TestSnapshotRateLimit(t *testing.T) {
	disk := newDisk(t)
	config := snapshotConfig(disk, clockOf(1, 1))
	clock := config.Clock.(*systest.Clock)
	config.RateLimit = 100 << 10
	done := make(chan error, 1)
	go func() {
		_, err := WriteSnapshot(context.Background(), config, emitting(10000))
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			seconds := clock.Monotonic().Seconds()
			if want := float64(disk.Used()) / float64(config.RateLimit); seconds < want*0.7 || seconds > want+1 {
				t.Errorf("took %v seconds, want %v", seconds, want)
			}
			return
		default:
			if clock.Pending() > 0 {
				clock.Advance(100 * time.Millisecond)
			} else {
				time.Sleep(100 * time.Microsecond)
			}
		}
	}
}

func TestCollector(t *testing.T) {
	disk := newDisk(t)
	var v vclock.VClock
	for range 5 {
		if _, err := WriteSnapshot(context.Background(), snapshotConfig(disk, v), emitting(1)); err != nil {
			t.Fatal(err)
		}
		_, v = writeLog(t, disk, "/d", v, true, 1, 1)
	}
	snaps := Dir{Disk: disk, Path: "/d", Type: Snapshot, Instance: instance}
	logs := Dir{Disk: disk, Path: "/d", Type: Log, Instance: instance}
	c, err := NewCollector(snaps, logs, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	collect := func(step, want string) {
		t.Helper()
		if _, err := c.Collect(); err != nil {
			t.Fatal(err)
		}
		if got := names(t, disk); got != want {
			t.Errorf("%s: files %s\nwant %s", step, got, want)
		}
	}
	backup, ok := c.PinCheckpoint("backup", 3)
	if _, far := c.PinCheckpoint("backup", 5); !ok || far {
		t.Fatal("wrong answers about checkpoints")
	}
	replica := c.PinLogs("replica", clockOf(1, 5))
	collect("pinned by a backup", "2.snap 2.xlog 4.xlog 6.snap 6.xlog 8.snap 8.xlog")
	if list := c.Checkpoints(); len(list) != 3 || fmt.Sprint(list[0].Pins) != "[backup]" || list[0].VClock != clockOf(1, 2) {
		t.Errorf("checkpoints %+v", list)
	}
	if files, err := backup.Files(); err != nil || fmt.Sprint(files) != "[/d/00000000000000000002.snap]" {
		t.Errorf("backup of %v, %v", files, err)
	}
	backup.Release()
	collect("pinned by a replica", "4.xlog 6.snap 6.xlog 8.snap 8.xlog")
	if pins := c.Pins(); len(pins) != 1 || pins["replica"] != clockOf(1, 5) {
		t.Errorf("pins %v", pins)
	}
	replica.Advance(clockOf(1, 6))
	collect("the replica went on", "6.snap 6.xlog 8.snap 8.xlog")
	c.SetKeep(1)
	replica.Release()
	broken := errors.New("broken")
	disk.Fail(func(op systest.Op, name string) error {
		if op == systest.OpRemove {
			return broken
		}
		return nil
	})
	if removed, err := c.Collect(); !errors.Is(err, broken) || len(removed) > 0 {
		t.Errorf("removed %v, %v", removed, err)
	}
	disk.Fail(nil)
	collect("one checkpoint", "8.snap 8.xlog")
	if _, err := WriteSnapshot(context.Background(), snapshotConfig(disk, v), emitting(1)); err != nil {
		t.Fatal(err)
	}
	collect("a snapshot that nobody announced", "8.snap 8.xlog 10.snap")
	c.AddCheckpoint(v)
	c.AddCheckpoint(v)
	collect("announced", "8.xlog 10.snap")
	writeLog(t, disk, "/d", v, true, 1)
	collect("and written to", "10.snap 10.xlog")
}
