package tuple

import (
	"strconv"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/collation"
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// FieldDef is one field of a space's format.
type FieldDef struct {
	Name           string
	Type           FieldType
	IsNullable     bool
	NullableAction string // "none", "default", ...; empty means what IsNullable says
	Collation      *collation.Collation
}

// Format says what a tuple of a space must be like, and which of its fields the
// indexes look at. It is immutable; a change of the schema makes a new one, and
// tuples keep the format that they were made with.
type Format struct {
	fields     []FieldDef
	names      map[string]int
	exactCount int // 0: any

	root      []*node // the rules of the fields, by number; nil where there is none
	slotOf    []int16 // slot of a field's offset, -1 for none
	slotCount int
	minCount  int
	leaves    []leaf // the parts of indexes that lie inside a field, but for multikey ones
}

// node is the rule for a field or for something inside one.
type node struct {
	step     jsonpath.Step
	typ      FieldType
	nullable bool
	stated   bool // the space's format states it, or an index part is it
	part     bool // an index part is it
	multikey bool // its children are the [*] of a multikey index
	children []*node
	path     string // as errors name it
}

// leaf is a part inside a field and the rule for it.
type leaf struct {
	part *part
	node *node
}

var anyFormat = &Format{names: map[string]int{}}

// MaxField is the greatest number of a field, from 0, that an index part can have.
const MaxField = 1<<15 - 1

// NewFormat makes the format of a space from its fields, the keys of its indexes
// and its exact field count (0 for none).
func NewFormat(fields []FieldDef, keys []*KeyDef, exactCount int) (*Format, error) {
	f := &Format{
		fields:     append([]FieldDef(nil), fields...),
		names:      make(map[string]int, len(fields)),
		exactCount: exactCount,
	}
	for i, def := range fields {
		if _, double := f.names[def.Name]; double {
			return nil, boxerr.New(boxerr.SpaceFieldIsDuplicate, def.Name)
		}
		f.names[def.Name] = i
		f.root = append(f.root, &node{
			typ: def.Type, nullable: def.IsNullable, stated: true, path: strconv.Itoa(i + 1),
		})
	}
	for _, key := range keys {
		for i := range key.parts {
			if err := f.addPart(&key.parts[i]); err != nil {
				return nil, err
			}
		}
	}
	for i, n := range f.root {
		if n != nil && n.required() {
			f.minCount = i + 1
		}
	}
	return f, nil
}

// addPart joins what an index part asks of its field with what is asked already.
func (f *Format) addPart(p *part) error {
	if p.Field > MaxField {
		return boxerr.New(boxerr.IndexFieldCountLimit, MaxField+1)
	}
	i := int(p.Field)
	for len(f.root) <= i {
		f.root = append(f.root, nil)
	}
	for len(f.slotOf) <= i {
		f.slotOf = append(f.slotOf, -1)
	}
	if i > 0 && f.slotOf[i] < 0 {
		f.slotOf[i] = int16(f.slotCount)
		f.slotCount++
	}
	if f.root[i] == nil {
		f.root[i] = &node{typ: Any, nullable: true, path: strconv.Itoa(i + 1)}
	}
	n := f.root[i]
	if len(p.path) > 0 && i >= len(f.fields) && !n.stated {
		n.nullable = false
	}
	prefix := "[" + n.path + "]"
	for s := range p.path {
		step := p.path[s]
		container := Array
		if step.Kind == jsonpath.ByName {
			container = Map
		}
		multikey := step.Kind == jsonpath.ByAny
		if multikey && s == 0 && i < len(f.fields) && n.nullable {
			return boxerr.New(boxerr.Unsupported, "multikey index", "nullable root field")
		}
		if err := n.narrow(container, false); err != nil {
			return err
		}
		if len(n.children) > 0 && n.multikey != multikey {
			return boxerr.New(boxerr.MultikeyIndexMismatch, n.path)
		}
		n.multikey = multikey
		prefix += p.path[s : s+1].String(1)
		n = n.child(step, prefix)
	}
	if len(p.path) > 0 && p.multikey < 0 {
		f.leaves = append(f.leaves, leaf{p, n})
	}
	if !n.stated {
		n.nullable = p.IsNullable
	} else if !p.IsNullable {
		n.nullable = false
	}
	err := n.narrow(p.Type, i < len(f.fields) && len(p.path) == 0)
	n.stated, n.part = true, true
	return err
}

// required tells whether a tuple must have the field. One that index parts look into need not be there: what must is
// what they look for.
func (n *node) required() bool { return n.stated && !n.nullable && len(n.children) == 0 }

// narrow makes typ the type of the rule, if the two go together.
func (n *node) narrow(typ FieldType, byFormat bool) error {
	switch {
	case n.typ.Contains(typ):
		n.typ = typ
	case typ.Contains(n.typ):
	case byFormat && !n.part:
		return boxerr.New(boxerr.FormatMismatchIndexPart, n.path, n.typ, typ)
	default:
		return boxerr.New(boxerr.IndexPartTypeMismatch, n.path, n.typ, typ)
	}
	return nil
}

func (n *node) child(step jsonpath.Step, path string) *node {
	for _, c := range n.children {
		if c.step == step {
			return c
		}
	}
	c := &node{step: step, typ: Any, path: path}
	n.children = append(n.children, c)
	return c
}

// accept checks the tuple's fields against the rules and notes their offsets.
func (f *Format) accept(t *Tuple) error {
	data := t.Data()
	count, pos := mp.ArrayHeader(data)
	if f.exactCount > 0 && count != f.exactCount {
		return boxerr.New(boxerr.ExactFieldCount, count, f.exactCount)
	}
	known := min(count, len(f.root))
	for i := range known {
		if i < len(f.slotOf) && f.slotOf[i] >= 0 {
			t.setSlot(int(f.slotOf[i]), pos)
		}
		if n := f.root[i]; n != nil {
			if err := n.check(data[pos:]); err != nil {
				return err
			}
		}
		pos += mp.Skip(data[pos:])
	}
	if count < f.minCount {
		for _, n := range f.root[count:] {
			if n != nil && n.required() {
				return boxerr.New(boxerr.FieldMissing, n.path)
			}
		}
	}
	for _, l := range f.leaves {
		if !l.node.nullable && l.part.field(t, -1) == nil {
			return boxerr.New(boxerr.FieldMissing, l.node.path)
		}
	}
	return nil
}

// check checks the types of a value and of what rules say about its inside. What
// is not there is looked for after all types, but for the elements of multikey
// indexes.
func (n *node) check(b []byte) error {
	if mp.IsNil(b) && (n.nullable || n.typ == Any) {
		return nil
	}
	if !n.typ.Check(b) {
		return boxerr.New(boxerr.FieldType, n.path, n.typ)
	}
	if n.multikey {
		return n.checkElements(b)
	}
	for _, c := range n.children {
		if inner := c.step.Into(b, -1); inner != nil {
			if err := c.check(inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkElements checks each element of an array that a multikey index runs over.
func (n *node) checkElements(b []byte) error {
	count, pos := mp.ArrayHeader(b)
	for range count {
		for _, c := range n.children {
			if err := c.check(b[pos:]); err != nil {
				return err
			}
			if m := c.missing(b[pos:]); m != nil {
				return boxerr.New(boxerr.FieldMissing, m.path)
			}
		}
		pos += mp.Skip(b[pos:])
	}
	return nil
}

// missing finds a rule inside the value that requires what is not there.
func (n *node) missing(b []byte) *node {
	for _, c := range n.children {
		inner := c.step.Into(b, -1)
		if inner == nil {
			inner = []byte{0xc0}
			if c.part && !c.nullable {
				return c
			}
		}
		if m := c.missing(inner); m != nil {
			return m
		}
	}
	return nil
}

// Fields returns the fields that the format was made with; not to be changed.
func (f *Format) Fields() []FieldDef { return f.fields }

// FieldNumber finds a field, counted from 0, by its name.
func (f *Format) FieldNumber(name string) (int, bool) {
	i, ok := f.names[name]
	return i, ok
}

// OffsetBytes is what the offsets of indexed fields take in a tuple of Tarantool's.
func (f *Format) OffsetBytes() int { return 4 * f.slotCount }

// ExactFieldCount is the number of fields that a tuple must have, 0 for any.
func (f *Format) ExactFieldCount() int { return f.exactCount }

// MinFieldCount is the least number of fields that a tuple can have.
func (f *Format) MinFieldCount() int { return f.minCount }
