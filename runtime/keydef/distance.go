package keydef

import (
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

func body(array []byte) []byte {
	_, size := mp.ArrayHeader(array)
	return array[size:]
}

// distance orders a tuple and a key of n values. Where unsigned numbers decide, one of them below 128, it is the
// difference of their first bytes in msgpack; where strings without a collation decide, that of the first bytes that
// differ: what scripts see on Tarantool.
func (d *Definition) distance(t *tuple.Tuple, key []byte, n int) int {
	r := d.kd.CompareKey(t, key, n)
	if r == 0 {
		return 0
	}
	own := body(d.kd.ExtractKey(t))
	for _, p := range d.kd.Parts()[:n] {
		one, err := tuple.NewKeyDef([]tuple.Part{{Type: p.Type, IsNullable: p.IsNullable, Collation: p.Collation}})
		if err != nil {
			break
		}
		if one.CompareKeys(own, 1, key, 1) == 0 {
			own, key = own[mp.Skip(own):], key[mp.Skip(key):]
			continue
		}
		switch {
		case mp.IsNil(own) || mp.IsNil(key):
		case p.Type == tuple.Unsigned && (own[0] <= 0x7f || key[0] <= 0x7f):
			return int(own[0]) - int(key[0])
		case p.Type == tuple.String && p.Collation.IsBinary():
			return byteDistance(mp.Bytes(own), mp.Bytes(key), r)
		}
		break
	}
	if r < 0 {
		return -1
	}
	return 1
}

// byteDistance is the difference of the first bytes that differ, or r when one text begins the other.
func byteDistance(a, b []byte, r int) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return r
}
