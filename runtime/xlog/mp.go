package xlog

import (
	"encoding/binary"
	"math"
)

// The few msgpack reads of the row codec, which is the hottest loop of recovery and of the log: they neither
// allocate nor build errors, and skip needs no stack however deep the data nests.

func appendUint(dst []byte, v uint64) []byte {
	switch {
	case v < 0x80:
		return append(dst, byte(v))
	case v <= math.MaxUint8:
		return append(dst, 0xcc, byte(v))
	case v <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 0xcd), uint16(v))
	case v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0xce), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xcf), v)
}

func readUint(src []byte) (v uint64, rest []byte, ok bool) {
	if len(src) == 0 {
		return 0, nil, false
	}
	c := src[0]
	if c < 0x80 {
		return uint64(c), src[1:], true
	}
	if c < 0xcc || c > 0xcf {
		return 0, nil, false
	}
	size := 1 << (c - 0xcc)
	if len(src) < 1+size {
		return 0, nil, false
	}
	for _, b := range src[1 : 1+size] {
		v = v<<8 | uint64(b)
	}
	return v, src[1+size:], true
}

func readDouble(src []byte) (v float64, rest []byte, ok bool) {
	if len(src) >= 9 && src[0] == 0xcb {
		return math.Float64frombits(binary.BigEndian.Uint64(src[1:])), src[9:], true
	}
	if len(src) >= 5 && src[0] == 0xca {
		return float64(math.Float32frombits(binary.BigEndian.Uint32(src[1:]))), src[5:], true
	}
	n, rest, ok := readUint(src)
	return float64(n), rest, ok
}

func readMap(src []byte) (n int, rest []byte, ok bool) {
	switch {
	case len(src) >= 1 && src[0]&0xf0 == 0x80:
		return int(src[0] & 0x0f), src[1:], true
	case len(src) >= 3 && src[0] == 0xde:
		return int(binary.BigEndian.Uint16(src[1:])), src[3:], true
	case len(src) >= 5 && src[0] == 0xdf:
		return int(binary.BigEndian.Uint32(src[1:])), src[5:], true
	}
	return 0, nil, false
}

// skip steps over one value.
func skip(src []byte) (rest []byte, ok bool) {
	for left := uint64(1); left > 0; left-- {
		if uint64(len(src)) < left {
			return nil, false
		}
		c := src[0]
		head, size := 1, uint64(0)
		switch {
		case c < 0x80 || c >= 0xe0 || c == 0xc0 || c == 0xc2 || c == 0xc3:
		case c < 0x90:
			left += 2 * uint64(c&0x0f)
		case c < 0xa0:
			left += uint64(c & 0x0f)
		case c < 0xc0:
			size = uint64(c & 0x1f)
		case c == 0xc1:
			return nil, false
		case c <= 0xc6:
			head = 1 + 1<<(c-0xc4)
			if size, ok = readSize(src, head); !ok {
				return nil, false
			}
		case c <= 0xc9:
			head = 1 + 1<<(c-0xc7)
			if size, ok = readSize(src, head); !ok {
				return nil, false
			}
			size++
		case c == 0xca:
			size = 4
		case c == 0xcb:
			size = 8
		case c <= 0xcf:
			size = 1 << (c - 0xcc)
		case c <= 0xd3:
			size = 1 << (c - 0xd0)
		case c <= 0xd8:
			size = 1 + 1<<(c-0xd4)
		case c <= 0xdb:
			head = 1 + 1<<(c-0xd9)
			if size, ok = readSize(src, head); !ok {
				return nil, false
			}
		default:
			head = 3 + 2*int(c&1)
			n, ok := readSize(src, head)
			if !ok {
				return nil, false
			}
			if c >= 0xde {
				n *= 2
			}
			left += n
		}
		if uint64(len(src)-head) < size {
			return nil, false
		}
		src = src[head+int(size):]
	}
	return src, true
}

// readSize reads the big-endian number that fills the rest of a head of the given length.
func readSize(src []byte, head int) (n uint64, ok bool) {
	if len(src) < head {
		return 0, false
	}
	for _, b := range src[1:head] {
		n = n<<8 | uint64(b)
	}
	return n, true
}
