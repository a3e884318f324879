package box

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// param is an option of a call: its name and the types that it may have, "any" for every one.
type param struct{ name, types string }

// illegal throws ILLEGAL_PARAMS.
func (b *Box) illegal(L *lua.LState, format string, args ...any) {
	b.raise(L, boxerr.New(boxerr.IllegalParams, sprintf(format, args)))
}

// checkParam demands an argument of one type.
func (b *Box) checkParam(L *lua.LState, v lua.LValue, name, typ string) {
	if vm.TypeName(v) != typ {
		b.illegal(L, "%s should be a %s", name, typ)
	}
}

// options checks a table of options against the list of those known and returns it; nil stands for an empty one.
func (b *Box) options(L *lua.LState, v lua.LValue, known []param) *lua.LTable {
	if v == lua.LNil || v == vm.Null {
		return vm.NewTable(0, 0)
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		b.illegal(L, "options should be a table")
	}
	if truth(t.RawGetString("dont_check")) {
		return t
	}
	for w := serial.Ordered(t); w.Next(); {
		b.checkOption(L, b.text(L, w.Key), w.Val, known)
	}
	return t
}

func (b *Box) checkOption(L *lua.LState, name string, v lua.LValue, known []param) {
	for _, o := range known {
		if o.name != name {
			continue
		}
		got := vm.TypeName(v)
		if o.types == "any" || o.types == got {
			return
		}
		if !strings.Contains(o.types, ",") {
			b.illegal(L, "options parameter '%s' should be of type %s", name, o.types)
		}
		for _, typ := range strings.Split(o.types, ", ") {
			if typ == got {
				return
			}
		}
		b.illegal(L, "options parameter '%s' should be one of types: %s", name, o.types)
	}
	b.illegal(L, "unexpected option '%s'", name)
}

// text is Lua's tostring.
func (b *Box) text(L *lua.LState, v lua.LValue) string { return b.host.VM().ToString(L, v) }

func truth(v lua.LValue) bool { return v != lua.LNil && v != lua.LFalse && v != nil }

// flag is a boolean option.
func flag(t *lua.LTable, name string) bool { return truth(t.RawGetString(name)) }

// given is an option's value, nil when it is not there.
func given(t *lua.LTable, name string) lua.LValue {
	if v := t.RawGetString(name); !vm.IsNil(v) {
		return v
	}
	return nil
}
