package tuple

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"

	"shardlua/runtime/tuple/collation"
	"shardlua/runtime/tuple/decimal"
	"shardlua/runtime/tuple/mp"
)

// Hash returns a number that is equal for tuples that Compare finds equal.
func (d *KeyDef) Hash(t *Tuple) uint64 {
	var room [64]byte
	b := room[:0]
	for i := range d.parts {
		p := &d.parts[i]
		b = appendCanonical(b, p.field(t, -1), p.Collation)
	}
	return xxhash.Sum64(b)
}

// HashKey is Hash for a key with all parts, without its array's header.
func (d *KeyDef) HashKey(key []byte) uint64 {
	var room [64]byte
	b := room[:0]
	for i := range d.parts {
		b = appendCanonical(b, key, d.parts[i].Collation)
		key = key[mp.Skip(key):]
	}
	return xxhash.Sum64(b)
}

// appendCanonical adds bytes that equal values have in common, whatever way they
// are encoded: the class of the value, then the value.
func appendCanonical(b, v []byte, c *collation.Collation) []byte {
	if v == nil {
		return append(b, 0)
	}
	class := rank(v)
	b = append(b, byte(class))
	switch class {
	case 0:
		return b
	case 1:
		return append(b, v[0])
	case 2:
		return appendNumber(b, v)
	case 3:
		if c.IsBinary() {
			s := mp.Bytes(v)
			b = binary.AppendUvarint(b, uint64(len(s)))
			return append(b, s...)
		}
		return append(c.Key(b, mp.StringView(v)), 0)
	case 4:
		s := mp.Bytes(v)
		b = binary.AppendUvarint(b, uint64(len(s)))
		return append(b, s...)
	}
	return append(b, v[:mp.Skip(v)]...)
}

func appendNumber(b, v []byte) []byte {
	switch mp.KindOf(v) {
	case mp.Uint, mp.Int:
		n, negative := mp.Number(v)
		return appendInteger(b, n, negative)
	case mp.Ext:
		d, err := decimal.FromMsgpack(v)
		if err != nil {
			return b
		}
		if n, ok := d.Uint64(); ok {
			return appendInteger(b, n, false)
		}
		if n, ok := d.Int64(); ok {
			return appendInteger(b, uint64(n), true)
		}
		return appendReal(b, d.Float64())
	}
	x := mp.Real(v)
	if x == math.Trunc(x) {
		switch {
		case x >= 0 && x < 1<<64:
			return appendInteger(b, uint64(x), false)
		case x < 0 && x >= math.MinInt64:
			return appendInteger(b, uint64(int64(x)), true)
		}
	}
	return appendReal(b, x)
}

func appendInteger(b []byte, v uint64, negative bool) []byte {
	sign := byte('+')
	if negative {
		sign = '-'
	}
	return binary.LittleEndian.AppendUint64(append(b, sign), v)
}

func appendReal(b []byte, x float64) []byte {
	if math.IsNaN(x) {
		return append(b, 'n')
	}
	return binary.LittleEndian.AppendUint64(append(b, '.'), math.Float64bits(x))
}
