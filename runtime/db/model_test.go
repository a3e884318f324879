package db

import (
	"errors"
	"fmt"
	"maps"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// heldJournal answers when the test says so.
type heldJournal struct {
	held  []func(error)
	rows  []Row
	hold  bool
	queue [][]Row
}

func (j *heldJournal) Submit(rows []*Row, done func(error)) {
	var copied []Row
	for _, r := range rows {
		copied = append(copied, *r)
	}
	if !j.hold {
		j.rows = append(j.rows, copied...)
		done(nil)
		return
	}
	j.queue = append(j.queue, copied)
	j.held = append(j.held, done)
}

// answer completes the first of the held transactions.
func (j *heldJournal) answer(err error) {
	done, rows := j.held[0], j.queue[0]
	j.held, j.queue = j.held[1:], j.queue[1:]
	if err == nil {
		j.rows = append(j.rows, rows...)
	}
	done(err)
}

// goFibers runs fibers as goroutines that hand a baton around.
type goFibers struct{ baton chan struct{} }

func (g *goFibers) Park(start func(wake func())) {
	ready := make(chan struct{})
	start(func() { close(ready) })
	g.baton <- struct{}{}
	<-ready
	<-g.baton
}

// modelRow is a tuple of the model: second is -1 for nil.
type modelRow struct {
	second int
	list   string
}

type model map[int]modelRow

func (m model) encode(id int) []byte {
	r := m[id]
	b := mp.AppendUint(mp.AppendArrayHeader(nil, 3), uint64(id))
	if r.second < 0 {
		b = mp.AppendNil(b)
	} else {
		b = mp.AppendUint(b, uint64(r.second))
	}
	b = mp.AppendArrayHeader(b, len(r.list))
	for _, c := range r.list {
		b = mp.AppendString(b, string(c))
	}
	return b
}

// taken reports whether another tuple has the second field.
func (m model) taken(id, second int) bool {
	for other, r := range m {
		if other != id && second >= 0 && r.second == second {
			return true
		}
	}
	return false
}

func (m model) ids() []int {
	ids := make([]int, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	sort.Ints(ids)
	return ids
}

const modelSpace = 512

func modelDB(t testing.TB, j Journal, w Waiter) (*DB, *Context) {
	d, c := newDB(t, Options{Waiter: w})
	put(t, c, spaceID, `[512,1,"model","memtx",0,{},[]]`)
	put(t, c, indexID, `[512,0,"pk","tree",{"unique":true},[[0,"unsigned"]]]`)
	put(t, c, indexID, `[512,1,"second","tree",{"unique":true},[{"field":1,"type":"unsigned","is_nullable":true}]]`)
	put(t, c, indexID, `[512,2,"list","tree",{"unique":false},[{"field":2,"type":"string","path":"[*]"}]]`)
	put(t, c, indexID, `[512,3,"hash","hash",{"unique":true},[[0,"unsigned"]]]`)
	d.SetJournal(j)
	return d, c
}

// compare fails unless the space holds what the model says.
func (m model) compare(t *rapid.T, d *DB, c *Context) {
	got, err := d.Space(modelSpace).Select(c, 0, ALL, 0, 1000, nil)
	if err != nil {
		t.Fatal(err)
	}
	ids := m.ids()
	if len(got) != len(ids) {
		t.Fatalf("%d tuples, the model has %d", len(got), len(ids))
	}
	for i, id := range ids {
		if string(got[i].Data()) != string(m.encode(id)) {
			t.Fatalf("tuple %d is %x, in the model %x", i, got[i].Data(), m.encode(id))
		}
	}
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
}

// step makes one random change in the database and in the model.
func (m model) step(t *rapid.T, d *DB, c *Context) {
	s := d.Space(modelSpace)
	id := rapid.IntRange(0, 12).Draw(t, "id")
	r := modelRow{rapid.IntRange(-1, 6).Draw(t, "second"), rapid.SampledFrom([]string{"", "a", "aa", "ab", "bca"}).Draw(t, "list")}
	next := maps.Clone(m)
	next[id] = r
	key := mp.AppendUint(mp.AppendArrayHeader(nil, 1), uint64(id))
	_, had := m[id]
	dup := m.taken(id, r.second)
	var err error
	switch op := rapid.SampledFrom([]string{"insert", "replace", "delete", "update", "upsert"}).Draw(t, "op"); op {
	case "insert":
		dup = dup || had
		_, err = s.Insert(c, next.encode(id))
	case "replace":
		_, err = s.Replace(c, next.encode(id))
	case "delete":
		dup = false
		delete(next, id)
		_, err = s.Delete(c, uint32(rapid.SampledFrom([]int{0, 3}).Draw(t, "by")), key)
	case "update":
		ops := mp.AppendArrayHeader(nil, 2)
		ops = append(append(ops, setOp(1, next.encode(id))...), setOp(2, next.encode(id))...)
		if !had {
			dup = false
			delete(next, id)
		}
		_, err = s.Update(c, 0, key, ops, 0)
	case "upsert":
		ops := append(mp.AppendArrayHeader(nil, 1), setOp(1, next.encode(id))...)
		if had {
			next[id] = modelRow{r.second, m[id].list}
		}
		err = s.Upsert(c, modelWith(id, r).encode(id), ops, 0)
	}
	if dup != errors.Is(err, boxerr.TupleFound) || !dup && err != nil {
		t.Fatalf("duplicate: %v, error: %v", dup, err)
	}
	if !dup {
		clear(m)
		maps.Copy(m, next)
	}
}

func modelWith(id int, r modelRow) model { return model{id: r} }

// setOp assigns field i of a packed tuple.
func setOp(i int, data []byte) []byte {
	_, pos := mp.ArrayHeader(data)
	pos += mp.SkipN(data[pos:], i)
	b := mp.AppendString(mp.AppendArrayHeader(nil, 3), "=")
	b = mp.AppendUint(b, uint64(i))
	return append(b, data[pos:pos+mp.Skip(data[pos:])]...)
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		j := &heldJournal{}
		d, c := modelDB(t, j, nil)
		m := model{}
		for range rapid.IntRange(1, 8).Draw(rt, "transactions") {
			m.transaction(rt, d, c)
			m.compare(rt, d, c)
		}
		// The journal must lead another database to the same place.
		e, ec := modelDB(t, nil, nil)
		for i := range j.rows {
			if err := e.Recover(&j.rows[i]); err != nil {
				rt.Fatal(err)
			}
		}
		m.compare(rt, e, ec)
	})
}

// transaction runs some steps and ends them in a random way.
func (m model) transaction(t *rapid.T, d *DB, c *Context) {
	end := rapid.SampledFrom([]string{"auto", "commit", "rollback", "yield", "savepoint"}).Draw(t, "end")
	steps := rapid.IntRange(1, 6).Draw(t, "steps")
	if end == "auto" {
		for range steps {
			m.step(t, d, c)
		}
		return
	}
	before := maps.Clone(m)
	if err := c.Begin(); err != nil {
		t.Fatal(err)
	}
	for range steps {
		m.step(t, d, c)
	}
	var err error
	switch end {
	case "commit":
		err = c.Commit()
	case "rollback":
		err = c.Rollback()
		clear(m)
		maps.Copy(m, before)
	case "yield":
		c.OnYield()
		if err := c.Commit(); !errors.Is(err, boxerr.TransactionYield) {
			t.Fatal(err)
		}
		clear(m)
		maps.Copy(m, before)
	case "savepoint":
		sp, err := c.Savepoint()
		if err != nil {
			t.Fatal(err)
		}
		kept := maps.Clone(m)
		for range steps {
			m.step(t, d, c)
		}
		if err := c.RollbackTo(sp); err != nil {
			t.Fatal(err)
		}
		clear(m)
		maps.Copy(m, kept)
		m.compare(t, d, c)
		if err := c.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestWriteErrorCascade has several fibers wait for the journal, and fails one
// of the writes: it and all that came later must be gone.
func TestWriteErrorCascade(t *testing.T) {
	for fail := range 4 {
		t.Run(fmt.Sprint(fail), func(t *testing.T) {
			g := &goFibers{baton: make(chan struct{}, 1)}
			j := &heldJournal{}
			d, _ := modelDB(t, j, g)
			j.hold = true
			g.baton <- struct{}{}
			results := make([]error, 4)
			ended := make(chan struct{})
			for i := range 4 {
				<-g.baton
				go func() {
					c := d.NewContext(AdminID)
					_, results[i] = d.Space(modelSpace).Replace(c, modelWith(1, modelRow{i, "a"}).encode(1))
					g.baton <- struct{}{}
					ended <- struct{}{}
				}()
				<-g.baton
				g.baton <- struct{}{}
			}
			<-g.baton
			for i := range 4 {
				if i < fail {
					j.answer(nil)
				} else if len(j.held) > 0 {
					j.answer(errors.New("disk is full"))
				}
			}
			g.baton <- struct{}{}
			for range 4 {
				<-ended
			}
			for i, err := range results {
				if failed := i >= fail; failed != errors.Is(err, boxerr.WALIO) {
					t.Errorf("transaction %d: %v", i, err)
				}
			}
			c := d.NewContext(AdminID)
			got, err := d.Space(modelSpace).Get(c, 0, []byte{0x91, 1})
			if err != nil {
				t.Fatal(err)
			}
			var want *modelRow
			if fail > 0 {
				want = &modelRow{fail - 1, "a"}
			}
			if (want == nil) != (got == nil) || want != nil && string(got.Data()) != string(modelWith(1, *want).encode(1)) {
				t.Errorf("left is %v", got)
			}
			if err := d.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTriggersNest(t *testing.T) {
	d, c := modelDB(t, nil, nil)
	s := d.Space(modelSpace)
	calls := 0
	tr := s.OnReplace.Add(func(c *Context, s *Space, _, next *tuple.Tuple, _ RowType) error {
		calls++
		_, err := s.Replace(c, modelWith(calls, modelRow{-1, ""}).encode(calls))
		return err
	}, nil)
	_, err := s.Replace(c, modelWith(50, modelRow{-1, ""}).encode(50))
	if !errors.Is(err, boxerr.SubStmtMax) || calls != 4 || s.Len() != 0 || c.InTxn() {
		t.Fatal(err, calls, s.Len(), c.InTxn())
	}
	s.OnReplace.Remove(tr)
	for _, bad := range []struct {
		call func() error
		code boxerr.Code
	}{{c.Commit, boxerr.CommitInSubStmt}, {c.Rollback, boxerr.RollbackInSubStmt}} {
		tr := s.OnReplace.Add(func(*Context, *Space, *tuple.Tuple, *tuple.Tuple, RowType) error { return bad.call() }, nil)
		if _, err := s.Replace(c, modelWith(1, modelRow{-1, ""}).encode(1)); !errors.Is(err, bad.code) {
			t.Error(err)
		}
		s.OnReplace.Remove(tr)
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
}
