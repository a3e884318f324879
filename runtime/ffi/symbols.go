package ffi

import (
	"bytes"
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/ffi/ctype"
	"shardlua/runtime/vm"
)

// builtin is a function of C that is written here. Arguments are converted to the declared types already.
type builtin func(lib *Library, c *call) lua.LValue

// call is the arguments of a builtin.
type call struct {
	args []lua.LValue
	ret  *ctype.Type
}

func (c *call) int(i int) int {
	n, _ := vm.ToInt64(c.args[i])
	return int(n)
}

func (c *call) float(i int) float64 {
	n, _ := vm.ToNumber(c.args[i])
	return n
}

func (c *call) pointer(i int) *Pointer {
	p, _ := c.args[i].(*Pointer)
	if p == nil {
		p = &Pointer{typ: charPointer}
	}
	return p
}

func (c *call) text(i int) string {
	b := c.pointer(i).Bytes()
	if n := bytes.IndexByte(b, 0); n >= 0 {
		b = b[:n]
	}
	return string(b)
}

func number(f func(c *call) float64) builtin {
	return func(lib *Library, c *call) lua.LValue { return lua.LNumber(f(c)) }
}

func math1(f func(float64) float64) builtin {
	return number(func(c *call) float64 { return f(c.float(0)) })
}

// builtins are the functions of C that scripts are known to call for what the host can do without C.
func builtins() map[string]builtin {
	return map[string]builtin{
		"getpid":  number(func(*call) float64 { return float64(os.Getpid()) }),
		"getppid": number(func(*call) float64 { return float64(os.Getppid()) }),
		"getuid":  number(func(*call) float64 { return float64(os.Getuid()) }),
		"geteuid": number(func(*call) float64 { return float64(os.Geteuid()) }),
		"getgid":  number(func(*call) float64 { return float64(os.Getgid()) }),
		"kill":    number(func(c *call) float64 { return result(syscall.Kill(c.int(0), syscall.Signal(c.int(1)))) }),
		"time":    number(func(*call) float64 { return float64(time.Now().Unix()) }),
		"strlen":  number(func(c *call) float64 { return float64(len(c.text(0))) }),
		"strcmp":  number(func(c *call) float64 { return float64(strings.Compare(c.text(0), c.text(1))) }),
		"memcmp": number(func(c *call) float64 {
			a, b := c.pointer(0).Bytes(), c.pointer(1).Bytes()
			n := min(max(c.int(2), 0), len(a), len(b))
			return float64(bytes.Compare(a[:n], b[:n]))
		}),
		"abs":     number(func(c *call) float64 { return math.Abs(c.float(0)) }),
		"toupper": number(func(c *call) float64 { return float64(fold(c.int(0), 'a', 'z', -32)) }),
		"tolower": number(func(c *call) float64 { return float64(fold(c.int(0), 'A', 'Z', 32)) }),
		"atoi": number(func(c *call) float64 {
			s := strings.TrimLeft(c.text(0), " \t\n")
			end := 0
			for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
				end++
			}
			n, _ := strconv.Atoi(s[:end])
			return float64(n)
		}),
		"sin": math1(math.Sin), "cos": math1(math.Cos), "sqrt": math1(math.Sqrt), "fabs": math1(math.Abs),
		"floor": math1(math.Floor), "ceil": math1(math.Ceil), "exp": math1(math.Exp), "log": math1(math.Log),
		"pow":    number(func(c *call) float64 { return math.Pow(c.float(0), c.float(1)) }),
		"malloc": func(lib *Library, c *call) lua.LValue { return lib.allocate(c.int(0), c.ret) },
		"calloc": func(lib *Library, c *call) lua.LValue { return lib.allocate(c.int(0)*c.int(1), c.ret) },
		"free": func(lib *Library, c *call) lua.LValue {
			delete(lib.heap, c.pointer(0).mem)
			return lua.LNil
		},
		"memcpy":  move,
		"memmove": move,
		"memset": func(lib *Library, c *call) lua.LValue {
			b := c.pointer(0).Bytes()
			for i := range b[:min(max(c.int(2), 0), len(b))] {
				b[i] = byte(c.int(1))
			}
			return c.args[0]
		},
		"getenv": func(lib *Library, c *call) lua.LValue {
			s, ok := os.LookupEnv(c.text(0))
			if !ok {
				return vm.Null
			}
			return &Pointer{lib: lib, typ: c.ret, mem: lib.text(s)}
		},
		"strerror": func(lib *Library, c *call) lua.LValue {
			return &Pointer{lib: lib, typ: c.ret, mem: lib.text(syscall.Errno(c.int(0)).Error())}
		},
	}
}

func result(err error) float64 {
	if err != nil {
		return -1
	}
	return 0
}

func fold(c, first, last, by int) int {
	if c >= first && c <= last {
		return c + by
	}
	return c
}

func move(_ *Library, c *call) lua.LValue {
	to, from := c.pointer(0), c.pointer(1)
	n := c.int(2)
	if n > 0 && n <= len(to.Bytes()) && n <= len(from.Bytes()) {
		to.mem.copyFrom(to.off, from.mem, from.off, n)
	}
	return c.args[0]
}

// maxHeap keeps a script's mistake from asking for all memory at once.
const maxHeap = 1 << 31

func (lib *Library) allocate(n int, t *ctype.Type) lua.LValue {
	if n < 0 || n > maxHeap {
		return vm.Null
	}
	m := NewMemory(n)
	lib.heap[m] = struct{}{}
	return &Pointer{lib: lib, typ: t, mem: m}
}

// namespace is ffi.C.
func (lib *Library) namespace(L *lua.LState) lua.LValue {
	known := builtins()
	functions := map[string]*Function{}
	mt := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			name := vm.CheckString(L, 2)
			s, ok := lib.u.Symbol(name)
			switch {
			case !ok:
				vm.RaiseString(L, 1, "missing declaration for symbol '%s'", name)
			case s.Constant:
				L.Push(lib.constant(s))
				return 1
			case s.Type.Kind != ctype.Func || known[s.Name] == nil:
				vm.RaiseString(L, 1, "tarantool: undefined symbol: %s", s.Name)
			}
			if functions[name] == nil {
				functions[name] = &Function{lib: lib, typ: s.Type, name: s.Name, call: known[s.Name]}
			}
			L.Push(functions[name])
			return 1
		},
		"__newindex": func(L *lua.LState) int {
			name := vm.CheckString(L, 2)
			s, ok := lib.u.Symbol(name)
			switch {
			case !ok:
				vm.RaiseString(L, 1, "missing declaration for symbol '%s'", name)
			case s.Constant || s.Type.Kind == ctype.Func:
				vm.RaiseString(L, 1, "attempt to write to constant location")
			}
			vm.RaiseString(L, 1, "tarantool: undefined symbol: %s", s.Name)
			return 0
		},
	})
	mt.RawSetString("__metatable", lua.LString("ffi"))
	u := L.NewUserData()
	u.Metatable = mt
	return u
}

// constant is a constant as a number, whatever its type.
func (lib *Library) constant(s ctype.Symbol) lua.LValue {
	if s.Type.Wide() {
		return boxed(s.Type, uint64(s.Value))
	}
	return lua.LNumber(s.Value)
}

func (lib *Library) callFunction(L *lua.LState, f *Function) int {
	n := L.GetTop() - 1
	if n < len(f.typ.Params) || n > len(f.typ.Params) && !f.typ.Variadic {
		vm.RaiseString(L, 0, "wrong number of arguments for function call")
	}
	c := &call{ret: f.typ.Elem}
	for i := range n {
		v := L.Get(i + 2)
		if i < len(f.typ.Params) {
			var err error
			if v, err = lib.argument(f.typ.Params[i], v); err != nil {
				vm.ArgError(L, i+1, err.Error())
			}
		}
		c.args = append(c.args, v)
	}
	v := f.call(lib, c)
	if f.typ.Elem.Kind == ctype.Void {
		return 0
	}
	if f.typ.Elem.IsNumber() {
		bits, err := lib.bits(f.typ.Elem, v, false)
		lib.raise(L, err)
		v = lib.number(f.typ.Elem, bits)
	}
	L.Push(v)
	return 1
}

func (lib *Library) argument(t *ctype.Type, v lua.LValue) (lua.LValue, error) {
	if t.Kind == ctype.Pointer {
		p, err := lib.toPointer(t, v, false)
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	return lib.passed(t, v)
}
