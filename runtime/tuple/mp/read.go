package mp

import (
	"math"
	"unsafe"
)

// The readers below take checked bytes for granted. Those that name a kind take
// the kind for granted too.

// Skip returns the number of bytes of the value that begins b.
func Skip(b []byte) int {
	pos := 0
	for left := 1; left > 0; left-- {
		c := b[pos]
		if c <= 0x7f || c >= 0xe0 {
			pos++
			continue
		}
		l := &leads[c]
		pos++
		switch l.body {
		case scalar:
			pos += int(l.width)
		case bytesBody:
			pos += int(l.width) + int(l.fixed) + int(uintN(b[pos:], l.width))
		case extBody:
			pos += 1 + int(l.width) + int(l.fixed) + int(uintN(b[pos:], l.width))
		case items:
			left += int(l.fixed) + int(uintN(b[pos:], l.width))
			pos += int(l.width)
		case pairs:
			left += 2 * (int(l.fixed) + int(uintN(b[pos:], l.width)))
			pos += int(l.width)
		}
	}
	return pos
}

// SkipN skips n values and returns their bytes together.
func SkipN(b []byte, n int) int {
	pos := 0
	for ; n > 0; n-- {
		pos += Skip(b[pos:])
	}
	return pos
}

// ArrayHeader reads the count of an array and the size of its header.
func ArrayHeader(b []byte) (count, size int) {
	l := &leads[b[0]]
	return int(l.fixed) + int(uintN(b[1:], l.width)), 1 + int(l.width)
}

// MapHeader reads the count of a map's pairs and the size of its header.
func MapHeader(b []byte) (count, size int) { return ArrayHeader(b) }

// Bytes returns the contents of a string or binary; they share b's memory.
func Bytes(b []byte) []byte {
	l := &leads[b[0]]
	start := 1 + int(l.width)
	end := start + int(l.fixed) + int(uintN(b[1:], l.width))
	return b[start:end:end]
}

// StringView returns the contents of a string or binary without a copy: it is good
// for as long as b is not written to.
func StringView(b []byte) string {
	s := Bytes(b)
	return unsafe.String(unsafe.SliceData(s), len(s))
}

// Extension returns the type and the contents of an extension value.
func Extension(b []byte) (typ int8, data []byte) {
	l := &leads[b[0]]
	size := int(l.fixed) + int(uintN(b[1:], l.width))
	start := 1 + int(l.width)
	return int8(b[start]), b[start+1 : start+1+size]
}

// ExtType returns the extension type of b, or ExtUnknown when b is no extension.
func ExtType(b []byte) int8 {
	if leads[b[0]].kind != Ext {
		return ExtUnknown
	}
	typ, _ := Extension(b)
	return typ
}

// IsNil reports whether b begins with nil.
func IsNil(b []byte) bool { return b[0] == 0xc0 }

// Boolean reads a boolean.
func Boolean(b []byte) bool { return b[0] == 0xc3 }

// Number reads an integer of any encoding: its magnitude in two's complement, and
// whether it is below zero.
func Number(b []byte) (v uint64, negative bool) {
	c := b[0]
	switch {
	case c <= 0x7f:
		return uint64(c), false
	case c >= 0xe0:
		return uint64(int64(int8(c))), true
	}
	switch c {
	case 0xcc, 0xcd, 0xce, 0xcf:
		return uintN(b[1:], 1<<(c-0xcc)), false
	case 0xd0:
		v = uint64(int64(int8(b[1])))
	case 0xd1:
		v = uint64(int64(int16(uintN(b[1:], 2))))
	case 0xd2:
		v = uint64(int64(int32(uintN(b[1:], 4))))
	default:
		v = uintN(b[1:], 8)
	}
	return v, int64(v) < 0
}

// Uint64 reads an integer, and reports false when b is none or it is below zero.
func Uint64(b []byte) (uint64, bool) {
	if k := leads[b[0]].kind; k != Uint && k != Int {
		return 0, false
	}
	v, negative := Number(b)
	return v, !negative
}

// Int64 reads an integer, and reports false when b is none or beyond int64.
func Int64(b []byte) (int64, bool) {
	if k := leads[b[0]].kind; k != Uint && k != Int {
		return 0, false
	}
	v, negative := Number(b)
	return int64(v), negative || v <= math.MaxInt64
}

// Real reads a float or a double.
func Real(b []byte) float64 {
	if b[0] == 0xca {
		return float64(math.Float32frombits(uint32(uintN(b[1:], 4))))
	}
	return math.Float64frombits(uintN(b[1:], 8))
}
