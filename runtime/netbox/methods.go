package netbox

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/box"
	"shardlua/runtime/db"
	"shardlua/runtime/iproto"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// self is the connection that a method was called on.
func (lib *library) self(L *lua.LState, method string) *Transport {
	t := transportOf(L.Get(1))
	if t == nil {
		vm.RaiseString(L, -1, "Use remote:%s(...) instead of remote.%s(...):", method, method)
	}
	return t
}

func (lib *library) luaPing(L *lua.LState) int {
	t := lib.self(L, "ping")
	if opts := L.Get(2); !vm.IsNil(opts) {
		if _, ok := opts.(*lua.LTable); !ok { // as with every error of a ping
			L.Push(lua.LFalse)
			return 1
		}
	}
	return t.perform(L, iproto.TypePing, modeBool, nil, L.Get(2), func(b []byte) ([]byte, error) { return append(b, 0x80), nil })
}

// callArgs checks the arguments of call and eval.
func (lib *library) callArgs(L *lua.LState, method, first string, line, usageLine int) (name string, args lua.LValue) {
	args = L.Get(3)
	if _, isTable := args.(*lua.LTable); !isTable && !vm.IsNil(args) {
		if _, isTuple := args.(*box.Tuple); !isTuple {
			vm.RaiseString(L, -1, "builtin/box/net_box.lua:%d: Use remote:%s(%s, {arg1, arg2, ...}, opts) instead of remote:%s(%s, arg1, arg2, ...)",
				usageLine, method, first, method, first)
		}
	}
	if opts := L.Get(4); !vm.IsNil(opts) {
		if _, ok := opts.(*lua.LTable); !ok {
			vm.RaiseString(L, -1, "builtin/box/net_box.lua:%d: attempt to index local 'opts' (a %s value)", line, vm.TypeName(opts))
		}
	}
	if v := L.Get(2); !vm.IsNil(v) || method == "call" {
		name = lib.host.VM().ToString(L, v)
	}
	return name, args
}

func (lib *library) call(L *lua.LState, t *Transport, method, first string, typ iproto.Type, key byte, m mode, line, usageLine int) int {
	name, args := lib.callArgs(L, method, first, line, usageLine)
	return t.perform(L, typ, m, nil, L.Get(4), func(b []byte) ([]byte, error) {
		b = mp.AppendString(append(b, 0x82, key), name)
		return lib.appendArray(append(b, iproto.KeyTuple), L, args)
	})
}

func (lib *library) luaCall(L *lua.LState) int {
	t := lib.self(L, "call")
	if vm.Truth(t.conn.RawGetString("_call_16")) {
		return lib.luaCall16(L)
	}
	return lib.call(L, t, "call", "func_name", iproto.TypeCall, iproto.KeyFunctionName, modeCall, 1163, 1115)
}

// luaCall16 is call of Tarantool 1.6: all arguments follow the name, and the results are tuples.
func (lib *library) luaCall16(L *lua.LState) int {
	t := lib.self(L, "call")
	name := lib.host.VM().ToString(L, L.Get(2))
	top := L.GetTop()
	return t.perform(L, iproto.TypeCall16, modeTuples, nil, lua.LNil, func(b []byte) ([]byte, error) {
		b = mp.AppendString(append(b, 0x82, iproto.KeyFunctionName), name)
		b = mp.AppendArrayHeader(append(b, iproto.KeyTuple), max(0, top-2))
		var err error
		for i := 3; i <= top; i++ {
			if b, err = lib.codec.Append(b, L, L.Get(i), &lib.encode); err != nil {
				return nil, err
			}
		}
		return b, nil
	})
}

func (lib *library) luaEval(L *lua.LState) int {
	return lib.call(L, lib.self(L, "eval"), "eval", "expression", iproto.TypeEval, iproto.KeyExpr, modeCall, 1204, 1122)
}

// luaEval16 is eval of Tarantool 1.6: all arguments follow the expression, and the results are not in a table.
func (lib *library) luaEval16(L *lua.LState) int {
	t := lib.self(L, "eval")
	expression := lib.host.VM().ToString(L, L.Get(2))
	top := L.GetTop()
	return t.perform(L, iproto.TypeEval, modeCall, nil, lua.LNil, func(b []byte) ([]byte, error) {
		b = mp.AppendString(append(b, 0x82, iproto.KeyExpr), expression)
		b = mp.AppendArrayHeader(append(b, iproto.KeyTuple), max(0, top-2))
		var err error
		for i := 3; i <= top; i++ {
			if b, err = lib.codec.Append(b, L, L.Get(i), &lib.encode); err != nil {
				return nil, err
			}
		}
		return b, nil
	})
}

// appendArray adds arguments, a tuple or a key's parts.
func (lib *library) appendArray(b []byte, L *lua.LState, v lua.LValue) ([]byte, error) {
	switch v := v.(type) {
	case *lua.LTable:
		return lib.codec.AppendArray(b, L, v, &lib.encode)
	case *box.Tuple:
		return v.AppendMsgpack(b), nil
	}
	if vm.IsNil(v) {
		return append(b, 0x90), nil
	}
	return lib.codec.Append(append(b, 0x91), L, v, &lib.encode)
}

// appendTuple adds what is to be a tuple, whose keys may have holes.
func (lib *library) appendTuple(b []byte, L *lua.LState, v lua.LValue) ([]byte, error) {
	if table, ok := v.(*lua.LTable); ok {
		return lib.codec.Append(b, L, table, &lib.encode)
	}
	return lib.appendArray(b, L, v)
}

// target is the space and index that a request goes to.
type target struct {
	transport *Transport
	space     uint64
	index     uint64
	format    *tuple.Format
}

// target reads a space's or an index's table: the first argument of all the functions below.
func (lib *library) target(L *lua.LState) target {
	table := L.CheckTable(1)
	space := table
	var t target
	if owner, ok := table.RawGetString("space").(*lua.LTable); ok {
		space = owner
		t.index = number(table.RawGetString("id"))
	}
	t.transport = transportOf(space.RawGetString("connection"))
	if t.transport == nil {
		vm.RaiseString(L, -1, "the space has no connection")
	}
	t.space = number(space.RawGetString("id"))
	if ud, ok := space.RawGetString("_format_cdata").(*lua.LUserData); ok {
		t.format, _ = ud.Value.(*tuple.Format)
	}
	return t
}

func number(v lua.LValue) uint64 {
	n, _ := v.(lua.LNumber)
	return uint64(n)
}

func (t *target) appendPlace(b []byte, pairs byte) []byte {
	b = mp.AppendUint(append(b, 0x80|pairs, iproto.KeySpaceID), t.space)
	return b
}

// selection sends a select.
func (lib *library) selection(L *lua.LState, m mode, it db.IteratorType, offset, limit uint64, key, opts lua.LValue) int {
	t := lib.target(L)
	return t.transport.perform(L, iproto.TypeSelect, m, t.format, opts, func(b []byte) ([]byte, error) {
		b = mp.AppendUint(append(t.appendPlace(b, 6), iproto.KeyIndexID), t.index)
		b = append(b, iproto.KeyIterator, byte(it))
		b = mp.AppendUint(append(b, iproto.KeyOffset), offset)
		b = mp.AppendUint(append(b, iproto.KeyLimit), limit)
		return lib.appendArray(append(b, iproto.KeyKey), L, key)
	})
}

// isEmptyKey reports whether a key stands for all tuples.
func isEmptyKey(v lua.LValue) bool {
	switch v := v.(type) {
	case *lua.LTable:
		return v.Len() == 0
	case *box.Tuple:
		return v.Tuple().FieldCount() == 0
	}
	return vm.IsNil(v)
}

// luaSelect is select(space or index, key, opts).
func (lib *library) luaSelect(L *lua.LState) int {
	key, opts := L.Get(2), L.Get(3)
	it := db.EQ
	if isEmptyKey(key) {
		it = db.ALL
	}
	var offset, limit uint64 = 0, math.MaxUint32
	if o, ok := opts.(*lua.LTable); ok {
		switch v := o.RawGetString("iterator").(type) {
		case lua.LNumber:
			it = db.IteratorType(v)
		case lua.LString:
			parsed, ok := db.ParseIteratorType(string(v))
			if !ok {
				raise(L, lib, errIterator(string(v)))
			}
			it = parsed
		}
		if n, ok := o.RawGetString("offset").(lua.LNumber); ok {
			offset = uint64(n)
		}
		if n, ok := o.RawGetString("limit").(lua.LNumber); ok && n < math.MaxUint32 {
			limit = uint64(n)
		}
	}
	return lib.selection(L, modeTuples, it, offset, limit, key, opts)
}

func (lib *library) luaGet(L *lua.LState) int {
	return lib.selection(L, modeOnly, db.EQ, 0, 2, L.Get(2), L.Get(3))
}

func (lib *library) luaMin(L *lua.LState) int {
	return lib.selection(L, modeOnly, db.GE, 0, 1, L.Get(2), L.Get(3))
}

func (lib *library) luaMax(L *lua.LState) int {
	return lib.selection(L, modeOnly, db.LE, 0, 1, L.Get(2), L.Get(3))
}

func (lib *library) store(L *lua.LState, typ iproto.Type) int {
	t := lib.target(L)
	return t.transport.perform(L, typ, modeTuple, t.format, L.Get(3), func(b []byte) ([]byte, error) {
		return lib.appendTuple(append(t.appendPlace(b, 2), iproto.KeyTuple), L, L.Get(2))
	})
}

func (lib *library) luaInsert(L *lua.LState) int  { return lib.store(L, iproto.TypeInsert) }
func (lib *library) luaReplace(L *lua.LState) int { return lib.store(L, iproto.TypeReplace) }

func (lib *library) luaDelete(L *lua.LState) int {
	t := lib.target(L)
	return t.transport.perform(L, iproto.TypeDelete, modeTuple, t.format, L.Get(3), func(b []byte) ([]byte, error) {
		b = mp.AppendUint(append(t.appendPlace(b, 3), iproto.KeyIndexID), t.index)
		return lib.appendArray(append(b, iproto.KeyKey), L, L.Get(2))
	})
}

// luaUpdate is update(space or index, key, operations, opts).
func (lib *library) luaUpdate(L *lua.LState) int {
	t := lib.target(L)
	return t.transport.perform(L, iproto.TypeUpdate, modeTuple, t.format, L.Get(4), func(b []byte) ([]byte, error) {
		b = mp.AppendUint(append(t.appendPlace(b, 5), iproto.KeyIndexID), t.index)
		b = append(b, iproto.KeyIndexBase, 1)
		b, err := lib.appendTuple(append(b, iproto.KeyTuple), L, L.Get(3))
		if err != nil {
			return nil, err
		}
		return lib.appendArray(append(b, iproto.KeyKey), L, L.Get(2))
	})
}

// luaUpsert is upsert(space, tuple, operations, opts).
func (lib *library) luaUpsert(L *lua.LState) int {
	t := lib.target(L)
	return t.transport.perform(L, iproto.TypeUpsert, modeNil, nil, L.Get(4), func(b []byte) ([]byte, error) {
		b = append(t.appendPlace(b, 4), iproto.KeyIndexBase, 1)
		b, err := lib.appendTuple(append(b, iproto.KeyTuple), L, L.Get(2))
		if err != nil {
			return nil, err
		}
		return lib.appendTuple(append(b, iproto.KeyOps), L, L.Get(3))
	})
}

// luaFormat makes the format of a space's tuples from the names of its fields, so that they can be read by name.
func (lib *library) luaFormat(L *lua.LState) int {
	list := L.CheckTable(1)
	fields := make([]tuple.FieldDef, 0, list.Len())
	for i := range list.Len() {
		if field, ok := vm.GetInt(list, i+1).(*lua.LTable); ok {
			if name, ok := field.RawGetString("name").(lua.LString); ok {
				fields = append(fields, tuple.FieldDef{Name: string(name), IsNullable: true})
			}
		}
	}
	format, err := tuple.NewFormat(fields, nil, 0)
	if err != nil {
		return 0 // the names are of no use
	}
	ud := L.NewUserData()
	ud.Value = format
	L.Push(ud)
	return 1
}
