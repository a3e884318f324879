package box

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
)

// runner runs the functions of _func for the database.
type runner struct{ b *Box }

// procedures is what a database of this instance needs to run functions.
func (b *Box) procedures() db.Procedures { return runner{b} }

// Check compiles the body of a function.
func (p runner) Check(f *db.Function) error {
	fn, err := p.b.compile(f)
	if err != nil {
		return err
	}
	f.Compiled = fn
	return nil
}

// Forget implements db.Procedures.
func (p runner) Forget(f *db.Function) { f.Compiled = nil }

// Keys calls the function of a functional index.
func (p runner) Keys(f *db.Function, t *tuple.Tuple) ([]byte, error) {
	b := p.b
	fn, err := b.compiled(f)
	if err != nil {
		return nil, err
	}
	L := b.thread()
	results, err := b.host.VM().Call(L, fn, 1, (*Tuple)(t))
	if err != nil {
		return nil, b.boxError(L, err)
	}
	data, err := b.codec.Append(nil, L, results[0], &b.encode)
	if err != nil {
		return nil, boxerr.From(err)
	}
	return data, nil
}

// compiled is a function's code; rows that came from a snapshot are compiled when they are first called.
func (b *Box) compiled(f *db.Function) (*lua.LFunction, error) {
	if fn, ok := f.Compiled.(*lua.LFunction); ok {
		return fn, nil
	}
	fn, err := b.compile(f)
	if err != nil {
		return nil, err
	}
	f.Compiled = fn
	return fn, nil
}

// Compiled is the code of a function that has a body.
func (b *Box) Compiled(f *db.Function) (*lua.LFunction, error) { return b.compiled(f) }

// compile makes a function of `return BODY`, with an environment of its own when it is sandboxed.
func (b *Box) compile(f *db.Function) (*lua.LFunction, error) {
	fail := func(why string) error { return boxerr.New(boxerr.LoadFunction, f.Name, why) }
	chunk := "return " + f.Body
	load, err := b.host.VM().Load([]byte(chunk), chunk)
	if err != nil {
		return nil, fail(err.Error())
	}
	L := b.thread()
	if f.Sandboxed {
		load.Env = b.sandbox.table
	}
	results, err := b.host.VM().Call(L, load, 1)
	if err != nil {
		return nil, fail(b.boxError(L, err).Message)
	}
	fn, ok := results[0].(*lua.LFunction)
	if !ok {
		return nil, fail("given body doesn't define a function")
	}
	if f.Sandboxed {
		fn.Env = b.sandbox.environment(L)
	}
	return fn, nil
}

// sandbox is the environment of sandboxed functions: what cannot reach outside.
type sandbox struct{ table *lua.LTable }

// sandboxed are the globals that sandboxed functions see.
var sandboxed = []string{
	"assert", "error", "type", "unpack", "select", "string", "tonumber", "tostring", "coroutine", "math", "table", "utf8",
	"ipairs", "pairs", "next", "pcall", "xpcall", "print", "getmetatable", "setmetatable", "rawget", "rawset", "rawequal",
}

func (b *Box) newSandbox(L *lua.LState) *sandbox {
	t := L.NewTable()
	for _, name := range sandboxed {
		v := L.GetGlobal(name)
		if library, ok := v.(*lua.LTable); ok {
			copied := L.NewTable()
			library.ForEach(func(k, v lua.LValue) { vm.RawSet(copied, k, v) })
			v = copied
		}
		t.RawSetString(name, v)
	}
	return &sandbox{t}
}

// environment is a new table of globals for one function.
func (s *sandbox) environment(L *lua.LState) *lua.LTable {
	env := L.NewTable()
	s.table.ForEach(func(k, v lua.LValue) {
		if library, ok := v.(*lua.LTable); ok {
			copied := L.NewTable()
			library.ForEach(func(k, v lua.LValue) { vm.RawSet(copied, k, v) })
			v = copied
		}
		vm.RawSet(env, k, v)
	})
	return env
}

// errNoSuchProcedure is the error for a name that leads to no Lua function.
func errNoSuchProcedure(name string) error { return boxerr.New(boxerr.NoSuchProc, name) }

// FindProcedure finds what a call of `name` from outside leads to: the function, and self for a name with a colon.
func (b *Box) FindProcedure(L *lua.LState, name string) (fn lua.LValue, self lua.LValue, err error) {
	path, method, colon := strings.Cut(name, ":")
	v := lua.LValue(L.G.Global)
	for _, part := range strings.Split(path, ".") {
		if v, err = b.member(L, v, part); err != nil {
			return nil, nil, errNoSuchProcedure(name)
		}
	}
	if colon {
		self = v
		if v, err = b.member(L, v, method); err != nil {
			return nil, nil, errNoSuchProcedure(name)
		}
	}
	if _, ok := v.(*lua.LFunction); !ok {
		if meta, ok := L.GetMetatable(v).(*lua.LTable); !ok || meta.RawGetString("__call") == lua.LNil {
			return nil, nil, errNoSuchProcedure(name)
		}
	}
	return v, self, nil
}

var errNoMember = errors.New("no such member")

func (b *Box) member(L *lua.LState, v lua.LValue, name string) (lua.LValue, error) {
	switch v.Type() {
	case lua.LTTable, lua.LTUserData:
	default:
		return nil, errNoMember
	}
	var found lua.LValue
	_, err := b.host.VM().Call(L, L.NewFunction(func(L *lua.LState) int {
		found = L.GetField(v, name)
		return 0
	}), 0)
	if err != nil || vm.IsNil(found) {
		return nil, errNoMember
	}
	return found, nil
}

// CallFunction calls a function by name with the rights of the calling fiber: one that _func has, with its setuid, or
// any Lua function for users who may execute all. The results are all that the function returned.
func (b *Box) CallFunction(L *lua.LState, name string, args []lua.LValue) ([]lua.LValue, error) {
	c := b.Context()
	if err := b.db.CheckExecute(c, name); err != nil {
		return nil, err
	}
	if f := b.db.FunctionByName(name); f != nil {
		return b.callFunction(L, f, args)
	}
	fn, self, err := b.FindProcedure(L, name)
	if err != nil {
		return nil, err
	}
	if self != nil {
		args = append([]lua.LValue{self}, args...)
	}
	return b.host.VM().Call(L, fn, lua.MultRet, args...)
}

// callFunction calls a function of _func; the caller has checked the right to do so.
func (b *Box) callFunction(L *lua.LState, f *db.Function, args []lua.LValue) ([]lua.LValue, error) {
	var fn lua.LValue
	if f.Language != "LUA" {
		return nil, boxerr.New(boxerr.Unsupported, "shardlua", "functions in "+f.Language)
	}
	if f.Body != "" {
		code, err := b.compiled(f)
		if err != nil {
			return nil, err
		}
		fn = code
	} else {
		found, self, err := b.FindProcedure(L, f.Name)
		if err != nil {
			return nil, err
		}
		if fn = found; self != nil {
			args = append([]lua.LValue{self}, args...)
		}
	}
	if f.Setuid {
		c := b.Context()
		uid := c.UID()
		c.SetUID(f.Owner)
		defer c.SetUID(uid)
	}
	return b.host.VM().Call(L, fn, lua.MultRet, args...)
}
