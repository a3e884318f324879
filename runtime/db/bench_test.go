package db

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"shardlua/runtime/tuple/mp"
)

// twoIndexes makes a space with a numeric primary and a second numeric index.
func twoIndexes(t testing.TB) (*Space, *Context) {
	d, c := newDB(t, Options{})
	put(t, c, spaceID, `[512,1,"test","memtx",0,{},[]]`)
	put(t, c, indexID, `[512,0,"pk","tree",{"unique":true},[[0,"unsigned"]]]`)
	put(t, c, indexID, `[512,1,"sk","tree",{"unique":true},[[1,"unsigned"]]]`)
	return d.Space(512), c
}

func benchRow(b []byte, i, j uint64) []byte {
	b = mp.AppendArrayHeader(b[:0], 3)
	b = mp.AppendUint(b, i)
	b = mp.AppendUint(b, j)
	return mp.AppendString(b, "some payload text")
}

func BenchmarkInsertAscending(b *testing.B) {
	s, c := twoIndexes(b)
	var row []byte
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		row = benchRow(row, uint64(i), uint64(i))
		if _, err := s.Insert(c, row); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInsertRandom(b *testing.B) {
	s, c := twoIndexes(b)
	order := rand.New(rand.NewPCG(1, 2)).Perm(b.N)
	var row []byte
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		row = benchRow(row, uint64(i), uint64(order[i]))
		if _, err := s.Insert(c, row); err != nil {
			b.Fatal(err)
		}
	}
}

func fill(b testing.TB, n int) (*Space, *Context) {
	s, c := twoIndexes(b)
	var row []byte
	for i := range n {
		row = benchRow(row, uint64(i), uint64(i))
		if _, err := s.Insert(c, row); err != nil {
			b.Fatal(err)
		}
	}
	return s, c
}

func BenchmarkGet(b *testing.B) {
	s, c := fill(b, 1_000_000)
	b.ReportAllocs()
	b.ResetTimer()
	var key []byte
	for i := range b.N {
		key = mp.AppendUint(mp.AppendArrayHeader(key[:0], 1), uint64(i*7919%1_000_000))
		if t, err := s.Get(c, 0, key); t == nil || err != nil {
			b.Fatal(t, err)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	s, c := fill(b, 1_000_000)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		it, err := s.Iterate(c, 0, ALL, nil)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for it.Next() != nil {
			n++
		}
		if n != 1_000_000 {
			b.Fatal(n)
		}
	}
}

// BenchmarkMemory reports what a million tuples with two indexes take: on the
// heap after a collection, and in the process as the collector lets it grow.
func BenchmarkMemory(b *testing.B) {
	for _, shuffled := range []bool{false, true} {
		b.Run(fmt.Sprintf("shuffled=%v", shuffled), func(b *testing.B) {
			var before, after runtime.MemStats
			for range b.N {
				debug.FreeOSMemory()
				runtime.ReadMemStats(&before)
				empty, began := resident(b), cpuTime()
				s, c := twoIndexes(b)
				var row []byte
				for i := range uint64(1_000_000) {
					second := i
					if shuffled {
						second = i * 7919 % 1_000_003
					}
					row = benchRow(row, i, second)
					if _, err := s.Insert(c, row); err != nil {
						b.Fatal(err)
					}
				}
				spent, full := cpuTime()-began, resident(b)
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-live")
				b.ReportMetric(float64(full-empty)/(1<<20), "MiB-resident")
				b.ReportMetric(float64(spent)/1_000_000, "cpu-ns/insert")
				runtime.KeepAlive(s)
			}
		})
	}
}

// resident returns the memory of the process in bytes.
func resident(b *testing.B) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return kib << 10
}

// cpuTime returns what the process has used of all processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkIndexBuild adds an index to a million tuples, in the order of the
// primary key and against it.
func BenchmarkIndexBuild(b *testing.B) {
	s, c := twoIndexes(b)
	var row []byte
	for i := range uint64(1_000_000) {
		row = benchRow(row, i, i*6364136223846793005>>20)
		if _, err := s.Insert(c, row); err != nil {
			b.Fatal(err)
		}
	}
	for name, parts := range map[string]string{"rising": `[[0,"unsigned"]]`, "random": `[[1,"unsigned"],[0,"unsigned"]]`} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				put(b, c, indexID, `[512,2,"more","tree",{"unique":true},`+parts+`]`)
				if _, err := s.db.Space(indexID).Delete(c, 0, pack(b, `[512,2]`)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReplaceMoving replaces a million tuples such that each moves in the
// second index: out of a random place, to behind those that came before.
func BenchmarkReplaceMoving(b *testing.B) {
	const rows = 1_000_000
	s, c := twoIndexes(b)
	var row []byte
	for i := range uint64(rows) {
		row = benchRow(row, i, i*7919%rows)
		if _, err := s.Insert(c, row); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		n := uint64(i % rows)
		row = benchRow(row, n, rows+uint64(i))
		if _, err := s.Replace(c, row); err != nil {
			b.Fatal(err)
		}
	}
}
