package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/db"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// Numbers of the system spaces that box.schema works on.
const (
	schemaSpace       = 272
	collationSpace    = 276
	vcollationSpace   = 277
	spaceSpace        = 280
	vspaceSpace       = 281
	sequenceSpace     = 284
	sequenceDataSpace = 285
	vsequenceSpace    = 286
	indexSpace        = 288
	funcSpace         = 296
	vfuncSpace        = 297
	userSpace         = 304
	vuserSpace        = 305
	privSpace         = 312
	vprivSpace        = 313
	clusterSpace      = 320
	triggerSpace      = 328
	truncateSpace     = 330
	spaceSequence     = 340
	fkSpace           = 356
	ckSpace           = 364
	funcIndexSpace    = 372
	sessionSettings   = 380
	deferredDelete    = 257
)

// row builds the msgpack of a row, a key, or the operations of an update.
type row []byte

func newRow(fields int) row { return mp.AppendArrayHeader(make([]byte, 0, 64), fields) }

func (r row) uint(v uint64) row   { return mp.AppendUint(r, v) }
func (r row) int(v int64) row     { return mp.AppendInt(r, v) }
func (r row) str(v string) row    { return mp.AppendString(r, v) }
func (r row) bool(v bool) row     { return mp.AppendBool(r, v) }
func (r row) array(n int) row     { return mp.AppendArrayHeader(r, n) }
func (r row) mapping(n int) row   { return mp.AppendMapHeader(r, n) }
func (r row) raw(data []byte) row { return append(r, data...) }

// lua adds a Lua value.
func (b *Box) appendTo(L *lua.LState, r row, v lua.LValue) row {
	out, err := b.codec.Append(r, L, v, &b.encode)
	if err != nil {
		b.raise(L, err)
	}
	return out
}

// assign makes the operations that set fields: pairs of a field from 0 and a msgpack value.
func assign(fields ...any) row {
	ops := newRow(len(fields) / 2)
	for i := 0; i < len(fields); i += 2 {
		ops = ops.array(3).str("=").uint(uint64(fields[i].(int))).raw(fields[i+1].(row))
	}
	return ops
}

func uintValue(v uint64) row { return row(nil).uint(v) }
func strValue(v string) row  { return row(nil).str(v) }

func idKey(ids ...uint32) row {
	k := newRow(len(ids))
	for _, id := range ids {
		k = k.uint(uint64(id))
	}
	return k
}

func nameKey(name string) row { return newRow(1).str(name) }

// system returns a system space.
func (b *Box) system(id uint32) *db.Space { return b.db.Space(id) }

// insertRow inserts a row into a system space or throws.
func (b *Box) insertRow(L *lua.LState, space uint32, data row) *tuple.Tuple {
	b.Count(StatInsert, 1)
	t, err := b.system(space).Insert(b.Context(), data)
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
	return t
}

func (b *Box) replaceRow(L *lua.LState, space uint32, data row) {
	b.Count(StatReplace, 1)
	_, err := b.system(space).Replace(b.Context(), data)
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
}

func (b *Box) deleteRow(L *lua.LState, space uint32, key row) *tuple.Tuple {
	b.Count(StatDelete, 1)
	t, err := b.system(space).Delete(b.Context(), 0, key)
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
	return t
}

func (b *Box) updateRow(L *lua.LState, space uint32, key, ops row) *tuple.Tuple {
	b.Count(StatUpdate, 1)
	t, err := b.system(space).Update(b.Context(), 0, key, ops, 0)
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
	return t
}

// getRow finds a row of a system space by a whole key of an index, or nil.
func (b *Box) getRow(L *lua.LState, space, index uint32, key row) *tuple.Tuple {
	b.Count(StatSelect, 1)
	t, err := b.system(space).Get(b.Context(), index, key)
	if err != nil {
		b.raise(L, err)
	}
	return t
}

// selectRows finds the rows of a system space with a key.
func (b *Box) systemRows(L *lua.LState, space, index uint32, key row) []*tuple.Tuple {
	b.Count(StatSelect, 1)
	rows, err := b.system(space).Select(b.Context(), index, db.EQ, 0, 1<<31, key)
	if err != nil {
		b.raise(L, err)
	}
	return rows
}

func uintField(t *tuple.Tuple, i int) uint32 {
	if f := t.Field(i); f != nil {
		if v, ok := mp.Uint64(f); ok {
			return uint32(v)
		}
	}
	return 0
}

func strField(t *tuple.Tuple, i int) string {
	if f := t.Field(i); f != nil && mp.KindOf(f) == mp.Str {
		return string(mp.Bytes(f))
	}
	return ""
}

// atomically runs f in a transaction of its own, or in the one that is open.
func (b *Box) atomically(L *lua.LState, f func()) {
	c := b.Context()
	if c.InTxn() {
		f()
		return
	}
	if err := c.Begin(); err != nil {
		b.raise(L, err)
	}
	done := false
	defer func() {
		if !done {
			_ = c.Rollback()
			b.refresh()
		}
	}()
	f()
	done = true
	err := c.Commit()
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
}
