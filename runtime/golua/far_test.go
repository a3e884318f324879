package golua_test

import (
	"reflect"
	"testing"

	"shardlua/runtime/golua"
	"shardlua/runtime/vm"
)

// Keys far from the others are kept once, whoever wrote the table.
func TestFarNumbersAsKeys(t *testing.T) {
	machine := vm.New(vm.Options{})
	fn, err := machine.Load([]byte(`local t = {[1000000] = 'far', [5] = 'near', [-1] = 'below', [1] = 'first'}
		t[70000000] = 'farther' return t, ...`), "=far")
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]string{1000000: "far", 5: "near", -1: "below", 1: "first", 70000000: "farther"}
	encoded, err := golua.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	values, err := machine.Call(machine.State(), fn, 2, encoded)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		got := map[int]string{}
		if err := golua.Decode(v, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v", got, err)
		}
		var natural any
		if err := golua.Decode(v, &natural); err != nil || len(natural.(map[any]any)) != len(want) {
			t.Errorf("got %v, %v", natural, err)
		}
	}
	count, err := machine.Load([]byte(`local t = ... t[1000000] = 'again' local n = 0 for _ in pairs(t) do n = n + 1 end return n`), "=count")
	if err != nil {
		t.Fatal(err)
	}
	if values, err = machine.Call(machine.State(), count, 1, encoded); err != nil || values[0].String() != "5" {
		t.Errorf("an encoded map has %v keys, %v", values, err)
	}
}
