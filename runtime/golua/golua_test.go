package golua_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"pgregory.net/rapid"

	"shardlua/runtime/golua"
	"shardlua/runtime/vm"
)

type replica struct {
	URI      string `lua:"uri"`
	IsMaster bool
	Weight   *float64
	hidden   int
	Skipped  string `lua:"-"`
}

type everything struct {
	Name     string
	Blob     []byte
	Small    int8
	Big      uint64
	Far      int64
	Ratio    float64
	Pair     [2]int
	Names    []string
	Replicas map[string]replica
	ByID     map[int]bool
	Anything any
}

func TestStructsCrossAndComeBack(t *testing.T) {
	weight := 0.5
	want := everything{
		Name: "a", Blob: []byte{0, 255}, Small: -8, Big: math.MaxUint64, Far: math.MinInt64, Ratio: 1.5, Pair: [2]int{1, 2},
		Names: []string{"x", "y"}, Replicas: map[string]replica{"r1": {URI: "u", IsMaster: true, Weight: &weight, hidden: 0}},
		ByID: map[int]bool{7: true}, Anything: map[string]any{"list": []any{int64(1), "two", 2.5, true}},
	}
	value, err := golua.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	var got everything
	if err := golua.Decode(value, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if uri := value.(*lua.LTable).RawGetString("replicas").(*lua.LTable).RawGetString("r1").(*lua.LTable).RawGetString("uri"); uri != lua.LString("u") {
		t.Errorf("the tag names no field: %v", uri)
	}
}

func TestAnyValueCrossesAndComesBack(t *testing.T) {
	leaf := rapid.OneOf(rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.String().AsAny(),
		rapid.Uint64Min(math.MaxInt64+1).AsAny(), rapid.Just[any](0.25).AsAny())
	list := rapid.SliceOfN(leaf, 0, 5).AsAny()
	tree := rapid.MapOfN(rapid.StringN(1, 5, -1), rapid.OneOf(leaf, list), 1, 5)
	rapid.Check(t, func(t *rapid.T) {
		want := tree.Draw(t, "tree")
		value, err := golua.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := golua.Decode(value, &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, want %#v", got, want)
		}
	})
}

func table(pairs ...lua.LValue) *lua.LTable {
	t := golua.NewTable()
	for i := 0; i < len(pairs); i += 2 {
		t.RawSet(pairs[i], pairs[i+1])
	}
	return t
}

func TestNaturalValues(t *testing.T) {
	for _, tc := range []struct {
		from lua.LValue
		want any
	}{
		{lua.LNil, nil},
		{vm.Null, nil},
		{lua.LNumber(3), int64(3)},
		{lua.LNumber(math.Inf(1)), math.Inf(1)},
		{vm.Uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{golua.NewTable(), []any{}},
		{table(lua.LNumber(1), vm.Null, lua.LNumber(2), lua.LString("b")), []any{nil, "b"}},
		{table(lua.LNumber(5), lua.LTrue), map[any]any{int64(5): true}},
	} {
		var got any
		if err := golua.Decode(tc.from, &got); err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%v: got %#v, %v", tc.from, got, err)
		}
	}
}

func TestDecodeErrorsNameTheField(t *testing.T) {
	endless := golua.NewTable()
	endless.RawSetString("self", endless)
	for want, try := range map[string]func() error{
		"the value is a string, not a int":                   func() error { return golua.Decode(lua.LString("x"), new(int)) },
		"the value is a number, not a int8":                  func() error { return golua.Decode(lua.LNumber(128), new(int8)) },
		"the value is a number, not a uint":                  func() error { return golua.Decode(lua.LNumber(-1), new(uint)) },
		"the value is a number, not a int":                   func() error { return golua.Decode(lua.LNumber(1e300), new(int)) },
		"the value is a table, not a string":                 func() error { return golua.Decode(golua.NewTable(), new(string)) },
		"the value has 0 elements, not 2":                    func() error { return golua.Decode(golua.NewTable(), new([2]int)) },
		"the value is a function, which Go has no value for": func() error { return golua.Decode(&lua.LFunction{}, new(any)) },
		"field names[2] is a boolean, not a string": func() error {
			names := table(lua.LNumber(1), lua.LString("a"), lua.LNumber(2), lua.LTrue)
			return golua.Decode(table(lua.LString("names"), names), new(everything))
		},
		"nested more than 128 levels deep":                             func() error { return golua.Decode(endless, new(any)) },
		"decode a Lua value: the target must be a pointer, got string": func() error { return golua.Decode(lua.LNil, "") },
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestEncodeErrorsNameTheField(t *testing.T) {
	type ring struct{ Next *ring }
	endless := &ring{}
	endless.Next = endless
	for want, source := range map[string]any{
		"the value: a chan int cannot be a Lua value": make(chan int),
		"field c: a func() cannot be a Lua value":     struct{ C func() }{func() {}},
		"a table has no key NaN":                      map[float64]int{math.NaN(): 1},
		"nested more than 128 levels deep":            endless,
	} {
		if _, err := golua.Encode(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func ExampleDecode() {
	value, _ := golua.Encode(map[string]any{"name": "Ada", "born": 1815})
	var person struct {
		Name string
		Born int
	}
	err := golua.Decode(value, &person)
	fmt.Println(person, err)
	// Output: {Ada 1815} <nil>
}
