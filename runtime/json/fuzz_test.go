package json_test

import (
	"testing"

	"shardlua/runtime/json"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// FuzzDecode holds that what is read can be written, and that what is written
// reads as itself.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,"\u00e9\n",null,true]}`, `[[[`, `"\ud83d\ude00"`, "nan", "\"\x00\"", "18446744073709551615"} {
		f.Add(s)
	}
	L := vm.New(vm.Options{}).State()
	o := serial.Default()
	f.Fuzz(func(t *testing.T, text string) {
		v, err := json.Decode(L, text, &o)
		if err != nil {
			return
		}
		once, err := json.Append(nil, L, v, &o)
		if err != nil {
			t.Fatalf("%q was read but cannot be written: %v", text, err)
		}
		again, err := json.Decode(L, string(once), &o)
		if err != nil {
			t.Fatalf("%q was written but cannot be read: %v", once, err)
		}
		if twice, err := json.Append(nil, L, again, &o); err != nil || string(twice) != string(once) {
			t.Fatalf("%q became %q, %v", once, twice, err)
		}
	})
}
