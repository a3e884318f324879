package db

import (
	"math/rand/v2"
	"runtime"
	"testing"

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

// BenchmarkMemory reports what a million tuples with two indexes take.
func BenchmarkMemory(b *testing.B) {
	var before, after runtime.MemStats
	for range b.N {
		runtime.GC()
		runtime.ReadMemStats(&before)
		s, _ := fill(b, 1_000_000)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB/1M")
		runtime.KeepAlive(s)
	}
}
