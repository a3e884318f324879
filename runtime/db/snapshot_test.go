package db

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// snapshot lists the rows of a read view.
func snapshot(t testing.TB, d *DB) []Row {
	t.Helper()
	var rows []Row
	err := d.ReadView().Rows(func(r *Row) error {
		rows = append(rows, *r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestBootstrapIsStock(t *testing.T) {
	path, err := exec.LookPath("tarantool")
	if err != nil {
		t.Log("tarantool is not installed: only the count is compared")
	}
	d, _ := newDB(t, Options{})
	rows := snapshot(t, d)
	const stock = 513 // what a new instance's first snapshot holds
	if len(rows) != stock {
		t.Fatalf("%d rows", len(rows))
	}
	if path == "" {
		return
	}
	cmd := exec.Command(path, "-e", `box.cfg{log='log'}
for _, id in ipairs{272, 276, 280, 284, 285, 288, 296, 304, 312, 320, 328, 330, 340, 356, 364, 372} do
  for _, t in box.space[id]:pairs() do print(id, require('msgpack').encode(t):hex()) end
end
os.exit(0)`)
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(rows) {
		t.Fatalf("%d rows, stock has %d", len(rows), len(lines))
	}
	for i, line := range lines {
		got := fmt.Sprintf("%d\t%x", rows[i].SpaceID, rows[i].Tuple)
		random := rows[i].SpaceID == clusterID || strings.Contains(string(rows[i].Tuple), "cluster\xd9")
		if got != line && !random {
			t.Errorf("ours  %s\nstock %s", got, line)
		}
	}
}

// populate makes one of everything.
func populate(t testing.TB, d *DB, c *Context) {
	put(t, c, spaceID, `[512,1,"a","memtx",0,{},[{"name":"id","type":"unsigned"}]]`)
	put(t, c, indexID, `[512,0,"pk","tree",{"unique":true},[[0,"unsigned"]]]`)
	put(t, c, indexID, `[512,1,"many","tree",{"unique":false},[{"field":1,"type":"string","path":"[*]"}]]`)
	put(t, c, spaceID, `[513,1,"local","memtx",0,{"group_id":1},[]]`)
	put(t, c, indexID, `[513,0,"pk","hash",{"unique":true},[[0,"string"]]]`)
	put(t, c, spaceID, `[514,1,"temp","memtx",0,{"temporary":true},[]]`)
	put(t, c, indexID, `[514,0,"pk","tree",{"unique":true},[[0,"string"]]]`)
	put(t, c, sequenceID, `[1,1,"seq",1,1,100,5,0,false]`)
	put(t, c, spaceSequenceID, `[512,1,false,0,""]`)
	put(t, c, userID, `[32,1,"joe","user",{}]`)
	put(t, c, privID, `[1,32,"space",512,3]`)
	put(t, c, funcID, `[100,1,"f",0,"LUA","","function",[],"any","none","none",false,false,true,["LUA"],{},"","",""]`)
	put(t, c, 512, `[null,["x","y"]]`)
	put(t, c, 512, `[null,["y"]]`)
	put(t, c, 513, `["l"]`)
	put(t, c, 514, `["t"]`)
}

func TestSnapshotRestores(t *testing.T) {
	d, c := newDB(t, Options{})
	populate(t, d, c)
	rows := snapshot(t, d)
	e := New(Options{Fault: func(text string) { t.Error(text) }})
	for i := range rows {
		r := rows[i]
		if r.SpaceID == 514 {
			t.Error("a temporary space is in the snapshot")
		}
		// By way of the bytes that a file has.
		read := Row{Type: r.Type}
		if err := read.ParseBody(r.AppendBody(nil)); err != nil {
			t.Fatal(err)
		}
		if err := e.Recover(&read); err != nil {
			t.Fatalf("%d %x: %v", r.SpaceID, r.Tuple, err)
		}
	}
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	again := snapshot(t, e)
	if len(again) != len(rows) {
		t.Fatalf("%d rows, then %d", len(rows), len(again))
	}
	for i := range rows {
		if rows[i].SpaceID != again[i].SpaceID || string(rows[i].Tuple) != string(again[i].Tuple) || rows[i].GroupID != again[i].GroupID {
			t.Errorf("row %d: %x, then %x", i, rows[i].Tuple, again[i].Tuple)
		}
	}
	if v, err := e.NextSequence(e.NewContext(AdminID), 1); v != 7 || err != nil {
		t.Error(v, err)
	}
	if e.UserByName("joe").ID != 32 || e.ClusterUUID() != testCluster {
		t.Error("users or cluster are lost")
	}
}

// TestReadViewIsFrozen changes everything behind a read view.
func TestReadViewIsFrozen(t *testing.T) {
	s, c := fill(t, 1000)
	before := snapshot(t, s.db)
	view := s.db.ReadView()
	for i := range 1000 {
		key := mp.AppendUint(mp.AppendArrayHeader(nil, 1), uint64(i))
		if _, err := s.Delete(c, 0, key); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	if err := view.Rows(func(*Row) error { n++; return nil }); err != nil || n != len(before) {
		t.Error(n, len(before), err)
	}
}

func TestDDLRollsBack(t *testing.T) {
	d, c := newDB(t, Options{})
	if err := c.Begin(); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, d)
	populate(t, d, c)
	if err := c.Rollback(); err != nil {
		t.Fatal(err)
	}
	after := snapshot(t, d)
	// What a sequence gave is gone for good, but the sequence is too.
	if len(after) != len(before) || d.SpaceByName("a") != nil || d.UserByName("joe") != nil || d.Sequence(1) != nil {
		t.Error(len(before), len(after))
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
	populate(t, d, c)
	if err := d.Check(); err != nil {
		t.Error(err)
	}
}

func TestBeforeReplace(t *testing.T) {
	d, c := newDB(t, Options{})
	j := &heldJournal{}
	d.SetJournal(j)
	populate(t, d, c)
	s := d.Space(513)
	put(t, c, 513, `["old",1]`)
	make3 := func(text string) *tuple.Tuple {
		one, err := tuple.New(nil, pack(t, text))
		if err != nil {
			t.Fatal(err)
		}
		return one
	}
	failure := errors.New("no")
	for _, test := range []struct {
		name   string
		answer func(old, next *tuple.Tuple) (*tuple.Tuple, error)
		result string
		left   int
		row    RowType
		code   boxerr.Code
	}{
		{"keep", func(old, _ *tuple.Tuple) (*tuple.Tuple, error) { return old, nil }, `["old",1]`, 2, 0, 0},
		{"change", func(_, _ *tuple.Tuple) (*tuple.Tuple, error) { return make3(`["old",3]`), nil }, `["old",3]`, 2, RowReplace, 0},
		{"pass", func(_, next *tuple.Tuple) (*tuple.Tuple, error) { return next, nil }, `["old",2]`, 2, RowReplace, 0},
		{"other key", func(_, _ *tuple.Tuple) (*tuple.Tuple, error) { return make3(`["new",3]`), nil }, ``, 2, 0, boxerr.CantUpdatePrimaryKey},
		{"bad type", func(_, _ *tuple.Tuple) (*tuple.Tuple, error) { return make3(`[1]`), nil }, ``, 2, 0, boxerr.FieldType},
		{"fail", func(_, _ *tuple.Tuple) (*tuple.Tuple, error) { return nil, failure }, ``, 2, 0, 0},
		{"delete", func(_, _ *tuple.Tuple) (*tuple.Tuple, error) { return nil, nil }, `["old",2]`, 1, RowDelete, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			j.rows = nil
			tr := s.BeforeReplace.Add(func(_ *Context, _ *Space, old, next *tuple.Tuple, _ RowType) (*tuple.Tuple, error) {
				return test.answer(old, next)
			}, nil)
			defer s.BeforeReplace.Remove(tr)
			got, err := s.Replace(c, pack(t, `["old",2]`))
			switch {
			case test.result == "" && (err == nil || test.code != 0 && !errors.Is(err, test.code)):
				t.Error(err)
			case test.result != "" && err != nil:
				t.Error(err)
			case test.name == "keep" && got != nil:
				t.Errorf("%x", got.Data())
			case test.name == "delete" || test.name == "keep":
			case test.result != "" && string(got.Data()) != string(pack(t, test.result)):
				t.Errorf("%x", got.Data())
			}
			if s.Len() != test.left {
				t.Errorf("%d tuples are left", s.Len())
			}
			if test.row == 0 && len(j.rows) != 0 || test.row != 0 && (len(j.rows) != 1 || j.rows[0].Type != test.row || j.rows[0].GroupID != GroupLocal) {
				t.Errorf("journal: %+v", j.rows)
			}
		})
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
}

func FuzzParseBody(f *testing.F) {
	f.Add([]byte{0x82, 0x10, 0xcd, 2, 0, 0x21, 0x91, 1}, uint8(2))
	f.Add([]byte{0x83, 0x10, 1, 0x20, 0x91, 1, 0x21, 0x90}, uint8(4))
	d := New(Options{})
	if err := d.Bootstrap(testCluster, testInstance); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, typ uint8) {
		r := Row{Type: RowType(typ)}
		if err := r.ParseBody(body); err != nil {
			return
		}
		c := d.NewContext(AdminID)
		if err := c.Begin(); err != nil {
			t.Fatal(err)
		}
		_ = d.Apply(c, &r)
		if err := c.Rollback(); err != nil {
			t.Fatal(err)
		}
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
	})
}
