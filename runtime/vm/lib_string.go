package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) openString() {
	t := vm.library("string")
	vm.Register(t, map[string]lua.LGFunction{
		"len": vm.stringLen, "sub": stringSub, "upper": stringUpper, "lower": stringLower,
		"rep": stringRep, "reverse": stringReverse, "byte": vm.stringByte, "char": stringChar,
		"format": vm.stringFormat, "find": vm.stringFind, "match": stringMatch,
		"gmatch": vm.stringGmatch, "gsub": vm.stringGsub,
		"dump": func(L *lua.LState) int {
			if CheckFunction(L, 1).IsG {
				RaiseString(L, 1, "unable to dump given function")
			}
			RaiseString(L, 1, "string.dump is not supported: functions have no portable bytecode here")
			return 0
		},
	})
	vm.stringMeta = newTable(0, 1)
	setString(vm.stringMeta, lua.LString("__index"), t)
}

func (vm *VM) stringLen(L *lua.LState) int {
	L.Push(vm.num(lua.LNumber(len(CheckString(L, 1)))))
	return 1
}

// bounds turns Lua's 1-based, possibly negative positions into a Go range.
func bounds(n, from, to int) (int, int) {
	if from < 0 {
		from = max(n+from+1, 1)
	} else if from == 0 {
		from = 1
	}
	if to < 0 {
		to = n + to + 1
	} else if to > n {
		to = n
	}
	if from > to {
		return 0, 0
	}
	return from - 1, to
}

func stringSub(L *lua.LState) int {
	s := CheckString(L, 1)
	from, to := bounds(len(s), checkInt32(L, 2), optInt32(L, 3, -1))
	L.Push(lua.LString(s[from:to]))
	return 1
}

// mapASCII changes letters as C does in the C locale, leaving other bytes.
func mapASCII(s string, lo, hi byte) string {
	b := []byte(s)
	for i, c := range b {
		if c >= lo && c <= hi {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}

func stringUpper(L *lua.LState) int {
	L.Push(lua.LString(mapASCII(CheckString(L, 1), 'a', 'z')))
	return 1
}

func stringLower(L *lua.LState) int {
	L.Push(lua.LString(mapASCII(CheckString(L, 1), 'A', 'Z')))
	return 1
}

const maxString = 0x7fffff00 // LJ_MAX_STR

func stringRep(L *lua.LState) int {
	s := CheckString(L, 1)
	n := checkInt32(L, 2)
	sep := OptString(L, 3, "")
	if n <= 0 {
		L.Push(lua.LString(""))
		return 1
	}
	if size := float64(len(s)+len(sep)) * float64(n); size > maxString {
		RaiseString(L, 1, "not enough memory")
	}
	if sep == "" {
		L.Push(lua.LString(strings.Repeat(s, n)))
	} else {
		L.Push(lua.LString(strings.Repeat(s+sep, n-1) + s))
	}
	return 1
}

func stringReverse(L *lua.LState) int {
	b := []byte(CheckString(L, 1))
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	L.Push(lua.LString(b))
	return 1
}

func (vm *VM) stringByte(L *lua.LState) int {
	s := CheckString(L, 1)
	from := optInt32(L, 2, 1)
	a, b := bounds(len(s), from, optInt32(L, 3, from))
	if from == 0 && isNil(L.Get(3)) {
		return 0
	}
	state := stateOf(L)
	if state.reg.top+b-a > vm.stackLimit {
		RaiseString(L, 1, "string slice too long")
	}
	for _, c := range []byte(s[a:b]) {
		L.Push(small[c])
	}
	return b - a
}

func stringChar(L *lua.LState) int {
	b := make([]byte, L.GetTop())
	for i := range b {
		c := checkInt32(L, i+1)
		if c < 0 || c > 255 {
			ArgError(L, i+1, "invalid value")
		}
		b[i] = byte(c)
	}
	L.Push(lua.LString(b))
	return 1
}

func startAt(init, n int) int {
	if init < 0 {
		init = n + init
	} else if init > 0 {
		init--
	}
	return max(init, 0)
}

func (vm *VM) stringFind(L *lua.LState) int {
	s, p := CheckString(L, 1), CheckString(L, 2)
	init := startAt(optInt32(L, 3, 1), len(s))
	if init > len(s) {
		init = len(s)
	}
	if truth(L.Get(4)) || !strings.ContainsAny(p, "^$*+?.([%-") {
		i := strings.Index(s[init:], p)
		if i < 0 {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(vm.num(lua.LNumber(init + i + 1)))
		L.Push(vm.num(lua.LNumber(init + i + len(p))))
		return 2
	}
	m := &matcher{L: L, src: s, pat: p}
	if from, to := m.search(init); from >= 0 {
		L.Push(vm.num(lua.LNumber(from + 1)))
		L.Push(vm.num(lua.LNumber(to)))
		return m.pushCaptures(from, to, false) + 2
	}
	L.Push(lua.LNil)
	return 1
}

// search finds the first match at or after a position; from is -1 for none.
func (m *matcher) search(at int) (from, to int) {
	p, anchored := 0, false
	if m.pat != "" && m.pat[0] == '^' {
		p, anchored = 1, true
	}
	for ; at <= len(m.src); at++ {
		m.reset()
		if e := m.match(at, p); e >= 0 {
			return at, e
		}
		if anchored {
			break
		}
	}
	return -1, 0
}

func stringMatch(L *lua.LState) int {
	s, p := CheckString(L, 1), CheckString(L, 2)
	m := &matcher{L: L, src: s, pat: p}
	if from, to := m.search(min(startAt(optInt32(L, 3, 1), len(s)), len(s))); from >= 0 {
		return m.pushCaptures(from, to, true)
	}
	L.Push(lua.LNil)
	return 1
}

func (vm *VM) stringGmatch(L *lua.LState) int {
	m := &matcher{src: CheckString(L, 1), pat: CheckString(L, 2)}
	at := 0
	L.Push(vm.function(func(L *lua.LState) int {
		m.L = L
		for ; at <= len(m.src); at++ {
			m.reset()
			if e := m.match(at, 0); e >= 0 {
				from := at
				at = e
				if e == from {
					at++
				}
				return m.pushCaptures(from, e, true)
			}
		}
		return 0
	}))
	return 1
}

func (vm *VM) stringGsub(L *lua.LState) int {
	s, p := CheckString(L, 1), CheckString(L, 2)
	repl := L.Get(3)
	switch repl.(type) {
	case lua.LString, lua.LNumber, *lua.LTable, *lua.LFunction:
	default:
		ArgError(L, 3, "string/function/table expected")
	}
	limit := optInt32(L, 4, len(s)+1)
	m := &matcher{L: L, src: s, pat: p}
	start, anchored := 0, false
	if p != "" && p[0] == '^' {
		start, anchored = 1, true
	}
	var b strings.Builder
	at, n := 0, 0
	for n < limit {
		m.reset()
		e := m.match(at, start)
		if e >= 0 {
			n++
			vm.substitute(m, &b, repl, at, e)
		}
		switch {
		case e > at:
			at = e
		case at < len(s):
			b.WriteByte(s[at])
			at++
		default:
			at = len(s) + 1
		}
		if at > len(s) || anchored {
			break
		}
	}
	if at < len(s) {
		b.WriteString(s[at:])
	}
	L.Push(lua.LString(b.String()))
	L.Push(vm.num(lua.LNumber(n)))
	return 2
}

// substitute writes what replaces the match from at to e.
func (vm *VM) substitute(m *matcher, b *strings.Builder, repl lua.LValue, at, e int) {
	var v lua.LValue
	switch r := repl.(type) {
	case *lua.LTable:
		v = vm.index(m.L, r, m.get(0, at, e))
	case *lua.LFunction:
		level, capture := m.level, m.capture
		m.L.Push(r)
		n := m.pushCaptures(at, e, true)
		m.L.Call(n, 1)
		v = m.L.Get(-1)
		m.L.Pop(1)
		m.level, m.capture = level, capture
	default:
		t, _ := text(r)
		m.template(b, t, at, e)
		return
	}
	if !truth(v) {
		b.WriteString(m.src[at:e])
		return
	}
	t, ok := text(v)
	if !ok {
		RaiseString(m.L, 1, "invalid replacement value (a %s)", TypeName(v))
	}
	b.WriteString(t)
}

func (m *matcher) template(b *strings.Builder, t string, at, e int) {
	if strings.IndexByte(t, '%') < 0 {
		b.WriteString(t)
		return
	}
	for i := 0; i < len(t); i++ {
		if t[i] != '%' {
			b.WriteByte(t[i])
			continue
		}
		i++
		switch {
		case i >= len(t):
			b.WriteByte(0)
		case t[i] == '0':
			b.WriteString(m.src[at:e])
		case t[i] >= '1' && t[i] <= '9':
			s, _ := text(m.get(int(t[i]-'1'), at, e))
			b.WriteString(s)
		default:
			b.WriteByte(t[i])
		}
	}
}
