package tuple

import (
	"bytes"
	"cmp"

	"shardlua/runtime/tuple/mp"
)

// Compare orders two tuples by the definition: below zero when a comes first.
// Neither may be ordered by a multikey part; see CompareMultikey.
func (d *KeyDef) Compare(a, b *Tuple) int { return d.compare(d, a, b) }

// CompareMultikey is Compare for element i of a's array and element j of b's.
func (d *KeyDef) CompareMultikey(a *Tuple, i int, b *Tuple, j int) int {
	nils := false
	for n := range d.parts {
		if n == d.unique && !nils {
			return 0
		}
		p := &d.parts[n]
		x, y := p.field(a, i), p.field(b, j)
		if r := p.compare(x, y); r != 0 {
			return r
		}
		nils = nils || x == nil || mp.IsNil(x)
	}
	return 0
}

// CompareKey orders a tuple and a key: count values without the array's header,
// possibly fewer than there are parts, which then compares by those alone.
func (d *KeyDef) CompareKey(t *Tuple, key []byte, count int) int {
	return d.compareKey(d, t, key, count)
}

// CompareKeyMultikey is CompareKey for element i of the tuple's array.
func (d *KeyDef) CompareKeyMultikey(t *Tuple, i int, key []byte, count int) int {
	for n := range count {
		p := &d.parts[n]
		if r := p.compare(p.field(t, i), key); r != 0 {
			return r
		}
		key = key[mp.Skip(key):]
	}
	return 0
}

// CompareKeys orders two keys without their arrays' headers by the parts that
// both have.
func (d *KeyDef) CompareKeys(a []byte, aCount int, b []byte, bCount int) int {
	for n := range min(aCount, bCount) {
		if r := d.parts[n].compare(a, b); r != 0 {
			return r
		}
		a, b = a[mp.Skip(a):], b[mp.Skip(b):]
	}
	return 0
}

// compare orders two values of the part; nil slices stand for nil.
func (p *part) compare(a, b []byte) int {
	aNil, bNil := a == nil || mp.IsNil(a), b == nil || mp.IsNil(b)
	if aNil || bNil {
		switch {
		case aNil && bNil:
			return 0
		case aNil:
			return -1
		}
		return 1
	}
	switch p.Type {
	case Unsigned:
		x, _ := mp.Number(a)
		y, _ := mp.Number(b)
		return cmp.Compare(x, y)
	case String:
		if p.Collation.IsBinary() {
			return bytes.Compare(mp.Bytes(a), mp.Bytes(b))
		}
		return p.Collation.Compare(mp.StringView(a), mp.StringView(b))
	case Integer, Number, Double, Decimal:
		return compareNumbers(a, b)
	case Boolean:
		return int(a[0]) - int(b[0])
	case Varbinary:
		return bytes.Compare(mp.Bytes(a), mp.Bytes(b))
	case UUID:
		_, x := mp.Extension(a)
		_, y := mp.Extension(b)
		return bytes.Compare(x, y)
	}
	return compareScalars(a, b, p.Collation)
}

func generic(d *KeyDef, a, b *Tuple) int { return d.CompareMultikey(a, -1, b, -1) }

func genericKey(d *KeyDef, t *Tuple, key []byte, count int) int {
	return d.CompareKeyMultikey(t, -1, key, count)
}

// choose takes the comparators that fit the parts best.
func (d *KeyDef) choose() {
	d.compare, d.compareKey = generic, genericKey
	if d.nullable || !d.plain || len(d.parts) == 0 {
		return
	}
	first := &d.parts[0]
	switch {
	case first.Type == Unsigned:
		d.compare, d.compareKey = unsignedFirst, unsignedFirstKey
	case first.Type == String && first.Collation.IsBinary():
		d.compare, d.compareKey = stringFirst, stringFirstKey
	}
}

// lead returns the data from the first part on.
func (d *KeyDef) lead(t *Tuple) []byte {
	if i := d.parts[0].Field; i != 0 {
		return t.at(int(i))
	}
	data := t.Data()
	if c := data[0]; c < 0xdc {
		return data[1:]
	}
	_, n := mp.ArrayHeader(data)
	return data[n:]
}

func compareUnsigned(a, b []byte) int {
	if a[0] <= 0x7f && b[0] <= 0x7f {
		return int(a[0]) - int(b[0])
	}
	x, _ := mp.Number(a)
	y, _ := mp.Number(b)
	return cmp.Compare(x, y)
}

func unsignedFirst(d *KeyDef, a, b *Tuple) int {
	if r := compareUnsigned(d.lead(a), d.lead(b)); r != 0 || d.unique == 1 {
		return r
	}
	return d.compareRest(a, b)
}

func stringFirst(d *KeyDef, a, b *Tuple) int {
	if r := bytes.Compare(mp.Bytes(d.lead(a)), mp.Bytes(d.lead(b))); r != 0 || d.unique == 1 {
		return r
	}
	return d.compareRest(a, b)
}

// compareRest goes on after the first part, for parts that are never nil.
func (d *KeyDef) compareRest(a, b *Tuple) int {
	for n := 1; n < d.unique; n++ {
		p := &d.parts[n]
		x, y := a.at(int(p.Field)), b.at(int(p.Field))
		var r int
		if p.Type == Unsigned {
			r = compareUnsigned(x, y)
		} else {
			r = p.compare(x, y)
		}
		if r != 0 {
			return r
		}
	}
	return 0
}

func unsignedFirstKey(d *KeyDef, t *Tuple, key []byte, count int) int {
	if count == 0 {
		return 0
	}
	if r := compareUnsigned(d.lead(t), key); r != 0 || count == 1 {
		return r
	}
	return d.compareRestKey(t, key[mp.Skip(key):], count)
}

func stringFirstKey(d *KeyDef, t *Tuple, key []byte, count int) int {
	if count == 0 {
		return 0
	}
	if r := bytes.Compare(mp.Bytes(d.lead(t)), mp.Bytes(key)); r != 0 || count == 1 {
		return r
	}
	return d.compareRestKey(t, key[mp.Skip(key):], count)
}

func (d *KeyDef) compareRestKey(t *Tuple, key []byte, count int) int {
	for n := 1; n < count; n++ {
		p := &d.parts[n]
		if r := p.compare(t.at(int(p.Field)), key); r != 0 {
			return r
		}
		key = key[mp.Skip(key):]
	}
	return 0
}
