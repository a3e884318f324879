package box

import (
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
)

// Where Tarantool's own code refuses a method that was called with a dot.
const (
	spacePlace = "builtin/box/schema.lua:1291"
	indexPlace = "builtin/box/schema.lua:1310"
)

// spaceArg is the space that a method was called on.
func (b *Box) spaceArg(L *lua.LState, method string) *db.Space {
	s := b.spaceOrNil(L, method)
	if s == nil {
		b.fail(L, boxerr.NoSuchSpace, L.Get(1).(*lua.LTable).RawGetString("id").String())
	}
	return s
}

// spaceOrNil is spaceArg, with nil for a space that has been dropped.
func (b *Box) spaceOrNil(L *lua.LState, method string) *db.Space {
	if t, ok := L.Get(1).(*lua.LTable); ok {
		if known := b.spaces.byTable[t]; known != nil {
			return known.space
		}
		if id := t.RawGetString("id"); id != lua.LNil {
			n, _ := vm.ToNumber(id)
			return b.db.Space(uint32(n))
		}
	}
	usage(L, spacePlace, "Use space:%s(...) instead of space.%s(...)", method, method)
	return nil
}

// primaryArg is the space that a method was called on; its primary index must exist.
func (b *Box) primaryArg(L *lua.LState, method string) *db.Space {
	s := b.spaceOrNil(L, method)
	if s == nil || len(s.Indexes()) == 0 {
		b.fail(L, boxerr.NoSuchIndexID, 0, L.Get(1).(*lua.LTable).RawGetString("name").String())
	}
	return s
}

// indexArg is the index that a method was called on.
func (b *Box) indexArg(L *lua.LState, method string) (*db.Space, uint32) {
	if t, ok := L.Get(1).(*lua.LTable); ok {
		if known := b.spaces.byIndex[t]; known != nil {
			return known.space, known.id
		}
		id, ok1 := t.RawGetString("id").(lua.LNumber)
		space, ok2 := t.RawGetString("space_id").(lua.LNumber)
		if ok1 && ok2 {
			if s := b.db.Space(uint32(space)); s != nil {
				return s, uint32(id)
			}
			b.fail(L, boxerr.NoSuchSpace, space.String())
		}
	}
	usage(L, indexPlace, "Use index:%s(...) instead of index.%s(...)", method, method)
	return nil, 0
}

// rowOp is an operation that a space has through its primary index, and every index has of its own.
type rowOp func(L *lua.LState, s *db.Space, index uint32) int

func (b *Box) spaceMethod(name string, op rowOp) lua.LGFunction {
	return func(L *lua.LState) int { return op(L, b.primaryArg(L, name), 0) }
}

func (b *Box) indexMethod(name string, op rowOp) lua.LGFunction {
	return func(L *lua.LState) int {
		s, index := b.indexArg(L, name)
		return op(L, s, index)
	}
}

// push returns a tuple, or nothing at all for nil.
func pushFound(L *lua.LState, t *tuple.Tuple) int {
	if t == nil {
		return 0
	}
	L.Push((*Tuple)(t))
	return 1
}

// changed lets scripts see what a statement did to the schema.
func (b *Box) changed(s *db.Space) {
	if s.IsSystem() {
		b.refresh()
	}
}

// written is the space and the tuple of an insert. A space that is gone is noticed after a tuple that is none.
func (b *Box) written(L *lua.LState, method string) (*db.Space, []byte) {
	s := b.spaceOrNil(L, method)
	data := b.tupleArg(L, 2)
	if s == nil {
		b.fail(L, boxerr.NoSuchSpace, L.Get(1).(*lua.LTable).RawGetString("id").String())
	}
	return s, data
}

// insert is space:insert(tuple).
func (b *Box) insert(L *lua.LState) int {
	s, data := b.written(L, "insert")
	b.Count(StatInsert, 1)
	t, err := s.Insert(b.Context(), data)
	return b.wrote(L, s, t, err)
}

// replace is space:replace(tuple), and space:put(tuple).
func (b *Box) replace(L *lua.LState) int {
	s, data := b.written(L, "replace")
	b.Count(StatReplace, 1)
	t, err := s.Replace(b.Context(), data)
	return b.wrote(L, s, t, err)
}

// wrote ends a statement that returns a tuple.
func (b *Box) wrote(L *lua.LState, s *db.Space, t *tuple.Tuple, err error) int {
	b.changed(s)
	if err != nil {
		b.raise(L, err)
	}
	return pushFound(L, t)
}

// get is index:get(key).
func (b *Box) get(L *lua.LState, s *db.Space, index uint32) int {
	t, err := s.Get(b.Context(), index, b.keyArg(L, 2))
	if err != nil {
		b.raise(L, err)
	}
	b.Count(StatSelect, 1)
	return pushFound(L, t)
}

// isOps says whether a value can be the operations of an update.
func isOps(v lua.LValue) bool {
	switch v.(type) {
	case *lua.LTable, *Tuple:
		return true
	}
	return false
}

// wholeKey is keyArg for calls that Tarantool does not make by way of its FFI: a table that is no array is refused. The
// memory is its own, for calls that convert something else as well.
func (b *Box) wholeKey(L *lua.LState, n int) []byte {
	switch v := L.Get(n).(type) {
	case *lua.LTable, *lua.LFunction, *lua.LState:
		return append([]byte(nil), b.arrayOf(L, v)...)
	}
	return append([]byte(nil), b.keyArg(L, n)...)
}

// update is index:update(key, ops).
func (b *Box) update(L *lua.LState, s *db.Space, index uint32) int {
	if L.GetTop() < 3 || !isOps(L.Get(3)) {
		usage(L, "", "Usage index:update(key, ops)")
	}
	key := b.wholeKey(L, 2)
	ops := append([]byte(nil), b.arrayOf(L, L.Get(3))...)
	b.Count(StatUpdate, 1)
	t, err := s.Update(b.Context(), index, key, ops, 1)
	return b.wrote(L, s, t, err)
}

// upsert is space:upsert(tuple, ops).
func (b *Box) upsert(L *lua.LState) int {
	s := b.spaceArg(L, "upsert")
	if L.GetTop() < 3 || !isOps(L.Get(2)) || !isOps(L.Get(3)) {
		usage(L, "", "Usage space:upsert(tuple_key, ops)")
	}
	data := append([]byte(nil), b.tupleArg(L, 2)...)
	ops := append([]byte(nil), b.arrayOf(L, L.Get(3))...)
	b.Count(StatUpsert, 1)
	err := s.Upsert(b.Context(), data, ops, 1)
	b.changed(s)
	if err != nil {
		b.raise(L, err)
	}
	return 0
}

// remove is index:delete(key).
func (b *Box) remove(L *lua.LState, s *db.Space, index uint32) int {
	key := b.wholeKey(L, 2)
	b.Count(StatDelete, 1)
	t, err := s.Delete(b.Context(), index, key)
	return b.wrote(L, s, t, err)
}

func (b *Box) min(L *lua.LState, s *db.Space, index uint32) int {
	t, err := s.Min(b.Context(), index, b.keyArg(L, 2))
	if err != nil {
		b.raise(L, err)
	}
	return pushFound(L, t)
}

func (b *Box) max(L *lua.LState, s *db.Space, index uint32) int {
	t, err := s.Max(b.Context(), index, b.keyArg(L, 2))
	if err != nil {
		b.raise(L, err)
	}
	return pushFound(L, t)
}

// random is index:random(seed).
func (b *Box) random(L *lua.LState, s *db.Space, index uint32) int {
	seed := uint32(0)
	if v := L.Get(2); v != lua.LNil {
		seed = b.cUint(L, v, "builtin/box/schema.lua:1441", 3, "box_index_random")
	}
	t, err := s.Random(b.Context(), index, seed)
	if err != nil {
		b.raise(L, err)
	}
	return pushFound(L, t)
}

// cUint is a value as the C function that Tarantool calls here would have it.
func (b *Box) cUint(L *lua.LState, v lua.LValue, place string, n int, name string) uint32 {
	switch v := v.(type) {
	case lua.LNumber:
		return wrap32(float64(v))
	case *vm.I64:
		return uint32(v.V)
	case *vm.U64:
		return uint32(v.V)
	}
	if n64, ok := vm.ToInt64(v); ok && vm.TypeName(v) == "cdata" {
		return uint32(n64)
	}
	usage(L, place, "bad argument #%d to '%s' (cannot convert '%s' to 'unsigned int')", n, name, vm.TypeName(v))
	return 0
}

func wrap32(n float64) uint32 {
	if n != n || n >= 1<<63 || n < -1<<63 {
		return 0
	}
	return uint32(int64(n))
}

// spaceLen is space:len().
func (b *Box) spaceLen(L *lua.LState) int {
	s := b.spaceOrNil(L, "len")
	if s == nil || len(s.Indexes()) == 0 {
		L.Push(lua.LNumber(0))
		return 1
	}
	return b.length(L, s, 0)
}

// spaceCount is space:count(key, options).
func (b *Box) spaceCount(L *lua.LState) int {
	s := b.spaceOrNil(L, "count")
	if s == nil || len(s.Indexes()) == 0 {
		L.Push(lua.LNumber(0))
		return 1
	}
	return b.count(L, s, 0)
}

func (b *Box) length(L *lua.LState, s *db.Space, index uint32) int {
	x := b.checkIndex(L, s, index)
	n, err := x.Size()
	if err != nil {
		b.raise(L, err)
	}
	if s.IsView() {
		if n, err = s.Count(b.Context(), index, db.ALL, emptyKey); err != nil {
			b.raise(L, err)
		}
	}
	L.Push(lua.LNumber(n))
	return 1
}

// checkIndex finds the index or throws.
func (b *Box) checkIndex(L *lua.LState, s *db.Space, index uint32) *db.Index {
	x := s.Index(index)
	if x == nil {
		b.fail(L, boxerr.NoSuchIndexID, index, s.Name())
	}
	return x
}

// indexBSize is index:bsize(): the bytes that the index takes beside the tuples.
func (b *Box) indexBSize(L *lua.LState, s *db.Space, index uint32) int {
	L.Push(lua.LNumber(b.checkIndex(L, s, index).BSize()))
	return 1
}

// spaceBSize is space:bsize(): the bytes of all tuples.
func (b *Box) spaceBSize(L *lua.LState) int {
	s := b.spaceOrNil(L, "bsize")
	if s == nil {
		b.noSuchSpace(L, L.Get(1).(*lua.LTable).RawGetString("name").String())
	}
	L.Push(vm.Uint64(uint64(s.BSize())))
	return 1
}

// truncate is space:truncate().
func (b *Box) truncate(L *lua.LState) int {
	s := b.spaceOrNil(L, "truncate")
	if s == nil {
		b.noSuchSpace(L, L.Get(1).(*lua.LTable).RawGetString("id").String())
	}
	b.Count(StatUpsert, 1)
	err := s.Truncate(b.Context())
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
	return 0
}

// autoIncrement is space:auto_increment(tuple): inserts behind the greatest key.
func (b *Box) autoIncrement(L *lua.LState) int {
	s := b.primaryArg(L, "auto_increment")
	last, err := s.Max(b.Context(), 0, emptyKey)
	if err != nil {
		b.raise(L, err)
	}
	next := lua.LValue(lua.LNumber(1))
	if last != nil {
		switch greatest := b.value(L, last.Field(0)).(type) {
		case lua.LNumber:
			next = greatest + 1
		case *vm.U64:
			next = vm.Uint64(greatest.V + 1)
		case *vm.I64:
			next = vm.Int64(greatest.V + 1)
		default:
			usage(L, "builtin/box/schema.lua:1675", "attempt to perform arithmetic on a %s value", vm.TypeName(greatest))
		}
	}
	t, ok := L.Get(2).(*lua.LTable)
	if !ok {
		usage(L, "builtin/box/schema.lua:1679", "bad argument #1 to 'insert' (table expected, got %s)", vm.TypeName(L.Get(2)))
	}
	t.Insert(1, next)
	b.Count(StatInsert, 1)
	made, err := s.Insert(b.Context(), b.arrayOf(L, t))
	return b.wrote(L, s, made, err)
}

// spaceName is how errors name a space that is known by its number only.
func spaceName(id lua.LValue) string {
	if n, ok := id.(lua.LNumber); ok {
		return "#" + strconv.FormatInt(int64(n), 10)
	}
	return "#" + id.String()
}
