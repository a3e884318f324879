package update

import (
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// table is a map taken apart. An entry is a pair that was looked at, with the run
// of pairs behind it that were not. Entries that operations reach come to the
// front of the list; the order in which they are written follows from that.
type table struct{ entries []*entry }

type entry struct {
	key   []byte // nil when deleted: only the tail is left
	value node
	tail  []byte

	inserted bool // by an operation; later ones may still change it
}

func openTable(b []byte) *table {
	count, pos := mp.MapHeader(b)
	end := pos + mp.SkipN(b[pos:], 2*count)
	if count == 0 {
		return &table{}
	}
	first := &entry{key: bounded(b[pos:])}
	pos += len(first.key)
	first.value.data = bounded(b[pos:])
	pos += len(first.value.data)
	first.tail = b[pos:end:end]
	return &table{entries: []*entry{first}}
}

func pairCount(b []byte) int {
	n := 0
	for ; len(b) > 0; n++ {
		b = b[mp.SkipN(b, 2):]
	}
	return n
}

// write writes what operations changed first, then what they left alone.
func (t *table) write(b []byte) []byte {
	count := 0
	for _, e := range t.entries {
		if e.key != nil {
			count++
		}
		count += pairCount(e.tail)
	}
	b = mp.AppendMapHeader(b, count)
	for _, e := range t.entries {
		if e.key != nil && e.changed() {
			b = e.value.write(append(b, e.key...))
		}
	}
	for _, e := range t.entries {
		if e.key != nil && !e.changed() {
			b = e.value.write(append(b, e.key...))
		}
		b = append(b, e.tail...)
	}
	return b
}

func (e *entry) changed() bool { return e.inserted || e.value.change != nil }

func (e *entry) is(name string) bool {
	return e.key != nil && mp.KindOf(e.key) == mp.Str && mp.StringView(e.key) == name
}

// find returns the entry of a name, cutting it out of a tail if it is there.
func (t *table) find(name string) *entry {
	for _, e := range t.entries {
		if e.is(name) {
			return e
		}
	}
	for _, e := range t.entries {
		for pos := 0; pos < len(e.tail); {
			found := &entry{key: bounded(e.tail[pos:])}
			after := pos + len(found.key)
			found.value.data = bounded(e.tail[after:])
			after += len(found.value.data)
			if found.is(name) {
				found.tail = e.tail[after:]
				e.tail = e.tail[:pos:pos]
				t.push(found)
				return found
			}
			pos = after
		}
	}
	return nil
}

func (t *table) push(e *entry) { t.entries = append([]*entry{e}, t.entries...) }

func (t *table) adopt(step jsonpath.Step, n *node) {
	if step.Kind == jsonpath.ByName {
		t.find(step.Name).value = *n
	}
}

func (t *table) do(o *op, path jsonpath.Path) error {
	if path[0].Kind != jsonpath.ByName {
		return o.fail("can not update map by non-string key")
	}
	name, rest := path[0].Name, path[1:]
	e := t.find(name)
	if len(rest) > 0 || o.broken != nil {
		if e == nil {
			return o.missing()
		}
		return e.value.do(o, rest)
	}
	switch o.code {
	case '=', '!':
		if e == nil {
			t.push(&entry{key: mp.AppendString(nil, name), value: node{data: o.arg}, inserted: true})
			return nil
		}
		if o.code == '!' {
			return o.fail("the key exists already")
		}
		e.value.change = replaced(o.arg)
		return nil
	case '#':
		if o.count != 1 {
			return o.fail("can delete only 1 field from a map in a row")
		}
		if e != nil {
			e.key = nil
		}
		return nil
	}
	if e == nil {
		return o.missing()
	}
	return e.value.doHere(o)
}
