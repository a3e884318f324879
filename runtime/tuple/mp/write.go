package mp

import "github.com/tinylib/msgp/msgp"

// AppendArrayHeader, AppendMapHeader and the rest add the shortest encoding, as
// Tarantool does.

// AppendArrayHeader begins an array of n values.
func AppendArrayHeader(b []byte, n int) []byte { return msgp.AppendArrayHeader(b, uint32(n)) }

// AppendMapHeader begins a map of n pairs.
func AppendMapHeader(b []byte, n int) []byte { return msgp.AppendMapHeader(b, uint32(n)) }

// AppendUint adds a non-negative integer.
func AppendUint(b []byte, v uint64) []byte { return msgp.AppendUint64(b, v) }

// AppendInt adds an integer; a non-negative one in an unsigned encoding.
func AppendInt(b []byte, v int64) []byte {
	if v >= 0 {
		return msgp.AppendUint64(b, uint64(v))
	}
	return msgp.AppendInt64(b, v)
}

// AppendString adds a string.
func AppendString(b []byte, s string) []byte { return msgp.AppendString(b, s) }

// AppendBinary adds binary data.
func AppendBinary(b, data []byte) []byte { return msgp.AppendBytes(b, data) }

// AppendFloat adds a 32-bit float.
func AppendFloat(b []byte, v float32) []byte { return msgp.AppendFloat32(b, v) }

// AppendDouble adds a double.
func AppendDouble(b []byte, v float64) []byte { return msgp.AppendFloat64(b, v) }

// AppendBool adds a boolean.
func AppendBool(b []byte, v bool) []byte { return msgp.AppendBool(b, v) }

// AppendNil adds nil.
func AppendNil(b []byte) []byte { return msgp.AppendNil(b) }

// AppendExt adds an extension value.
func AppendExt(b []byte, typ int8, data []byte) []byte {
	switch n := len(data); {
	case n == 1 || n == 2 || n == 4 || n == 8 || n == 16:
		lead := byte(0xd4)
		for m := n; m > 1; m >>= 1 {
			lead++
		}
		b = append(b, lead)
	case n < 1<<8:
		b = append(b, 0xc7, byte(n))
	case n < 1<<16:
		b = append(b, 0xc8, byte(n>>8), byte(n))
	default:
		b = append(b, 0xc9, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(append(b, byte(typ)), data...)
}

// AppendUUID adds a uuid.
func AppendUUID(b []byte, id [16]byte) []byte { return AppendExt(b, ExtUUID, id[:]) }
