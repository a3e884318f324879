package yaml_test

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
	"shardlua/runtime/yaml"
)

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"- 1\n- {a: [b, ~]}\n", "--- &a [*a]\n...\n", "a: |\n  b\n", "!!binary YQ==", "\"\\x41\"", "%TAG !e! tag:e\n--- 1"} {
		f.Add(s)
	}
	L := vm.New(vm.Options{}).State()
	o := serial.Default()
	f.Fuzz(func(t *testing.T, text string) {
		values, err := yaml.Decode(L, text, &o)
		if err != nil {
			return
		}
		for _, v := range values {
			if _, err := yaml.Append(nil, L, v, &o, yaml.Tag{}); err != nil {
				t.Fatalf("%q was read but cannot be written: %v", text, err)
			}
		}
	})
}

// FuzzString holds that every string survives being written and read.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "a\nb", "\n\n a", " x", "\xff", "é: #", "a\r\n", "0x1F", "---"} {
		f.Add(s)
	}
	L := vm.New(vm.Options{}).State()
	o := serial.Default()
	f.Fuzz(func(t *testing.T, s string) {
		text, err := yaml.Append(nil, L, lua.LString(s), &o, yaml.Tag{})
		if err != nil {
			t.Fatal(err)
		}
		values, err := yaml.Decode(L, string(text), &o)
		if err != nil || len(values) != 1 || values[0] != lua.LValue(lua.LString(s)) {
			t.Fatalf("%q was written as %q and read as %v, %v", s, text, values, err)
		}
	})
}
