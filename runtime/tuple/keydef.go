package tuple

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/collation"
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// Part is one part of an index: a field, or what a JSON path inside the field
// leads to.
type Part struct {
	Field       uint32 // from 0
	Type        FieldType
	Collation   *collation.Collation // nil for none
	IsNullable  bool
	ExcludeNull bool
	Path        string // inside the field, such as `[*].name`; indexes from 1
}

type part struct {
	Part
	path     jsonpath.Path
	multikey int // of the [*] in path, -1 for none
}

// KeyDef is an ordered list of parts and the ways to compare by them. It is
// immutable.
type KeyDef struct {
	parts    []part
	unique   int // parts that decide when none of them is nil; those behind break ties
	nullable bool
	multikey bool
	plain    bool // no paths

	compare    func(d *KeyDef, a, b *Tuple) int
	compareKey func(d *KeyDef, t *Tuple, key []byte, count int) int
}

// NewKeyDef makes a key definition. It fails for a path that is wrong.
func NewKeyDef(parts []Part) (*KeyDef, error) {
	d := &KeyDef{plain: true, unique: len(parts)}
	for i, p := range parts {
		path, err := jsonpath.Parse(p.Path, 1)
		if err != nil {
			return nil, boxerr.New(boxerr.WrongIndexOptions, i+1, "invalid path")
		}
		any := path.Multikey()
		if any >= 0 {
			if path[any+1:].Multikey() >= 0 {
				return nil, boxerr.New(boxerr.WrongIndexOptions, i+1,
					"no more than one array index placeholder [*] is allowed in JSON path")
			}
			if !d.agrees(p.Field, path[:any]) {
				return nil, boxerr.New(boxerr.WrongIndexOptions, i+1, "incompatable multikey index path")
			}
		}
		d.add(part{Part: p, path: path, multikey: any})
	}
	d.choose()
	return d, nil
}

// agrees reports whether a multikey part may go with the multikey parts before:
// they must all run over the same array.
func (d *KeyDef) agrees(field uint32, array jsonpath.Path) bool {
	for _, p := range d.parts {
		if p.multikey < 0 {
			continue
		}
		if p.Field != field || p.multikey != len(array) {
			return false
		}
		for i := range array {
			if p.path[i] != array[i] {
				return false
			}
		}
	}
	return true
}

func (d *KeyDef) add(p part) {
	d.parts = append(d.parts, p)
	d.nullable = d.nullable || p.IsNullable
	d.multikey = d.multikey || p.multikey >= 0
	d.plain = d.plain && len(p.path) == 0
}

// Parts returns the parts.
func (d *KeyDef) Parts() []Part {
	parts := make([]Part, len(d.parts))
	for i := range d.parts {
		parts[i] = d.parts[i].Part
	}
	return parts
}

// PartCount is the number of parts.
func (d *KeyDef) PartCount() int { return len(d.parts) }

// UniquePartCount is the number of parts that decide by themselves when none of
// them is nil; see MergeUnique.
func (d *KeyDef) UniquePartCount() int { return d.unique }

// IsNullable reports whether a part may be nil.
func (d *KeyDef) IsNullable() bool { return d.nullable }

// IsMultikey reports whether a tuple can have several keys.
func (d *KeyDef) IsMultikey() bool { return d.multikey }

// HasPath reports whether a part looks inside a field.
func (d *KeyDef) HasPath() bool { return !d.plain }

// Merge returns the parts of d followed by those of pk that are not among them:
// the order of a secondary index that is not unique.
func (d *KeyDef) Merge(pk *KeyDef) *KeyDef {
	m := d.merge(pk)
	m.unique = len(m.parts)
	m.choose()
	return m
}

// MergeUnique is Merge for a unique secondary index with nullable parts: the
// parts of pk count only between keys that have a nil in them, which is how such
// an index can hold many nils.
func (d *KeyDef) MergeUnique(pk *KeyDef) *KeyDef {
	m := d.merge(pk)
	m.unique = len(d.parts)
	m.choose()
	return m
}

func (d *KeyDef) merge(pk *KeyDef) *KeyDef {
	m := &KeyDef{plain: true}
	for _, p := range d.parts {
		m.add(p)
	}
	for _, p := range pk.parts {
		if !m.has(&p) {
			m.add(p)
		}
	}
	return m
}

// Has reports whether a part of d orders by the same field and path, at least as finely: without a collation, texts are
// equal only when they are the same.
func (d *KeyDef) has(p *part) bool {
	for i := range d.parts {
		q := &d.parts[i]
		if q.Field == p.Field && (q.Collation == nil || q.Collation == p.Collation) && q.path.String(1) == p.path.String(1) {
			return true
		}
	}
	return false
}

// Equal reports whether two definitions have the same parts.
func (d *KeyDef) Equal(e *KeyDef) bool {
	if len(d.parts) != len(e.parts) {
		return false
	}
	for i := range d.parts {
		p, q := d.parts[i], e.parts[i]
		if p.Type != q.Type || p.IsNullable != q.IsNullable || p.ExcludeNull != q.ExcludeNull ||
			p.Field != q.Field || p.Collation != q.Collation || p.path.String(1) != q.path.String(1) {
			return false
		}
	}
	return true
}

// ValidateKey checks a key that somebody outside gave: count values of checked
// MessagePack, without the array's header. An exact key has all parts, none nil.
func (d *KeyDef) ValidateKey(key []byte, count int, exact bool) error {
	switch {
	case exact && count != len(d.parts):
		return boxerr.New(boxerr.ExactMatch, len(d.parts), count)
	case count > len(d.parts):
		return boxerr.New(boxerr.KeyPartCount, len(d.parts), count)
	}
	for i := range count {
		p := &d.parts[i]
		if mp.IsNil(key) {
			if !p.IsNullable {
				return boxerr.New(boxerr.KeyPartType, i, p.Type)
			}
		} else if !p.Type.Check(key) {
			return boxerr.New(boxerr.KeyPartType, i, p.Type)
		}
		key = key[mp.Skip(key):]
	}
	return nil
}

// field returns the data from what the part names on; nil when it is not there.
func (p *part) field(t *Tuple, multikey int) []byte {
	b := t.at(int(p.Field))
	if b == nil || len(p.path) == 0 {
		return b
	}
	return p.path.Walk(b, multikey)
}

// ExtractKey returns the tuple's key as a MessagePack array; what is not there is
// nil. For a multikey definition, use ExtractMultikey.
func (d *KeyDef) ExtractKey(t *Tuple) []byte { return d.ExtractMultikey(t, -1) }

// ExtractMultikey is ExtractKey for element i of the array that a multikey index
// runs over.
func (d *KeyDef) ExtractMultikey(t *Tuple, i int) []byte {
	size := 5
	for p := range d.parts {
		if b := d.parts[p].field(t, i); b != nil {
			size += mp.Skip(b)
		} else {
			size++
		}
	}
	key := mp.AppendArrayHeader(make([]byte, 0, size), len(d.parts))
	for p := range d.parts {
		if b := d.parts[p].field(t, i); b != nil {
			key = append(key, b[:mp.Skip(b)]...)
		} else {
			key = mp.AppendNil(key)
		}
	}
	return key
}

// MultikeyCount is the number of keys that the tuple has by a multikey
// definition: the length of the array, 0 when it is not there.
func (d *KeyDef) MultikeyCount(t *Tuple) int {
	for i := range d.parts {
		p := &d.parts[i]
		if p.multikey < 0 {
			continue
		}
		b := t.at(int(p.Field))
		if b != nil {
			b = p.path[:p.multikey].Walk(b, -1)
		}
		if b == nil || mp.KindOf(b) != mp.Array {
			return 0
		}
		n, _ := mp.ArrayHeader(b)
		return n
	}
	return 1
}

// HasNull reports whether a part of the tuple's key is nil or absent; i is the
// element of a multikey index, else -1.
func (d *KeyDef) HasNull(t *Tuple, i int) bool {
	for p := range d.parts {
		if b := d.parts[p].field(t, i); b == nil || mp.IsNil(b) {
			return true
		}
	}
	return false
}

// Excludes reports whether the index leaves the tuple's key out, because a part
// that excludes nil is nil.
func (d *KeyDef) Excludes(t *Tuple, i int) bool {
	for p := range d.parts {
		if !d.parts[p].ExcludeNull {
			continue
		}
		if b := d.parts[p].field(t, i); b == nil || mp.IsNil(b) {
			return true
		}
	}
	return false
}
