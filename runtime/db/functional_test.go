package db

import (
	"errors"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// secondField is a function whose keys are the second field: as it is, or, for
// a multikey function, each element of it.
type secondField struct{ multikey bool }

var errNoField = errors.New("no field")

func (secondField) Check(f *Function) error {
	if f.Body == "bad" {
		return boxerr.New(boxerr.LoadFunction, f.Name, "bad")
	}
	f.Compiled = true
	return nil
}
func (secondField) Forget(*Function) {}
func (p secondField) Keys(_ *Function, t *tuple.Tuple) ([]byte, error) {
	v := t.Field(1)
	switch {
	case v == nil:
		return nil, errNoField
	case p.multikey:
		n, _ := mp.ArrayHeader(v)
		keys := mp.AppendArrayHeader(nil, n)
		err := eachItem(v, func(_ int, item []byte) error {
			keys = append(mp.AppendArrayHeader(keys, 1), item...)
			return nil
		})
		return keys, err
	}
	return append(mp.AppendArrayHeader(nil, 1), v...), nil
}

func functionalDB(t *testing.T, multikey bool) (*DB, *Context) {
	opts := `{}`
	if multikey {
		opts = `{"is_multikey":true}`
	}
	d, c := newDB(t, Options{Procedures: secondField{multikey}})
	put(t, c, funcID, `[100,1,"f",0,"LUA","function(t) end","function",[],"any","none","none",true,true,true,["LUA"],`+opts+`,"","",""]`)
	put(t, c, spaceID, `[512,1,"a","memtx",0,{},[]]`)
	put(t, c, indexID, `[512,0,"pk","tree",{"unique":true},[[0,"unsigned"]]]`)
	put(t, c, indexID, `[512,1,"f","tree",{"unique":true,"func":100},[{"field":0,"type":"unsigned"}]]`)
	put(t, c, funcIndexID, `[512,1,100]`)
	return d, c
}

func TestFunctionalIndex(t *testing.T) {
	d, c := functionalDB(t, false)
	s := d.Space(512)
	put(t, c, 512, `[1,30]`)
	put(t, c, 512, `[2,20]`)
	for _, bad := range []struct {
		row  string
		code boxerr.Code
	}{
		{`[3,30]`, boxerr.TupleFound},
		{`[3,"x"]`, boxerr.FuncIndexFormat},
		{`[3]`, boxerr.FuncIndexFunc},
	} {
		if _, err := s.Insert(c, pack(t, bad.row)); !errors.Is(err, bad.code) {
			t.Errorf("%s: %v", bad.row, err)
		}
	}
	all, err := s.Select(c, 1, ALL, 0, 10, nil)
	if err != nil || len(all) != 2 || string(all[0].Data()) != string(pack(t, `[2,20]`)) {
		t.Fatal(all, err)
	}
	if _, err := d.Space(funcID).Delete(c, 0, pack(t, `[100]`)); !errors.Is(err, boxerr.DropFunction) {
		t.Error(err)
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
	// A snapshot has the index before the function.
	e := New(Options{Procedures: secondField{}})
	for _, r := range snapshot(t, d) {
		if err := e.Recover(&r); err != nil {
			t.Fatalf("%d %x: %v", r.SpaceID, r.Tuple, err)
		}
	}
	got, err := e.Space(512).Get(e.NewContext(AdminID), 1, pack(t, `[30]`))
	if err != nil || got == nil {
		t.Fatal(got, err)
	}
	if err := e.Check(); err != nil {
		t.Error(err)
	}
}

func TestFunctionalMultikeyIndex(t *testing.T) {
	d, c := functionalDB(t, true)
	s := d.Space(512)
	put(t, c, 512, `[1,[3,4,3]]`)
	put(t, c, 512, `[2,[5]]`)
	if _, err := s.Replace(c, pack(t, `[2,[9,4]]`)); !errors.Is(err, boxerr.TupleFound) {
		t.Error(err)
	}
	if n := s.Index(1).Len(); n != 3 {
		t.Error(n)
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
}

func TestRights(t *testing.T) {
	d, c := newDB(t, Options{})
	populate(t, d, c)
	joe := d.NewContext(32)
	s := d.Space(512)
	if _, err := s.Select(joe, 0, ALL, 0, 1, nil); err == nil || err.Error() != "Usage access to universe '' is denied for user 'joe'" {
		t.Error(err)
	}
	put(t, c, privID, `[1,32,"universe",0,24]`)
	if _, err := s.Select(joe, 0, ALL, 0, 1, nil); err != nil {
		t.Error(err)
	}
	if err := d.CheckExecute(joe, "f"); err == nil || err.Error() != "Execute access to function 'f' is denied for user 'joe'" {
		t.Error(err)
	}
	if err := d.CheckUniverse(joe, PrivExecute); err == nil || err.Error() != "Execute access to universe '' is denied for user 'joe'" {
		t.Error(err)
	}
	if _, err := d.NextSequence(joe, 1); err == nil || err.Error() != "Write access to sequence 'seq' is denied for user 'joe'" {
		t.Error(err)
	}
	put(t, c, privID, `[1,32,"function",100,4]`)
	if err := d.CheckExecute(joe, "f"); err != nil {
		t.Error(err)
	}
	if err := d.Space(513).Truncate(joe); !errors.Is(err, boxerr.AccessDenied) {
		t.Error(err)
	}
	if err := s.Truncate(joe); err != nil || s.Len() != 0 {
		t.Error(err, s.Len())
	}
	u := d.User(32)
	hash := HashPassword("p")
	if hash != "e56+7SaqUu0QwPVJ+oY/E8OeAgk=" || u.CheckScramble(make([]byte, 32), make([]byte, 20)) {
		t.Error(hash)
	}
	d.SetReadOnly(true)
	if _, err := s.Insert(c, pack(t, `[1]`)); !errors.Is(err, boxerr.Readonly) {
		t.Error(err)
	}
	put(t, c, 514, `["temporary spaces take changes"]`)
}
