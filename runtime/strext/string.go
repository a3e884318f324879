// Package strext adds Tarantool's functions to the Lua library `string`.
//
// The functions are ordinary members of the library, so they are methods of every string too.
package strext

import (
	"encoding/hex"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module extends `string`: split(s[, separator[, max]]), ljust, rjust and center(s, width[, char]), startswith and
// endswith(s, part[, from[, to]]), hex(s), fromhex(s), strip, lstrip and rstrip(s[, chars]).
var Module = module.Module{Name: "string", Open: open}

func open(_ module.Host, L *lua.LState) lua.LValue {
	library, ok := L.GetGlobal("string").(*lua.LTable)
	if !ok {
		library = L.NewTable()
		L.SetGlobal("string", library)
	}
	return L.SetFuncs(library, map[string]lua.LGFunction{
		"split": split, "ljust": justify("ljust", left), "rjust": justify("rjust", right),
		"center": justify("center", center), "startswith": startsWith, "endswith": endsWith,
		"hex": toHex, "fromhex": fromHex,
		"strip":  strip("strip", strings.Trim),
		"lstrip": strip("lstrip", strings.TrimLeft),
		"rstrip": strip("rstrip", strings.TrimRight),
	})
}

// bad raises the module's own form of a wrong argument.
func bad(L *lua.LState, n int, fn, want, got string) {
	vm.RaiseString(L, 1, "bad argument #%d to 'string.%s' (%s expected, got %s)", n, fn, want, got)
}

// str is the n-th argument, which must be a string and no number.
func str(L *lua.LState, n int, fn string) string {
	s, ok := L.Get(n).(lua.LString)
	if !ok {
		bad(L, n, fn, "string", typeName(L.Get(n)))
	}
	return string(s)
}

func typeName(v lua.LValue) string {
	if v == lua.LNil {
		return "nil"
	}
	return vm.TypeName(v)
}

// integer is the n-th argument, which must be a number; nil gives def.
func integer(L *lua.LState, n int, fn, want string, def int) int {
	v := L.Get(n)
	if vm.IsNil(v) {
		return def
	}
	f, ok := v.(lua.LNumber)
	if !ok || want == "positive integer" && f < 0 {
		bad(L, n, fn, want, typeName(v))
	}
	return int(f)
}

// spaces are what isspace says yes to.
const spaces = " \t\n\v\f\r"

func split(L *lua.LState) int {
	s := str(L, 1, "split")
	limit := math.MaxInt
	sep, bySeparator := "", false
	if !vm.IsNil(L.Get(2)) {
		sep, bySeparator = str(L, 2, "split"), true
		if sep == "" {
			// Tarantool looks at the separator one call deeper, and blames the caller's caller.
			vm.RaiseString(L, 2, "bad argument #2 to 'string.split' (non-empty string expected, got empty string)")
		}
	}
	if !vm.IsNil(L.Get(3)) {
		limit = integer(L, 3, "split", "positive integer", 0)
	}
	out := L.NewTable()
	if bySeparator {
		for ; limit > 0; limit-- {
			head, tail, found := strings.Cut(s, sep)
			if !found {
				break
			}
			out.Append(lua.LString(head))
			s = tail
		}
		out.Append(lua.LString(s))
		L.Push(out)
		return 1
	}
	for s = strings.TrimLeft(s, spaces); s != ""; s = strings.TrimLeft(s, spaces) {
		i := strings.IndexAny(s, spaces)
		if i < 0 || limit == 0 {
			out.Append(lua.LString(s))
			break
		}
		out.Append(lua.LString(s[:i]))
		s = s[i:]
		limit--
	}
	L.Push(out)
	return 1
}

// maxWidth keeps a script's mistake from asking for all memory at once.
const maxWidth = 1 << 31

func left(n int) (before, after int)   { return 0, n }
func right(n int) (before, after int)  { return n, 0 }
func center(n int) (before, after int) { return n / 2, n - n/2 }

func justify(fn string, side func(int) (before, after int)) lua.LGFunction {
	return func(L *lua.LState) int {
		s := str(L, 1, fn)
		width, ok := L.Get(2).(lua.LNumber)
		if !ok || width < 0 {
			bad(L, 2, fn, "positive integer", typeName(L.Get(2)))
		}
		if width > maxWidth {
			vm.RaiseString(L, 1, "not enough memory")
		}
		fill := " "
		if v := L.Get(3); !vm.IsNil(v) {
			char, ok := v.(lua.LString)
			if !ok || len(char) != 1 {
				bad(L, 3, fn, "char", typeName(v))
			}
			fill = string(char)
		}
		before, after := side(max(0, int(width)-len(s)))
		L.Push(lua.LString(strings.Repeat(fill, before) + s + strings.Repeat(fill, after)))
		return 1
	}
}

// bounds turns Lua's positions, which may count from the end, into a slice's.
func bounds(size, from, to int) (int, int) {
	if from < 0 {
		from = max(size+from+1, 1)
	} else if from == 0 {
		from = 1
	}
	if to < 0 {
		to = size + to + 1
	} else if to > size {
		to = size
	}
	return from - 1, to
}

func startsWith(L *lua.LState) int {
	s, head := str(L, 1, "startswith"), str(L, 2, "startswith")
	start := integer(L, 3, "startswith", "integer", 1)
	if start <= 0 {
		start += len(s) + 1
	}
	if start <= 0 && head != "" {
		L.Push(lua.LFalse) // it does not start before the string, as in Tarantool
		return 1
	}
	from, to := bounds(len(s), start, integer(L, 4, "startswith", "integer", len(s)))
	L.Push(lua.LBool(from <= to && len(head) <= to-from && s[from:from+len(head)] == head || from > to && head == ""))
	return 1
}

func endsWith(L *lua.LState) int {
	if _, ok := L.Get(2).(lua.LString); !ok {
		vm.RaiseString(L, 0, "builtin/string.lua:248: attempt to get length of local 'tail' (a %s value)",
			typeName(L.Get(2)))
	}
	s, tail := str(L, 1, "endswith"), str(L, 2, "endswith")
	from, to := bounds(len(s), integer(L, 3, "endswith", "integer", 1), integer(L, 4, "endswith", "integer", len(s)))
	L.Push(lua.LBool(from <= to && len(tail) <= to-from && s[to-len(tail):to] == tail || from > to && tail == ""))
	return 1
}

func toHex(L *lua.LState) int {
	L.Push(lua.LString(hex.EncodeToString([]byte(str(L, 1, "hex")))))
	return 1
}

func fromHex(L *lua.LState) int {
	s := str(L, 1, "fromhex")
	if len(s)%2 != 0 {
		bad(L, 1, "fromhex", "even amount of chars", "odd amount")
	}
	out, err := hex.DecodeString(s)
	if err != nil {
		bad(L, 1, "fromhex", "hex string", "non hex chars")
	}
	L.Push(lua.LString(out))
	return 1
}

func strip(fn string, trim func(s, cutset string) string) lua.LGFunction {
	return func(L *lua.LState) int {
		s, chars := str(L, 1, fn), spaces
		if !vm.IsNil(L.Get(2)) {
			chars = str(L, 2, fn)
		}
		L.Push(lua.LString(trim(s, chars)))
		return 1
	}
}
