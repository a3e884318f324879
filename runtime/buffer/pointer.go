package buffer

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// Pointer is a `char *` into the memory of a buffer. Like one in C it goes stale when the buffer moves: it then points
// into the memory that the buffer had.
type Pointer struct {
	lib *Library
	mem []byte // nil for NULL
	off int
}

// String is how tostring shows the pointer.
func (p *Pointer) String() string {
	switch {
	case p.mem == nil && p.off == 0:
		return "cdata<char *>: NULL"
	case p.mem == nil || p.off < 0 || p.off >= cap(p.mem):
		return fmt.Sprintf("cdata<char *>: 0x%08x", p.off)
	}
	return fmt.Sprintf("cdata<char *>: %p", &p.mem[:cap(p.mem)][p.off])
}

// Type implements lua.LValue.
func (p *Pointer) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (p *Pointer) CType() vm.CTypeID { return p.lib.pointers }

// Bytes is the memory from the pointer on, to its end. Writes into it are seen by the buffer.
func (p *Pointer) Bytes() []byte {
	if p.off < 0 || p.off > len(p.mem) {
		return nil
	}
	return p.mem[p.off:]
}

// Add is the pointer n bytes further on.
func (p *Pointer) Add(n int) *Pointer { return &Pointer{lib: p.lib, mem: p.mem, off: p.off + n} }

// Window is Bytes, for formats that read what lies behind a pointer.
func (p *Pointer) Window() []byte { return p.Bytes() }

// Plus is Add, for formats that tell where they stopped.
func (p *Pointer) Plus(n int) vm.Cdata { return p.Add(n) }

// same tells whether two pointers point into one memory.
func (p *Pointer) same(q *Pointer) bool {
	if len(p.mem) == 0 || len(q.mem) == 0 {
		return len(p.mem) == len(q.mem)
	}
	return &p.mem[0] == &q.mem[0]
}

func (lib *Library) pointerMeta(L *lua.LState) *lua.LTable {
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			b := lib.at(L)
			c := int8(b[0])
			L.Push(lua.LNumber(c))
			return 1
		},
		"__newindex": func(L *lua.LState) int {
			v, ok := L.Get(3).(lua.LNumber)
			if !ok {
				vm.RaiseString(L, 1, "cannot convert '%s' to 'char'", vm.TypeName(L.Get(3)))
			}
			lib.at(L)[0] = byte(int64(v))
			return 0
		},
		"__add": func(L *lua.LState) int {
			a, b := L.Get(1), L.Get(2)
			if _, ok := b.(*Pointer); ok {
				a, b = b, a
			}
			p, _ := a.(*Pointer)
			n, ok := integer(b)
			if p == nil || !ok {
				lib.arithmetic(L)
			}
			L.Push(p.Add(n))
			return 1
		},
		"__sub": func(L *lua.LState) int {
			p, ok := L.Get(1).(*Pointer)
			if !ok {
				lib.arithmetic(L)
			}
			if q, ok := L.Get(2).(*Pointer); ok {
				L.Push(lua.LNumber(p.off - q.off))
				return 1
			}
			n, ok := integer(L.Get(2))
			if !ok {
				lib.arithmetic(L)
			}
			L.Push(p.Add(-n))
			return 1
		},
		"__eq": func(L *lua.LState) int {
			p, ok1 := L.Get(1).(*Pointer)
			q, ok2 := L.Get(2).(*Pointer)
			switch {
			case ok1 && ok2:
				L.Push(lua.LBool(p.off == q.off && p.same(q)))
			case ok1:
				L.Push(lua.LBool(p.mem == nil && p.off == 0 && vm.IsNil(L.Get(2))))
			default:
				L.Push(lua.LBool(q.mem == nil && q.off == 0 && vm.IsNil(L.Get(1))))
			}
			return 1
		},
		"__lt": lib.compare(func(a, b int) bool { return a < b }),
		"__le": lib.compare(func(a, b int) bool { return a <= b }),
	})
}

func (lib *Library) compare(holds func(a, b int) bool) lua.LGFunction {
	return func(L *lua.LState) int {
		p, ok1 := L.Get(1).(*Pointer)
		q, ok2 := L.Get(2).(*Pointer)
		if !ok1 || !ok2 {
			vm.RaiseString(L, 1, "attempt to compare '%s' with '%s'", lib.name(L.Get(1)), lib.name(L.Get(2)))
		}
		L.Push(lua.LBool(holds(p.off, q.off)))
		return 1
	}
}

// at is the memory that p[n] means. Where C would crash, an error is raised.
func (lib *Library) at(L *lua.LState) []byte {
	p, _ := L.Get(1).(*Pointer)
	n, ok := integer(L.Get(2))
	if p == nil || !ok {
		vm.RaiseString(L, 1, "'char *' has no member named '%s'", L.Get(2).String())
	}
	b := p.Add(n).Bytes()
	if len(b) == 0 {
		vm.RaiseString(L, 1, "attempt to access memory outside of the buffer")
	}
	return b
}

func (lib *Library) arithmetic(L *lua.LState) {
	vm.RaiseString(L, 1, "attempt to perform arithmetic on '%s' and '%s'", lib.name(L.Get(1)), lib.name(L.Get(2)))
}

// name is how LuaJIT's messages call the type of a value.
func (lib *Library) name(v lua.LValue) string {
	if c, ok := v.(vm.Cdata); ok && v != vm.Null {
		return lib.vm.CTypeName(c.CType())
	}
	return vm.TypeName(v)
}

func integer(v lua.LValue) (int, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return int(v), true
	case *vm.I64:
		return int(v.V), true
	case *vm.U64:
		return int(v.V), true
	}
	return 0, false
}
