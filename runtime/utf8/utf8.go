// Package utf8 is the Lua library `utf8` as Tarantool has it: strings as sequences of Unicode symbols.
package utf8

import (
	"unicode"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/text/cases"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the library `utf8`: upper, lower, len, sub, char, next, cmp, casecmp, isalpha, isdigit, islower, isupper.
var Module = module.Module{Name: "utf8", Open: open}

func open(_ module.Host, L *lua.LState) lua.LValue {
	library := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"upper":   mapped("upper", cases.Upper(language.Und)),
		"lower":   mapped("lower", cases.Lower(language.Und)),
		"cmp":     compare("cmp", collate.New(language.Und)),
		"casecmp": compare("casecmp", collate.New(language.Und, collate.Loose)),
		"isalpha": test("isalpha", unicode.IsLetter), "isdigit": test("isdigit", unicode.IsDigit),
		"islower": test("islower", unicode.IsLower), "isupper": test("isupper", unicode.IsUpper),
		"len": length, "sub": sub, "char": char, "next": next,
	})
	L.SetGlobal("utf8", library)
	return library
}

// text is the n-th argument; numbers count as strings.
func text(L *lua.LState, n int, usage string) string {
	switch v := L.Get(n).(type) {
	case lua.LString, lua.LNumber:
		return v.String()
	}
	vm.RaiseString(L, 1, "Usage: utf8.%s", usage)
	return ""
}

func mapped(name string, caser cases.Caser) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LString(caser.String(text(L, 1, name+"(<string>)"))))
		return 1
	}
}

func compare(name string, order *collate.Collator) lua.LGFunction {
	return func(L *lua.LState) int {
		usage := name + "(<string1>, <string2>)"
		a, b := text(L, 1, usage), text(L, 2, usage)
		L.Push(lua.LNumber(order.CompareString(a, b)))
		return 1
	}
}

// test makes a function that looks at one symbol, given as a string or as its code.
func test(name string, holds func(rune) bool) lua.LGFunction {
	return func(L *lua.LState) int {
		if L.GetTop() != 1 {
			vm.RaiseString(L, 1, "Usage: utf8.%s(<string> or <one symbol code>)", name)
		}
		if s, ok := L.Get(1).(lua.LString); ok {
			r, size := utf8.DecodeRuneInString(string(s))
			L.Push(lua.LBool(size == len(s) && (r != utf8.RuneError || size > 1) && holds(r)))
			return 1
		}
		L.Push(lua.LBool(holds(rune(vm.CheckNumber(L, 1)))))
		return 1
	}
}

// length counts the symbols that start between the bytes i and j; at a byte that starts none, it returns nil and the
// place.
func length(L *lua.LState) int {
	s := text(L, 1, "len(<string>, [i, [j]])")
	i, j := vm.OptInt(L, 2, 1), vm.OptInt(L, 3, -1)
	if i < 0 {
		i = max(len(s)+i+1, 0)
	} else if i > 0 {
		i--
	}
	if j < 0 {
		j = len(s) + j + 1
	}
	j = min(j, len(s))
	if i > len(s) {
		L.Push(lua.LNil)
		L.Push(lua.LString("position is out of string"))
		return 2
	}
	if i > 0 && vm.OptInt(L, 2, 1) < 0 {
		i--
	}
	count := 0
	for i < j {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size <= 1 {
			L.Push(lua.LNil)
			L.Push(lua.LNumber(i + 1))
			return 2
		}
		i += size
		count++
	}
	L.Push(lua.LNumber(count))
	return 1
}

// sub counts in symbols; what is none counts as one.
func sub(L *lua.LState) int {
	const usage = "sub(<string>, [i, [j]])"
	s := text(L, 1, usage)
	if L.GetTop() < 2 {
		vm.RaiseString(L, 1, "Usage: utf8.%s", usage)
	}
	starts := make([]int, 0, len(s)+1)
	for i := 0; i < len(s); {
		starts = append(starts, i)
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	n := len(starts)
	starts = append(starts, len(s))
	i, j := vm.CheckInt(L, 2), vm.OptInt(L, 3, -1)
	if i < 0 {
		i = n + i + 1
	}
	if j < 0 {
		j = n + j + 1
	}
	i, j = max(i, 1), min(j, n)
	if i > j {
		L.Push(lua.LString(""))
		return 1
	}
	L.Push(lua.LString(s[starts[i-1]:starts[j]]))
	return 1
}

func char(L *lua.LState) int {
	if L.GetTop() == 0 {
		vm.RaiseString(L, 1, "Usage: utf8.char(<char code>")
	}
	var out []byte
	for i := 1; i <= L.GetTop(); i++ {
		out = utf8.AppendRune(out, rune(vm.CheckNumber(L, i)))
	}
	L.Push(lua.LString(out))
	return 1
}

// next returns where the symbol after the one at a byte starts, and the code of the one at that byte.
func next(L *lua.LState) int {
	s := text(L, 1, "next(<string>, [<byte offset>])")
	i := max(vm.OptInt(L, 2, 1)-1, 0)
	if i >= len(s) {
		return 0
	}
	r, size := utf8.DecodeRuneInString(s[i:])
	if r == utf8.RuneError && size <= 1 {
		return 0
	}
	L.Push(lua.LNumber(i + size + 1))
	L.Push(lua.LNumber(r))
	return 2
}
