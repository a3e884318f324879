package box

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// iteratorOf reads the iterator out of the options of a call: a table, the name itself, or nothing, in which case the
// key decides.
func (b *Box) iteratorOf(L *lua.LState, options lua.LValue, key []byte) db.IteratorType {
	typ := db.EQ
	if len(key) == 1 && key[0] == 0x90 {
		typ = db.ALL
	}
	var wanted lua.LValue
	switch o := options.(type) {
	case *lua.LTable:
		if o == nil {
			return typ
		}
		wanted = o.RawGetString("iterator")
	case lua.LString, lua.LNumber:
		wanted = o
	default:
		return typ
	}
	switch v := wanted.(type) {
	case lua.LNumber:
		if v < 0 || v > math.MaxUint8 {
			return math.MaxUint8
		}
		return db.IteratorType(v)
	case lua.LString:
		typ, ok := db.ParseIteratorType(upper(string(v)))
		if !ok {
			b.fail(L, boxerr.IteratorType, string(v))
		}
		return typ
	}
	if vm.IsNil(wanted) {
		return typ
	}
	b.fail(L, boxerr.IteratorType, b.text(L, wanted))
	return typ
}

// upper is strings.ToUpper for what is short and usually upper case already.
func upper(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'a' && c <= 'z' {
			up := []byte(s)
			for j, c := range up {
				if c >= 'a' && c <= 'z' {
					up[j] = c - 'a' + 'A'
				}
			}
			return string(up)
		}
	}
	return s
}

// Where Tarantool reads the options of select, and passes them on.
const (
	optionsPlace = "builtin/box/schema.lua:1338"
	selectPlace  = "builtin/box/schema.lua:1541"
)

// selectRows is index:select(key, {iterator=, offset=, limit=}).
func (b *Box) selectRows(L *lua.LState, s *db.Space, index uint32) int {
	key := b.keyArg(L, 2)
	typ, offset, limit := db.EQ, uint32(0), uint32(math.MaxUint32)
	options := L.Get(3)
	typ = b.iteratorOf(L, options, key)
	switch o := options.(type) {
	case *lua.LTable:
		if v := o.RawGetString("offset"); v != lua.LNil {
			offset = b.cUint(L, v, selectPlace, 4, "box_select")
		}
		if v := o.RawGetString("limit"); v != lua.LNil {
			limit = b.cUint(L, v, selectPlace, 5, "box_select")
		}
	default:
		b.refuseOptions(L, options)
	}
	rows, err := s.Select(b.Context(), index, typ, offset, limit, key)
	if err != nil {
		b.raise(L, err)
	}
	b.Count(StatSelect, 1)
	values := make([]lua.LValue, len(rows))
	for i, t := range rows {
		values[i] = (*Tuple)(t)
	}
	L.Push(serial.NewArray(L, values))
	return 1
}

// refuseOptions throws for options that have no fields.
func (b *Box) refuseOptions(L *lua.LState, options lua.LValue) {
	switch options.(type) {
	case lua.LString, *lua.LNilType, *lua.LTable:
		return
	}
	if options != vm.Null {
		usage(L, optionsPlace, "attempt to index local 'opts' (a %s value)", vm.TypeName(options))
	}
}

// count is index:count(key, {iterator=}).
func (b *Box) count(L *lua.LState, s *db.Space, index uint32) int {
	key := b.keyArg(L, 2)
	n, err := s.Count(b.Context(), index, b.iteratorOf(L, L.Get(3), key), key)
	if err != nil {
		b.raise(L, err)
	}
	L.Push(lua.LNumber(n))
	return 1
}

// iteration is the state of a for loop over an index.
type iteration struct{ it *db.Iterator }

// pairs is index:pairs(key, {iterator=}): what a for loop takes, or the module fun.
func (b *Box) pairs(L *lua.LState, s *db.Space, index uint32) int {
	key := b.keyArg(L, 2)
	b.refuseOptions(L, L.Get(3))
	it, err := s.Iterate(b.Context(), index, b.iteratorOf(L, L.Get(3), key), key)
	if err != nil {
		b.raise(L, err)
	}
	b.Count(StatSelect, 1)
	param := L.NewTable()
	state := L.NewUserData()
	state.Value = &iteration{it}
	return b.pushIterator(L, b.spaces.step, param, state)
}

// spacePairs is space:pairs(key, options): empty for a space without an index.
func (b *Box) spacePairs(L *lua.LState) int {
	s := b.spaceOrNil(L, "pairs")
	if s == nil || len(s.Indexes()) == 0 {
		return b.pushIterator(L, b.spaces.endStep, L.NewTable(), lua.LNil)
	}
	return b.pairs(L, s, 0)
}

// iterationStep is the generator of pairs: (param, state) to (state, tuple).
func (b *Box) iterationStep(L *lua.LState) int {
	ud, ok := L.Get(2).(*lua.LUserData)
	if ok {
		if st, ok := ud.Value.(*iteration); ok {
			t := st.it.Next()
			if t == nil {
				L.Push(lua.LNil)
				return 1
			}
			L.Push(ud)
			L.Push((*Tuple)(t))
			return 2
		}
	}
	usage(L, "builtin/box/schema.lua:1263", "usage: next(param, state)")
	return 0
}

// pushIterator returns the triple as an iterator of the module fun, so that scripts may go on with :map and the like.
func (b *Box) pushIterator(L *lua.LState, next *lua.LFunction, param, state lua.LValue) int {
	if b.wrapIterator == nil {
		if fun, ok := b.host.Require(L, "fun").(*lua.LTable); ok {
			b.wrapIterator, _ = fun.RawGetString("wrap").(*lua.LFunction)
		}
	}
	top := L.GetTop()
	L.Push(b.wrapIterator)
	L.Push(next)
	L.Push(param)
	L.Push(state)
	L.Call(3, lua.MultRet)
	return L.GetTop() - top
}
