package serial

import (
	"reflect"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

func TestTableLayout(t *testing.T) {
	theirs, ours := reflect.TypeFor[lua.LTable](), reflect.TypeFor[tableLayout]()
	if theirs.NumField() != ours.NumField() || theirs.Size() != ours.Size() {
		t.Fatalf("lua.LTable has changed: %v", theirs)
	}
	for i := range ours.NumField() {
		a, b := theirs.Field(i), ours.Field(i)
		if a.Type != b.Type || a.Offset != b.Offset || (i > 0 && a.Name != b.Name) {
			t.Errorf("field %d of lua.LTable is %s %v at %d, the mirror has %s %v at %d",
				i, a.Name, a.Type, a.Offset, b.Name, b.Type, b.Offset)
		}
	}
}

func TestWalkOrder(t *testing.T) {
	tb := &lua.LTable{Metatable: lua.LNil}
	for _, k := range []lua.LValue{lua.LString("z"), lua.LNumber(1), lua.LString("a"), lua.LTrue, lua.LNumber(3), lua.LNumber(-1)} {
		tb.RawSet(k, lua.LTrue)
	}
	tb.RawSetString("z", lua.LNil)
	tb.RawSetString("y", lua.LTrue)
	var got []string
	for w := Walk(tb); w.Next(); {
		got = append(got, w.Key.String())
	}
	if want := []string{"1", "3", "a", "true", "-1", "y"}; !reflect.DeepEqual(got, want) {
		t.Errorf("walked %v, want %v", got, want)
	}
}
