package tuple

import (
	"encoding/binary"
	"math"
	"unsafe"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// Tuple is an immutable record. Only New makes one; copying the struct is an
// error, because its bytes lie behind it.
type Tuple struct {
	format  *Format
	size    uint32 // of data, bytes
	width   uint8  // of a slot, bytes: 1, 2 or 4
	spilled bool
	start   uint16 // of data, behind the slots
}

// MaxSize is the largest data that a tuple can have, in bytes.
const MaxSize = math.MaxUint32

// New makes a tuple of data, a checked MessagePack value, which it copies. A nil
// format asks nothing of the fields.
func New(f *Format, data []byte) (*Tuple, error) {
	if f == nil {
		f = anyFormat
	}
	if len(data) == 0 || mp.KindOf(data) != mp.Array {
		return nil, boxerr.New(boxerr.TupleNotArray)
	}
	if uint64(len(data)) > MaxSize {
		return nil, boxerr.New(boxerr.MemtxMaxTupleSize, len(data))
	}
	width := slotWidth(len(data))
	slots := f.slotCount * width
	if slots > math.MaxUint16 {
		return nil, boxerr.New(boxerr.TupleMetadataIsTooBig, slots)
	}
	t := allocate(slots + len(data))
	t.format, t.size, t.width, t.start = f, uint32(len(data)), uint8(width), uint16(slots)
	copy(t.Data(), data)
	if err := f.accept(t); err != nil {
		return nil, err
	}
	return t, nil
}

func slotWidth(size int) int {
	switch {
	case size <= math.MaxUint8:
		return 1
	case size <= math.MaxUint16:
		return 2
	}
	return 4
}

// Data returns the MessagePack array. It stays good for ever and must not be
// written to.
func (t *Tuple) Data() []byte {
	return unsafe.Slice((*byte)(unsafe.Add(t.payload(), int(t.start))), int(t.size))
}

// BSize is the size of the data in bytes.
func (t *Tuple) BSize() int { return int(t.size) }

// Format returns the format that the tuple was made with.
func (t *Tuple) Format() *Format { return t.format }

// FieldCount is the number of fields.
func (t *Tuple) FieldCount() int {
	n, _ := mp.ArrayHeader(t.Data())
	return n
}

func (t *Tuple) slots() []byte {
	return unsafe.Slice((*byte)(t.payload()), int(t.start))
}

func (t *Tuple) setSlot(slot int, offset int) {
	s := t.slots()[slot*int(t.width):]
	switch t.width {
	case 1:
		s[0] = byte(offset)
	case 2:
		binary.LittleEndian.PutUint16(s, uint16(offset))
	default:
		binary.LittleEndian.PutUint32(s, uint32(offset))
	}
}

func (t *Tuple) slot(slot int) int {
	s := unsafe.Add(t.payload(), slot*int(t.width))
	switch t.width {
	case 1:
		return int(*(*byte)(s))
	case 2:
		return int(binary.LittleEndian.Uint16(unsafe.Slice((*byte)(s), 2)))
	}
	return int(binary.LittleEndian.Uint32(unsafe.Slice((*byte)(s), 4)))
}

// at returns the data from field i on, or nil when there is no such field.
func (t *Tuple) at(i int) []byte {
	data := t.Data()
	if i > 0 && i < len(t.format.slotOf) {
		if slot := t.format.slotOf[i]; slot >= 0 {
			if offset := t.slot(int(slot)); offset > 0 {
				return data[offset:]
			}
			return nil
		}
	}
	count, pos := mp.ArrayHeader(data)
	if i < 0 || i >= count {
		return nil
	}
	for ; i > 0; i-- {
		pos += mp.Skip(data[pos:])
	}
	return data[pos:]
}

func bounded(b []byte) []byte {
	if b == nil {
		return nil
	}
	n := mp.Skip(b)
	return b[:n:n]
}

// Field returns the value of field i, counted from 0, or nil when there is none.
func (t *Tuple) Field(i int) []byte { return bounded(t.at(i)) }

// FieldOn returns the data from field i on, what is behind the field included,
// or nil when there is no such field.
func (t *Tuple) FieldOn(i int) []byte { return t.at(i) }

// FieldByName returns the value of the field that the format gives the name, or
// nil when the format or the tuple has none.
func (t *Tuple) FieldByName(name string) []byte {
	i, ok := t.format.names[name]
	if !ok {
		return nil
	}
	return t.Field(i)
}

// FieldByPath returns what a JSON path leads to, or nil when it leads nowhere. A
// whole path that is a field's name is taken as that name. Indexes count from
// base. A [*] step leads nowhere.
func (t *Tuple) FieldByPath(path string, base int) ([]byte, error) {
	if b := t.FieldByName(path); b != nil {
		return b, nil
	}
	p, err := jsonpath.Parse(path, base)
	if err != nil {
		return nil, err
	}
	return t.FieldByParsedPath(p), nil
}

// FieldByParsedPath is FieldByPath for a path that is parsed already.
func (t *Tuple) FieldByParsedPath(p jsonpath.Path) []byte {
	if len(p) == 0 || p.Multikey() >= 0 {
		return nil
	}
	i := p[0].Index
	if p[0].Kind == jsonpath.ByName {
		var ok bool
		if i, ok = t.format.names[p[0].Name]; !ok {
			return nil
		}
	}
	b := t.at(i)
	if b == nil {
		return nil
	}
	return bounded(p[1:].Walk(b, -1))
}
