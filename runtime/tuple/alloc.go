package tuple

import "unsafe"

// A tuple's payload lies in the same allocation as its header. Go has no structs
// of variable length, so there is one type for each size class of its allocator;
// each begins with a Tuple, and a pointer to it is a pointer to that Tuple. The
// collector sees one pointer in each, the format.
type sized[P any] struct {
	Tuple
	_ P // the payload
}

// spilled is a tuple whose payload is too large for that: a second allocation.
type spilled struct {
	Tuple
	payload *byte
}

const headerSize = int(unsafe.Sizeof(Tuple{}))

// inlineMax is the largest payload that lies beside the header.
const inlineMax = 512 - headerSize

func inline[P any]() *Tuple { return &new(sized[P]).Tuple }

// allocate makes a tuple with room for size bytes.
func allocate(size int) *Tuple {
	if size > inlineMax {
		t := new(spilled)
		t.payload = unsafe.SliceData(make([]byte, size))
		t.spilled = true
		return &t.Tuple
	}
	switch total := size + headerSize; {
	case total <= 24:
		return inline[[24 - headerSize]byte]()
	case total <= 32:
		return inline[[32 - headerSize]byte]()
	case total <= 48:
		return inline[[48 - headerSize]byte]()
	case total <= 64:
		return inline[[64 - headerSize]byte]()
	case total <= 80:
		return inline[[80 - headerSize]byte]()
	case total <= 96:
		return inline[[96 - headerSize]byte]()
	case total <= 112:
		return inline[[112 - headerSize]byte]()
	case total <= 128:
		return inline[[128 - headerSize]byte]()
	case total <= 160:
		return inline[[160 - headerSize]byte]()
	case total <= 192:
		return inline[[192 - headerSize]byte]()
	case total <= 224:
		return inline[[224 - headerSize]byte]()
	case total <= 256:
		return inline[[256 - headerSize]byte]()
	case total <= 320:
		return inline[[320 - headerSize]byte]()
	case total <= 384:
		return inline[[384 - headerSize]byte]()
	case total <= 448:
		return inline[[448 - headerSize]byte]()
	}
	return inline[[512 - headerSize]byte]()
}

// payload returns where the tuple's bytes begin: its slots, then its data.
func (t *Tuple) payload() unsafe.Pointer {
	if t.spilled {
		return unsafe.Pointer((*spilled)(unsafe.Pointer(t)).payload)
	}
	return unsafe.Add(unsafe.Pointer(t), headerSize)
}
