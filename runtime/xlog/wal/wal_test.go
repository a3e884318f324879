package wal_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/tinylib/msgp/msgp"

	"shardlua/runtime/sys"
	"shardlua/runtime/sys/systest"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
	"shardlua/runtime/xlog/wal"
)

var instance = uuid.MustParse("f41ecbc3-c189-4393-9424-5951575390b0")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newDisk(t testing.TB) *systest.Disk {
	t.Helper()
	disk := systest.NewDisk()
	must(t, disk.MkdirAll("/d", 0o755))
	must(t, disk.SyncDir("/"))
	return disk
}

func config(disk sys.Disk, mode wal.Mode) wal.Config {
	return wal.Config{Dir: "/d", Mode: mode, Instance: instance, InstanceID: 1, Disk: disk, Clock: sys.NewClock()}
}

func open(t testing.TB, c wal.Config) *wal.Log {
	t.Helper()
	l, err := wal.Open(c)
	must(t, err)
	return l
}

func insert(key int) xlog.Row {
	b := msgp.AppendMapHeader(nil, 2)
	b = msgp.AppendInt(b, 0x10)
	b = msgp.AppendInt(b, 512)
	b = msgp.AppendInt(b, 0x21)
	b = msgp.AppendArrayHeader(b, 2)
	b = msgp.AppendInt(b, key)
	b = msgp.AppendString(b, strings.Repeat("v", key%50))
	return xlog.Row{Type: xlog.Insert, Body: b}
}

func local(row xlog.Row) xlog.Row {
	row.GroupID = xlog.GroupLocal
	return row
}

// put submits a transaction and waits for its end.
func put(t testing.TB, l *wal.Log, rows ...xlog.Row) error {
	t.Helper()
	done := make(chan error, 1)
	if err := l.Submit(&wal.Tx{Rows: rows, Done: func(err error) { done <- err }}); err != nil {
		return err
	}
	return <-done
}

type recovered struct {
	txs    [][]xlog.Row
	vclock vclock.VClock
	warned []string
}

func recoverAll(t testing.TB, disk sys.Disk, from vclock.VClock) recovered {
	t.Helper()
	var got recovered
	r, err := xlog.NewRecovery(xlog.RecoveryConfig{Disk: disk, Dir: "/d", Instance: instance, From: from,
		Events: func(e xlog.Event) {
			if e.Level != xlog.Info {
				got.warned = append(got.warned, e.Text)
			}
		}})
	must(t, err)
	for {
		rows, err := r.Next()
		if err == io.EOF {
			break
		}
		must(t, err)
		tx := make([]xlog.Row, len(rows))
		for i, row := range rows {
			row.Body = append([]byte(nil), row.Body...)
			tx[i] = row
		}
		got.txs = append(got.txs, tx)
	}
	_, err = r.Finish()
	must(t, err)
	got.vclock = r.VClock()
	return got
}

func names(t testing.TB, disk sys.Disk) string {
	t.Helper()
	entries, err := disk.ReadDir("/d")
	must(t, err)
	var list []string
	for _, e := range entries {
		list = append(list, strings.TrimLeft(e.Name(), "0"))
	}
	return strings.Join(list, " ")
}

func TestWriteRotateCloseRecover(t *testing.T) {
	for _, mode := range []wal.Mode{wal.Write, wal.Fsync} {
		t.Run(mode.String(), func(t *testing.T) {
			disk := newDisk(t)
			l := open(t, config(disk, mode))
			must(t, put(t, l, insert(1)))
			must(t, put(t, l, insert(2), insert(3)))
			v, err := l.Rotate()
			must(t, err)
			if v.String() != "{1: 3}" {
				t.Errorf("rotated at %s", v)
			}
			if again, err := l.Rotate(); err != nil || again != v {
				t.Errorf("rotated again at %s, %v", again, err)
			}
			must(t, put(t, l, insert(4)))
			must(t, l.Sync())
			must(t, l.Close())
			if got := names(t, disk); got != ".xlog 3.xlog 4.xlog" {
				t.Errorf("files %s", got)
			}
			if err := l.Submit(&wal.Tx{Rows: []xlog.Row{insert(5)}}); err != wal.ErrClosed {
				t.Errorf("submit to a closed log: %v", err)
			}
			if err := l.Close(); err != wal.ErrClosed {
				t.Errorf("closing twice: %v", err)
			}
			got := recoverAll(t, disk, vclock.VClock{})
			if len(got.txs) != 3 || len(got.txs[1]) != 2 || got.vclock.String() != "{1: 4}" || len(got.warned) > 0 {
				t.Errorf("recovered %+v", got)
			}
			// Going on takes the empty file over instead of making another.
			c := config(disk, mode)
			c.VClock = got.vclock
			l = open(t, c)
			must(t, put(t, l, insert(5)))
			must(t, l.Close())
			if got := names(t, disk); got != ".xlog 3.xlog 4.xlog 5.xlog" {
				t.Errorf("files %s", got)
			}
			files, err := xlog.Dir{Disk: disk, Path: "/d", Type: xlog.Log}.List(false, nil)
			must(t, err)
			for i, want := range []string{"", "{}", "{1: 3}", "{1: 4}"} {
				if m := files[i].Meta; m.HasPrev != (i > 0) || m.HasPrev && m.PrevVClock.String() != want {
					t.Errorf("%s: PrevVClock %v %s", files[i].Path, m.HasPrev, m.PrevVClock)
				}
			}
			if got := recoverAll(t, disk, got.vclock); len(got.txs) != 1 || got.txs[0][0].LSN != 5 {
				t.Errorf("recovered from the middle: %+v", got)
			}
		})
	}
}

func TestModeNone(t *testing.T) {
	disk := newDisk(t)
	l := open(t, config(disk, wal.None))
	done := false
	must(t, l.Submit(&wal.Tx{Rows: []xlog.Row{insert(1)}, Done: func(err error) { done = err == nil }}))
	if v := l.VClock(); !done || v.String() != "{1: 1}" {
		t.Errorf("done %v, vclock %s", done, v)
	}
	_, err := l.Rotate()
	must(t, err)
	must(t, l.Close())
	if got := names(t, disk); got != "" {
		t.Errorf("files %s", got)
	}
}

func TestNumbering(t *testing.T) {
	remote := func(id uint32, lsn, tsn int64) xlog.Row {
		row := insert(int(lsn))
		row.ReplicaID, row.LSN, row.TSN = id, lsn, tsn
		return row
	}
	disk := newDisk(t)
	l := open(t, config(disk, wal.Write))
	for _, rows := range [][]xlog.Row{
		{insert(1)},
		{local(insert(1)), insert(2)},
		{insert(3), local(insert(2))},
		{local(insert(3)), local(insert(4))},
		{remote(2, 10, 10), remote(2, 11, 10), local(insert(5))},
	} {
		must(t, put(t, l, rows...))
	}
	var got []string
	for _, tx := range recoverAll(t, disk, vclock.VClock{}).txs {
		var line []string
		for _, r := range tx {
			line = append(line, fmt.Sprintf("%d:%d:%d", r.ReplicaID, r.LSN, r.TSN))
			if r.Timestamp == 0 {
				t.Errorf("row %+v has no time", r)
			}
		}
		got = append(got, strings.Join(line, " "))
	}
	want := "1:1:1|0:1:2 1:2:2|1:3:3 0:2:3 1:4:3|0:3:3 0:4:3|0:5:10 2:10:10 2:11:10"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("numbered %s\nwant     %s", s, want)
	}
	for name, rows := range map[string][]xlog.Row{
		"no rows":             {},
		"old row":             {remote(2, 11, 11)},
		"replica id too high": {remote(32, 1, 1)},
		"mixed":               {remote(3, 1, 1), insert(1)},
	} {
		if err := put(t, l, rows...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if v := l.Assigned(); v.String() != "{0: 5, 1: 4, 2: 11}" {
		t.Errorf("refused transactions moved the clock: %s", v)
	}
	must(t, l.Close())
}

func TestGroupCommitKeepsOrder(t *testing.T) {
	disk := newDisk(t)
	var mu sync.Mutex
	writes := 0
	disk.Fail(func(op systest.Op, name string) error {
		if op == systest.OpWrite {
			mu.Lock()
			writes++
			mu.Unlock()
			time.Sleep(time.Millisecond)
		}
		return nil
	})
	l := open(t, config(disk, wal.Fsync))
	const n = 2000
	var order []int
	for i := range n {
		must(t, l.Submit(&wal.Tx{Rows: []xlog.Row{insert(i)}, Done: func(err error) {
			if err == nil {
				order = append(order, i)
			}
		}}))
	}
	must(t, l.Close())
	for i := range order {
		if order[i] != i {
			t.Fatalf("transaction %d ended as number %d", order[i], i)
		}
	}
	if len(order) != n || writes > n/10 {
		t.Errorf("%d of %d transactions took %d writes", len(order), n, writes)
	}
	if got := recoverAll(t, disk, vclock.VClock{}); len(got.txs) != n {
		t.Errorf("recovered %d", len(got.txs))
	}
}

func TestRotationBySize(t *testing.T) {
	disk := newDisk(t)
	c := config(disk, wal.Write)
	c.MaxSize = 1000
	l := open(t, c)
	for i := range 100 {
		must(t, put(t, l, insert(i)))
	}
	must(t, l.Close())
	files, err := xlog.Dir{Disk: disk, Path: "/d", Type: xlog.Log}.List(false, nil)
	must(t, err)
	if len(files) < 5 {
		t.Errorf("only %d files", len(files))
	}
	if got := recoverAll(t, disk, vclock.VClock{}); len(got.txs) != 100 || len(got.warned) > 0 {
		t.Errorf("recovered %d, %v", len(got.txs), got.warned)
	}
}

// When a write fails, what was submitted is undone in reverse order, and the log goes on with the same numbers.
func TestFullDisk(t *testing.T) {
	for _, manual := range []bool{false, true} {
		disk := newDisk(t)
		c := config(disk, wal.Write)
		c.ManualResume = manual
		l := open(t, c)
		must(t, put(t, l, insert(1)))
		disk.SetCapacity(disk.Used() + 10)
		hold := make(chan struct{})
		disk.Fail(func(op systest.Op, name string) error {
			if op == systest.OpWrite {
				<-hold
			}
			return nil
		})
		var undone []int
		var wg sync.WaitGroup
		for i := 2; i < 10; i++ {
			wg.Add(1)
			must(t, l.Submit(&wal.Tx{Rows: []xlog.Row{insert(i)}, Done: func(err error) {
				defer wg.Done()
				var failure *wal.WriteError
				if !errors.As(err, &failure) || !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("transaction %d: %v", i, err)
				}
				undone = append(undone, i)
				if err := l.Submit(&wal.Tx{Rows: []xlog.Row{insert(99)}}); !errors.As(err, &failure) || !failure.Cascade {
					t.Errorf("submit while undoing: %v", err)
				}
			}}))
		}
		close(hold)
		wg.Wait()
		if fmt.Sprint(undone) != "[9 8 7 6 5 4 3 2]" {
			t.Errorf("undone in the order %v", undone)
		}
		disk.Fail(nil)
		disk.SetCapacity(-1)
		if manual {
			if err := put(t, l, insert(2)); err == nil {
				t.Error("the log goes on before Resume")
			}
			l.Resume()
		}
		must(t, l.Sync()) // the log's goroutine has left the failure behind
		must(t, put(t, l, insert(2)))
		must(t, l.Close())
		got := recoverAll(t, disk, vclock.VClock{})
		if len(got.txs) != 2 || got.vclock.String() != "{1: 2}" || len(got.warned) > 0 {
			t.Errorf("recovered %+v", got)
		}
	}
}

func TestFailuresOfEveryKind(t *testing.T) {
	broken := errors.New("broken")
	for _, op := range []systest.Op{systest.OpCreate, systest.OpWrite, systest.OpSync, systest.OpRename, systest.OpSyncDir} {
		for skip := range 3 {
			disk := newDisk(t)
			c := config(disk, wal.Fsync)
			c.MaxSize = 150
			l := open(t, c)
			failing, seen := false, 0
			disk.Fail(func(o systest.Op, name string) error {
				if failing && o == op {
					if seen++; seen > skip {
						failing = false
						return broken
					}
				}
				return nil
			})
			var acknowledged []int
			for i := range 12 {
				failing = false
				must(t, l.Sync())
				failing = i >= 2 && seen <= skip
				if err := put(t, l, insert(i)); err == nil {
					acknowledged = append(acknowledged, i)
				} else if !errors.Is(err, broken) {
					t.Fatalf("%s %d: transaction %d: %v", op, skip, i, err)
				}
			}
			disk.Fail(nil)
			must(t, l.Close())
			got := recoverAll(t, disk, vclock.VClock{})
			if len(got.txs) != len(acknowledged) || len(got.warned) > 0 || len(acknowledged) < 11 {
				t.Errorf("%s %d: %d acknowledged, %d recovered, %v", op, skip, len(acknowledged), len(got.txs), got.warned)
			}
		}
	}
}

func TestMakeRoom(t *testing.T) {
	disk := newDisk(t)
	c := config(disk, wal.Write)
	asked := 0
	c.MakeRoom = func() bool {
		asked++
		disk.SetCapacity(-1)
		return true
	}
	l := open(t, c)
	must(t, put(t, l, insert(1)))
	disk.SetCapacity(disk.Used())
	must(t, put(t, l, insert(2)))
	must(t, l.Close())
	if got := recoverAll(t, disk, vclock.VClock{}); asked != 1 || len(got.txs) != 2 {
		t.Errorf("asked %d times, recovered %d", asked, len(got.txs))
	}
}

// Whenever the power fails, what was acknowledged in mode fsync is there afterwards, whole and in order, and what was
// not acknowledged is there wholly or not at all. And the same for the instance that goes on, several times over.
func TestPowerFailures(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		disk := newDisk(t)
		var state vclock.VClock
		var mu sync.Mutex
		sizes := map[int64]int{} // transaction number: rows
		var acknowledged int64   // last row that was
		for range 4 {
			c := config(disk, wal.Fsync)
			c.VClock, c.MaxSize = state, 2000
			l := open(t, c)
			stop := rng.IntN(400)
			ops := 0
			crashed := make(chan struct{})
			var once sync.Once
			dead := errors.New("no power")
			disk.Fail(func(op systest.Op, name string) error {
				if op == systest.OpWrite || op == systest.OpSync || op == systest.OpRename || op == systest.OpSyncDir {
					if ops++; ops > stop/10 {
						once.Do(func() { close(crashed) })
						return dead
					}
				}
				return nil
			})
			for i := 0; ; i++ {
				n := 1 + rng.IntN(4)
				rows := make([]xlog.Row, n)
				for j := range rows {
					rows[j] = insert(i*10 + j)
				}
				first := l.Assigned()
				tx := &wal.Tx{Rows: rows}
				last := first.Get(1) + int64(n)
				tx.Done = func(err error) {
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						acknowledged = last
						sizes[last-int64(n)+1] = n
					}
				}
				if l.Submit(tx) != nil {
					break
				}
				if i%3 == 0 && l.Sync() != nil {
					break
				}
				select {
				case <-crashed:
				default:
					continue
				}
				break
			}
			l.Close()
			disk.Fail(nil)
			disk.Crash(rng)
			got := recoverAll(t, disk, vclock.VClock{})
			if got.vclock.Get(1) < acknowledged {
				t.Fatalf("seed %d: recovered up to %s, acknowledged up to %d; files %s", seed, got.vclock, acknowledged, names(t, disk))
			}
			next := int64(1)
			for _, tx := range got.txs {
				if want, ok := sizes[tx[0].LSN]; ok && want != len(tx) || tx[0].LSN != next {
					t.Fatalf("seed %d: transaction at %d has %d rows, want %d, expected at %d", seed, tx[0].LSN, len(tx), want, next)
				}
				sizes[tx[0].LSN] = len(tx)
				next = tx[len(tx)-1].LSN + 1
			}
			state, acknowledged = got.vclock, got.vclock.Get(1)
		}
	}
}

func TestBrokenFileIsKeptAside(t *testing.T) {
	disk := newDisk(t)
	l := open(t, config(disk, wal.Write))
	must(t, put(t, l, insert(1)))
	must(t, l.Close())
	f, err := disk.OpenFile("/d/00000000000000000001.xlog", os.O_RDWR|os.O_APPEND, 0)
	must(t, err)
	info, err := f.Stat()
	must(t, err)
	must(t, f.Truncate(info.Size()-4))
	_, err = f.Write([]byte("\xd5\xba\x0b\xab\x30\x00\xcegarbage"))
	must(t, err)
	must(t, f.Close())
	got := recoverAll(t, disk, vclock.VClock{})
	if len(got.warned) != 1 || !strings.Contains(got.warned[0], "wasn't correctly closed") {
		t.Fatalf("told %v", got.warned)
	}
	c := config(disk, wal.Write)
	c.VClock = got.vclock
	l = open(t, c)
	must(t, put(t, l, insert(2)))
	must(t, l.Close())
	if got := names(t, disk); got != ".xlog 1.xlog 1.xlog.broken.1 2.xlog" {
		t.Errorf("files %s", got)
	}
	if got := recoverAll(t, disk, vclock.VClock{}); len(got.txs) != 2 || len(got.warned) > 0 {
		t.Errorf("recovered %+v", got)
	}
}

func TestParseMode(t *testing.T) {
	for _, mode := range []wal.Mode{wal.None, wal.Write, wal.Fsync} {
		if got, err := wal.ParseMode(mode.String()); err != nil || got != mode {
			t.Errorf("%s: %v, %v", mode, got, err)
		}
	}
	if _, err := wal.ParseMode("sync"); err == nil {
		t.Error("sync is a mode")
	}
}

func benchmark(b *testing.B, mode wal.Mode) {
	c := config(sys.RealDisk{}, mode)
	c.Dir = b.TempDir()
	l := open(b, c)
	row := insert(40)
	var pending sync.WaitGroup
	gate := make(chan struct{}, 1024) // what a busy instance has in flight
	b.ReportAllocs()
	for b.Loop() {
		gate <- struct{}{}
		pending.Add(1)
		must(b, l.Submit(&wal.Tx{Rows: []xlog.Row{row}, Done: func(err error) {
			if err != nil {
				b.Error(err)
			}
			<-gate
			pending.Done()
		}}))
	}
	pending.Wait()
	must(b, l.Close())
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
}

func BenchmarkNone(b *testing.B)  { benchmark(b, wal.None) }
func BenchmarkWrite(b *testing.B) { benchmark(b, wal.Write) }
func BenchmarkFsync(b *testing.B) { benchmark(b, wal.Fsync) }

// Rows whose sync is under way, and may fail, are no rows yet: who reads the logs within the limit does not get them, and
// gets those that take their place.
func TestLimitEndsAtWhatIsWritten(t *testing.T) {
	disk := &systest.SyncGate{Disk: newDisk(t)}
	c := config(disk, wal.Fsync)
	c.MaxSize = 400
	l := open(t, c)
	limited := xlog.RecoveryConfig{Disk: disk, Dir: "/d", Instance: instance, Limit: l.Limit}
	whole := limited
	whole.Limit = nil
	reader, err := xlog.NewRecovery(limited)
	must(t, err)
	read := func(r *xlog.Recovery) (keys string) {
		t.Helper()
		for {
			rows, err := r.Next()
			if err == io.EOF {
				return keys
			}
			must(t, err)
			keys += fmt.Sprintf("%d:%d ", rows[0].LSN, rows[0].Body[7])
		}
	}
	for round := range 8 { // over several files
		key := 10 * round
		must(t, put(t, l, insert(key)))
		held := disk.Hold()
		failed := make(chan error, 1)
		go func() { failed <- put(t, l, insert(key+1)) }()
		<-held.Begun()
		if all, err := xlog.NewRecovery(whole); err != nil {
			t.Fatal(err)
		} else if got := read(all); !strings.HasSuffix(got, fmt.Sprintf(":%d ", key+1)) {
			t.Fatalf("the file does not show what is not synced: %s", got)
		}
		got, want := read(reader), fmt.Sprintf("%d:%d ", 2*round+1, key)
		held.End(syscall.EIO)
		if err := <-failed; !errors.Is(err, syscall.EIO) {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("round %d: %q while the sync is under way, want %q", round, got, want)
		}
		must(t, put(t, l, insert(key+2)))
		if got, want := read(reader), fmt.Sprintf("%d:%d ", 2*round+2, key+2); got != want {
			t.Errorf("round %d: %q after the sync has failed, want %q", round, got, want)
		}
	}
	if files := strings.Count(names(t, disk), ".xlog"); files < 3 {
		t.Errorf("only %d files", files)
	}
	must(t, l.Close())
	if got := read(reader); got != "" {
		t.Errorf("%q at the end", got)
	}
}
