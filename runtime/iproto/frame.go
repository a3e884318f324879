package iproto

import (
	"encoding/binary"
	"errors"
	"fmt"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/mp"
)

// MaxFrame is the largest frame in bytes that is accepted (IPROTO_PACKET_SIZE_MAX).
const MaxFrame = 2 << 30

// ErrMore says that a frame is not there as a whole yet.
var ErrMore = errors.New("the frame goes on")

// NextFrame cuts the first frame off: its contents, without the length in front, and the bytes that it takes in b. It
// returns ErrMore when b ends before the frame does, with the bytes that the frame will take if that is known, and
// a box error for what is no frame.
func NextFrame(b []byte) (frame []byte, size int, err error) {
	if len(b) == 0 {
		return nil, 0, ErrMore
	}
	if mp.KindOf(b) != mp.Uint {
		return nil, 0, boxerr.New(boxerr.InvalidMsgPack, "packet length")
	}
	width := lengthWidth(b[0])
	if len(b) < width {
		return nil, 0, ErrMore
	}
	var length uint64
	switch width {
	case 1:
		length = uint64(b[0])
	case 2:
		length = uint64(b[1])
	case 3:
		length = uint64(binary.BigEndian.Uint16(b[1:]))
	case 5:
		length = uint64(binary.BigEndian.Uint32(b[1:]))
	default:
		length = binary.BigEndian.Uint64(b[1:])
	}
	if length > MaxFrame {
		return nil, 0, boxerr.New(boxerr.InvalidMsgPack, fmt.Sprintf("too big packet size in the header: %d", length))
	}
	size = width + int(length)
	if len(b) < size {
		return nil, size, ErrMore
	}
	return b[width:size:size], size, nil
}

func lengthWidth(lead byte) int {
	if lead <= 0x7f {
		return 1
	}
	return 1 + 1<<(lead&3)
}

// Header is what stands in front of each body.
type Header struct {
	Type          Type
	Sync          uint64
	SchemaVersion uint64
	StreamID      uint64
	ReplicaID     uint32
	GroupID       uint32
	LSN           int64
	// TSN is the number that a log row gives its transaction, as it is on the wire: the distance to LSN.
	TSN       uint64
	Flags     uint64
	Timestamp float64
}

// ErrHeader is the box error for what is no header.
func errHeader() error { return boxerr.New(boxerr.InvalidMsgPack, "packet header") }

func errBody() error { return boxerr.New(boxerr.InvalidMsgPack, "packet body") }

// ParseHeader reads a frame's header and returns the body, which may be empty, checked. Foreign bytes. On an error h
// has what was read before.
func (h *Header) ParseHeader(frame []byte) (body []byte, err error) {
	*h = Header{}
	if len(frame) == 0 || mp.KindOf(frame) != mp.Map {
		return nil, errHeader()
	}
	size, err := mp.Check(frame)
	if err != nil {
		return nil, errHeader()
	}
	count, pos := mp.MapHeader(frame)
	for range count {
		if mp.KindOf(frame[pos:]) != mp.Uint {
			return nil, errHeader()
		}
		key, _ := mp.Uint64(frame[pos:])
		pos += mp.Skip(frame[pos:])
		value := frame[pos:]
		if !fitsHeader(key, value) {
			return nil, errHeader()
		}
		h.set(key, value)
		pos += mp.Skip(value)
	}
	body = frame[size:]
	if len(body) == 0 {
		return nil, nil
	}
	if n, err := mp.Check(body); err != nil || n != len(body) {
		return nil, errBody()
	}
	return body, nil
}

func (h *Header) set(key uint64, value []byte) {
	if key == KeyTimestamp {
		h.Timestamp = mp.Real(value)
		return
	}
	n, ok := mp.Uint64(value)
	if !ok {
		return
	}
	switch key {
	case KeyRequestType:
		h.Type = Type(n)
	case KeySync:
		h.Sync = n
	case KeySchemaVersion:
		h.SchemaVersion = n
	case KeyStreamID:
		h.StreamID = n
	case KeyReplicaID:
		h.ReplicaID = uint32(n)
	case KeyGroupID:
		h.GroupID = uint32(n)
	case KeyLSN:
		h.LSN = int64(n)
	case KeyTSN:
		h.TSN = n
	case KeyFlags:
		h.Flags = n
	}
}

// EachKey calls visit for the pairs of a checked map whose key is a number, with that key and what begins with the
// value; pairs with other keys are skipped. It returns false when body is no map, or when a key has a value of
// another kind than it must be.
func EachKey(body []byte, visit func(key uint64, value []byte)) bool {
	return eachKey(body, func(numeric bool, key uint64, value []byte) bool { return !numeric || fits(key, value) }, visit)
}

// eachKey is EachKey with a say of its own about which pairs are right; numeric tells whether the key is a number.
func eachKey(body []byte, right func(numeric bool, key uint64, value []byte) bool, visit func(key uint64, value []byte)) bool {
	if len(body) == 0 {
		return true
	}
	if mp.KindOf(body) != mp.Map {
		return false
	}
	count, pos := mp.MapHeader(body)
	for range count {
		key, ok := mp.Uint64(body[pos:])
		ok = ok && mp.KindOf(body[pos:]) == mp.Uint
		pos += mp.Skip(body[pos:])
		value := body[pos:]
		size := mp.Skip(value)
		if !right(ok, key, value) {
			return false
		}
		if ok {
			visit(key, value[:size:size])
		}
		pos += size
	}
	return true
}
