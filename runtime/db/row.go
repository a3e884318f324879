package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// fields reads a system tuple field by field. The space's format has checked
// the types of all fields that it declares; a field that is missing reads as
// its zero value.
type fields struct {
	left int
	rest []byte
}

func fieldsOf(t *tuple.Tuple) *fields {
	data := t.Data()
	n, size := mp.ArrayHeader(data)
	return &fields{left: n, rest: data[size:]}
}

// raw returns the next field's msgpack, or nil when there is none.
func (f *fields) raw() []byte {
	if f.left == 0 {
		return nil
	}
	n := mp.Skip(f.rest)
	v := f.rest[:n:n]
	f.rest = f.rest[n:]
	f.left--
	return v
}

func (f *fields) uint() uint64 {
	v := f.raw()
	if v == nil {
		return 0
	}
	n, _ := asUint(v)
	return n
}

func (f *fields) id() uint32 { return uint32(f.uint()) }

func (f *fields) int() int64 {
	v := f.raw()
	if v == nil || mp.KindOf(v) != mp.Uint && mp.KindOf(v) != mp.Int {
		return 0
	}
	n, _ := mp.Int64(v)
	return n
}

func (f *fields) string() string {
	s, _ := asString(f.raw())
	return s
}

func (f *fields) bool() bool {
	v := f.raw()
	return v != nil && mp.KindOf(v) == mp.Bool && mp.Boolean(v)
}

// strings reads an array of strings.
func (f *fields) strings() []string {
	v := f.raw()
	if v == nil || mp.KindOf(v) != mp.Array {
		return nil
	}
	var all []string
	_ = eachItem(v, func(_ int, item []byte) error {
		s, _ := asString(item)
		all = append(all, s)
		return nil
	})
	return all
}

func asUint(v []byte) (uint64, bool) {
	if len(v) == 0 || mp.KindOf(v) != mp.Uint && mp.KindOf(v) != mp.Int {
		return 0, false
	}
	return mp.Uint64(v)
}

func asString(v []byte) (string, bool) {
	if len(v) == 0 || mp.KindOf(v) != mp.Str {
		return "", false
	}
	return string(mp.Bytes(v)), true
}

func asBool(v []byte) (value, ok bool) {
	if len(v) == 0 || mp.KindOf(v) != mp.Bool {
		return false, false
	}
	return mp.Boolean(v), true
}

// eachItem calls visit for the items of a msgpack array.
func eachItem(v []byte, visit func(i int, item []byte) error) error {
	n, size := mp.ArrayHeader(v)
	v = v[size:]
	for i := range n {
		size := mp.Skip(v)
		if err := visit(i, v[:size:size]); err != nil {
			return err
		}
		v = v[size:]
	}
	return nil
}

// stringKeys reports whether all keys of a msgpack map are strings.
func stringKeys(v []byte) bool {
	n, size := mp.MapHeader(v)
	for v = v[size:]; n > 0; n-- {
		if _, ok := asString(v[:mp.Skip(v)]); !ok {
			return false
		}
		v = v[mp.SkipN(v, 2):]
	}
	return true
}

// eachPair calls visit for the pairs of a msgpack map; keys that are no strings
// are an error.
func eachPair(v []byte, visit func(key string, value []byte) error) error {
	n, size := mp.MapHeader(v)
	v = v[size:]
	for range n {
		size := mp.Skip(v)
		key, ok := asString(v[:size])
		if !ok {
			return boxerr.New(boxerr.IllegalParams, "key must be a string")
		}
		v = v[size:]
		size = mp.Skip(v)
		if err := visit(key, v[:size:size]); err != nil {
			return err
		}
		v = v[size:]
	}
	return nil
}

// Keys of a row's body, as IPROTO numbers them.
const (
	bodySpaceID   = 0x10
	bodyIndexID   = 0x11
	bodyIndexBase = 0x15
	bodyKey       = 0x20
	bodyTuple     = 0x21
	bodyOps       = 0x28
)

// AppendBody appends the msgpack map that a log holds for the row.
func (r *Row) AppendBody(b []byte) []byte {
	if r.Type == RowNop {
		b = mp.AppendMapHeader(b, 1)
		return mp.AppendUint(mp.AppendUint(b, bodySpaceID), uint64(r.SpaceID))
	}
	n := 1
	for _, there := range []bool{r.IndexID != 0, r.IndexBase != 0, r.Key != nil, r.Tuple != nil, r.Ops != nil} {
		if there {
			n++
		}
	}
	b = mp.AppendMapHeader(b, n)
	b = mp.AppendUint(mp.AppendUint(b, bodySpaceID), uint64(r.SpaceID))
	if r.IndexID != 0 {
		b = mp.AppendUint(mp.AppendUint(b, bodyIndexID), uint64(r.IndexID))
	}
	if r.IndexBase != 0 {
		b = mp.AppendUint(mp.AppendUint(b, bodyIndexBase), uint64(r.IndexBase))
	}
	if r.Key != nil {
		b = append(mp.AppendUint(b, bodyKey), r.Key...)
	}
	if r.Tuple != nil {
		b = append(mp.AppendUint(b, bodyTuple), r.Tuple...)
	}
	switch {
	case r.Ops == nil:
	case r.Type == RowUpdate:
		// An update's operations go where other requests have the tuple.
		b = append(mp.AppendUint(b, bodyTuple), r.Ops...)
	default:
		b = append(mp.AppendUint(b, bodyOps), r.Ops...)
	}
	return b
}

// ParseBody fills in the row from the body that a log holds: foreign bytes. The
// row keeps slices of body.
func (r *Row) ParseBody(body []byte) error {
	if len(body) == 0 {
		return nil
	}
	n, err := mp.Check(body)
	if err != nil || n != len(body) || mp.KindOf(body) != mp.Map {
		return boxerr.New(boxerr.InvalidMsgPack, "packet body")
	}
	pairs, size := mp.MapHeader(body)
	body = body[size:]
	for range pairs {
		size := mp.Skip(body)
		key, ok := asUint(body[:size])
		body = body[size:]
		size = mp.Skip(body)
		if ok {
			if err := r.setBody(key, body[:size:size]); err != nil {
				return err
			}
		}
		body = body[size:]
	}
	return nil
}

func (r *Row) setBody(key uint64, v []byte) error {
	var number *uint32
	var list *[]byte
	switch key {
	case bodySpaceID:
		number = &r.SpaceID
	case bodyIndexID:
		number = &r.IndexID
	case bodyIndexBase:
		number = &r.IndexBase
	case bodyKey:
		list = &r.Key
	case bodyTuple:
		list = &r.Tuple
		if r.Type == RowUpdate {
			list = &r.Ops
		}
	case bodyOps:
		list = &r.Ops
	default:
		return nil
	}
	if number != nil {
		n, ok := asUint(v)
		if !ok || n > 1<<32-1 {
			return boxerr.New(boxerr.InvalidMsgPack, "packet body")
		}
		*number = uint32(n)
		return nil
	}
	if mp.KindOf(v) != mp.Array {
		return boxerr.New(boxerr.InvalidMsgPack, "packet body")
	}
	*list = v
	return nil
}
