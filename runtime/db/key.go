package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/mp"
)

// Key is a search key: the msgpack of n values, one behind the other.
type Key struct {
	parts []byte
	n     int
}

// parseKey takes the msgpack array that a request carries apart.
func parseKey(data []byte) (Key, error) {
	if len(data) == 0 {
		return Key{}, nil
	}
	if mp.KindOf(data) != mp.Array {
		return Key{}, boxerr.New(boxerr.TupleNotArray)
	}
	n, size := mp.ArrayHeader(data)
	return Key{parts: data[size:], n: n}, nil
}
