// Package keydef is the Lua module `key_def`: key definitions that scripts make for themselves, to order tuples and to
// take their keys outside of any index.
//
// The one idea: a key definition of scripts is the database's own tuple.KeyDef behind a handle, so that both order
// alike. Tuples that come in have no format, and are therefore checked against the parts first.
package keydef

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/box"
	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
	"shardlua/runtime/luamp"
	"shardlua/runtime/module"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// Module is the Lua module `key_def`: new(parts), where a part is {fieldno = , type = [, is_nullable = ][, path = ]
// [, collation_id = ][, collation = ]}, and field is another name of fieldno, as in the parts of an index. Definitions
// have the methods extract_key(tuple), compare(tuple, tuple), compare_with_key(tuple, key), merge(key_def), totable().
var Module = module.Module{Name: "key_def", Open: open}

// Definition is a key definition of scripts: cdata of type `struct key_def &`.
type Definition struct {
	kd    *tuple.KeyDef
	ctype vm.CTypeID
}

// Type implements lua.LValue.
func (d *Definition) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (d *Definition) CType() vm.CTypeID { return d.ctype }

// String implements lua.LValue.
func (d *Definition) String() string { return "<struct key_def &>" }

// library is the module in one instance.
type library struct {
	host  module.Host
	ctype vm.CTypeID
	codec *luamp.Codec
}

func open(h module.Host, L *lua.LState) lua.LValue {
	k := &library{host: h, ctype: h.VM().NewCType("struct key_def &"), codec: luamp.Of(L)}
	functions := map[string]lua.LGFunction{
		"extract_key":      k.extractKey,
		"compare":          k.compare,
		"compare_with_key": k.compareWithKey,
		"merge":            k.merge,
		"totable":          k.toTable,
	}
	methods := L.SetFuncs(L.NewTable(), functions)
	methods.RawSetString("__serialize", methods.RawGetString("totable"))
	exports := L.NewTable()
	for name := range functions {
		exports.RawSetString(name, methods.RawGetString(name))
	}
	exports.RawSetString("new", L.NewFunction(k.create))

	meta := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{"__newindex": refuse})
	meta.RawSetString("__index", methods)
	meta.RawSetString("__serialize", methods.RawGetString("totable"))
	h.VM().SetMeta(k.ctype, meta)
	return exports
}

// refuse is the assignment to a field.
func refuse(L *lua.LState) int {
	if name, ok := L.Get(2).(lua.LString); ok {
		vm.RaiseString(L, 1, "'struct key_def' has no member named '%s'", string(name))
	}
	vm.RaiseString(L, 1, "'struct key_def' cannot be indexed with '%s'", vm.TypeName(L.Get(2)))
	return 0
}

// raise throws err, which is then box.error.last().
func (k *library) raise(L *lua.LState, err error) {
	e := boxerr.From(err)
	if f := k.host.Sched().Current(); f != nil {
		f.Diag = e
	}
	show, _ := k.host.Service(errno.ValueKey{}).(func(*boxerr.Error) lua.LValue)
	if show == nil {
		vm.RaiseString(L, -1, "%s", e.Message)
	}
	vm.Raise(L, show(e))
}

// self is the definition that a method was called on, with n arguments behind it.
func self(L *lua.LState, n int, usage string) *Definition {
	d, ok := L.Get(1).(*Definition)
	if !ok || L.GetTop() != n+1 {
		vm.RaiseString(L, -1, "Usage: key_def:%s", usage)
	}
	return d
}

// encoded is the msgpack of an argument, which must be an array.
func (k *library) encoded(L *lua.LState, v lua.LValue) []byte {
	o := luamp.Default()
	data, err := k.codec.Append(nil, L, v, &o)
	if err != nil {
		vm.RaiseString(L, -1, "%s", err)
	}
	if mp.KindOf(data) != mp.Array {
		k.raise(L, boxerr.New(boxerr.TupleNotArray))
	}
	return data
}

// tuple is the n-th argument, a tuple or a table, which must have a key by d.
func (k *library) tuple(L *lua.LState, d *Definition, n int) *tuple.Tuple {
	var t *tuple.Tuple
	switch v := L.Get(n).(type) {
	case *box.Tuple:
		t = v.Tuple()
	case *lua.LTable:
		var err error
		if t, err = tuple.New(nil, k.encoded(L, v)); err != nil {
			k.raise(L, err)
		}
	default:
		k.raise(L, illegal("A tuple or a table expected, got %s", vm.TypeName(v)))
	}
	if err := d.kd.ValidateTuple(t); err != nil {
		k.raise(L, err)
	}
	return t
}

func (k *library) extractKey(L *lua.LState) int {
	d := self(L, 1, "extract_key(tuple)")
	t, err := tuple.New(nil, d.kd.ExtractKey(k.tuple(L, d, 2)))
	if err != nil {
		k.raise(L, err)
	}
	L.Push(box.NewTuple(t))
	return 1
}

func (k *library) compare(L *lua.LState) int {
	d := self(L, 2, "compare(tuple_a, tuple_b)")
	a, b := k.tuple(L, d, 2), k.tuple(L, d, 3)
	L.Push(lua.LNumber(d.distance(a, body(d.kd.ExtractKey(b)), d.kd.PartCount())))
	return 1
}

func (k *library) compareWithKey(L *lua.LState) int {
	d := self(L, 2, "compare_with_key(tuple, key)")
	t, data := k.tuple(L, d, 2), k.encoded(L, L.Get(3))
	n, size := mp.ArrayHeader(data)
	if err := d.kd.ValidateKey(data[size:], n, false); err != nil {
		k.raise(L, err)
	}
	L.Push(lua.LNumber(d.distance(t, data[size:], n)))
	return 1
}

func (k *library) merge(L *lua.LState) int {
	d := self(L, 1, "merge(second_key_def)")
	second, ok := L.Get(2).(*Definition)
	if !ok {
		vm.RaiseString(L, -1, "Usage: key_def:merge(second_key_def)")
	}
	L.Push(&Definition{d.kd.Merge(second.kd), k.ctype})
	return 1
}

func (k *library) toTable(L *lua.LState) int {
	d := self(L, 0, "totable()")
	list := L.NewTable()
	for _, p := range d.kd.Parts() {
		part := L.NewTable()
		part.RawSetString("type", lua.LString(p.Type.String()))
		part.RawSetString("is_nullable", lua.LBool(p.IsNullable))
		if p.Collation != nil {
			part.RawSetString("collation", lua.LString(p.Collation.Name))
		}
		if p.Path != "" {
			part.RawSetString("path", lua.LString(p.Path))
		}
		part.RawSetString("fieldno", lua.LNumber(p.Field+1))
		list.Append(part)
	}
	L.Push(list)
	return 1
}
