package mp

// Kind is what the first byte of a value says about it.
type Kind uint8

// The kinds. Uint is a non-negative integer in any of the unsigned encodings;
// Int is one in a signed encoding, whatever its sign.
const (
	Nil Kind = iota
	Bool
	Uint
	Int
	Float
	Double
	Str
	Bin
	Array
	Map
	Ext
	Invalid // 0xc1, which MessagePack does not use
)

// String names the kind in lower case, as error messages do.
func (k Kind) String() string {
	return [...]string{"nil", "boolean", "unsigned", "integer", "float", "double",
		"string", "binary", "array", "map", "extension", "invalid"}[k]
}

// Extension types of Tarantool.
const (
	ExtUnknown = 0
	ExtDecimal = 1
	ExtUUID    = 2
	ExtError   = 3
)

// lead describes a first byte: the kind, the bytes that hold the length or count
// (or the scalar itself), and what is fixed in the byte.
type lead struct {
	kind  Kind
	width uint8 // bytes of length, count or scalar that follow the first byte
	fixed uint8 // length or count that is part of the first byte
	body  body
}

type body uint8

const (
	scalar body = iota // width bytes follow, and that is all
	bytesBody
	extBody // one type byte, then the length's bytes
	items
	pairs
)

var leads = func() (t [256]lead) {
	for c := range t {
		t[c] = leadOf(byte(c))
	}
	return t
}()

func leadOf(c byte) lead {
	switch {
	case c <= 0x7f:
		return lead{kind: Uint}
	case c <= 0x8f:
		return lead{kind: Map, fixed: c & 15, body: pairs}
	case c <= 0x9f:
		return lead{kind: Array, fixed: c & 15, body: items}
	case c <= 0xbf:
		return lead{kind: Str, fixed: c & 31, body: bytesBody}
	case c >= 0xe0:
		return lead{kind: Int}
	}
	switch c {
	case 0xc0:
		return lead{kind: Nil}
	case 0xc2, 0xc3:
		return lead{kind: Bool}
	case 0xc4, 0xc5, 0xc6:
		return lead{kind: Bin, width: 1 << (c - 0xc4), body: bytesBody}
	case 0xc7, 0xc8, 0xc9:
		return lead{kind: Ext, width: 1 << (c - 0xc7), body: extBody}
	case 0xca:
		return lead{kind: Float, width: 4}
	case 0xcb:
		return lead{kind: Double, width: 8}
	case 0xcc, 0xcd, 0xce, 0xcf:
		return lead{kind: Uint, width: 1 << (c - 0xcc)}
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return lead{kind: Int, width: 1 << (c - 0xd0)}
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return lead{kind: Ext, fixed: 1 << (c - 0xd4), body: extBody}
	case 0xd9, 0xda, 0xdb:
		return lead{kind: Str, width: 1 << (c - 0xd9), body: bytesBody}
	case 0xdc, 0xdd:
		return lead{kind: Array, width: 2 << (c - 0xdc), body: items}
	case 0xde, 0xdf:
		return lead{kind: Map, width: 2 << (c - 0xde), body: pairs}
	}
	return lead{kind: Invalid}
}

// KindOf tells the kind of the value that begins b. It takes for granted that b
// is not empty.
func KindOf(b []byte) Kind { return leads[b[0]].kind }

// uintN reads the big-endian number of n bytes that begins b, n one of 0, 1, 2, 4, 8.
func uintN(b []byte, n uint8) uint64 {
	switch n {
	case 0:
		return 0
	case 1:
		return uint64(b[0])
	case 2:
		_ = b[1]
		return uint64(b[0])<<8 | uint64(b[1])
	case 4:
		_ = b[3]
		return uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])
	}
	_ = b[7]
	return uint64(b[0])<<56 | uint64(b[1])<<48 | uint64(b[2])<<40 | uint64(b[3])<<32 |
		uint64(b[4])<<24 | uint64(b[5])<<16 | uint64(b[6])<<8 | uint64(b[7])
}
