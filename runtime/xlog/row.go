package xlog

import (
	"encoding/binary"
	"math"
)

// Type is a request type of the binary protocol.
type Type uint32

// The types that logs and snapshots hold.
const (
	Select   Type = 1
	Insert   Type = 2
	Replace  Type = 3
	Update   Type = 4
	Delete   Type = 5
	Upsert   Type = 9
	Nop      Type = 12
	Confirm  Type = 40
	Rollback Type = 41
)

// Keys of a row's header.
const (
	keyType      = 0x00
	keySync      = 0x01
	keyReplicaID = 0x02
	keyLSN       = 0x03
	keyTimestamp = 0x04
	keySchema    = 0x05
	keyGroupID   = 0x07
	keyTSN       = 0x08
	keyFlags     = 0x09
)

// GroupLocal is the replication group of rows that stay on their instance.
const GroupLocal = 1

const flagCommit = 1

// Row is one request with its header. In a log, the rows of one transaction carry the same TSN and the last of them
// IsCommit.
type Row struct {
	Type      Type
	ReplicaID uint32
	GroupID   uint32
	LSN       int64
	// Timestamp is in seconds since 1970.
	Timestamp float64
	// TSN numbers the transaction. Zero means that the row is a transaction by itself; a row that was decoded never
	// has zero here unless its LSN is zero too.
	TSN      int64
	IsCommit bool
	// Flags are the flag bits other than the one that IsCommit stands for.
	Flags  uint8
	Sync   uint64
	Schema uint64
	// Body is a msgpack map, or empty. A decoded row's body lies in the buffer that it was decoded from.
	Body []byte
}

// RowError says what is wrong with the encoding of a row, in Tarantool's words.
type RowError struct{ Reason string }

func (e *RowError) Error() string { return e.Reason }

func invalid(what string) error { return &RowError{"Invalid MsgPack - " + what} }

// alone says that the row needs no transaction number, because it is a transaction.
func (r *Row) alone() bool { return r.TSN == 0 || r.TSN == r.LSN && r.IsCommit }

// Append appends the header and the body.
func (r *Row) Append(dst []byte) []byte {
	return append(r.AppendHeader(dst), r.Body...)
}

// AppendHeader appends the header map.
func (r *Row) AppendHeader(dst []byte) []byte {
	at := len(dst)
	dst = append(dst, 0x80, keyType)
	count := byte(1)
	dst = appendUint(dst, uint64(r.Type))
	field := func(key byte, value uint64) {
		if value != 0 {
			count++
			dst = appendUint(append(dst, key), value)
		}
	}
	field(keySync, r.Sync)
	field(keyReplicaID, uint64(r.ReplicaID))
	field(keyGroupID, uint64(r.GroupID))
	field(keyLSN, uint64(r.LSN))
	if r.Timestamp != 0 {
		count++
		dst = append(dst, keyTimestamp, 0xcb)
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(r.Timestamp))
	}
	field(keySchema, r.Schema)
	flags := r.Flags &^ flagCommit
	if !r.alone() {
		count++
		dst = appendUint(append(dst, keyTSN), uint64(r.LSN-r.TSN))
		if r.IsCommit {
			flags |= flagCommit
		}
	}
	field(keyFlags, uint64(flags))
	dst[at] |= count
	return dst
}

// DecodeHeader reads a header map and returns the bytes behind it. Keys may come in any order; unknown ones are
// skipped.
func (r *Row) DecodeHeader(src []byte) (rest []byte, err error) {
	*r = Row{}
	count, src, ok := readMap(src)
	if !ok {
		return nil, invalid("packet header")
	}
	var back uint64
	var hasTSN bool
	for range count {
		key, after, ok := readUint(src)
		if !ok {
			return nil, invalid("packet header")
		}
		src = after
		if key == keyTimestamp {
			if r.Timestamp, src, ok = readDouble(src); !ok {
				return nil, invalid("packet header")
			}
			continue
		}
		if key > keyFlags || key == 0x06 {
			if src, ok = skip(src); !ok {
				return nil, invalid("packet header")
			}
			continue
		}
		value, after, ok := readUint(src)
		if !ok {
			return nil, invalid("packet header")
		}
		src = after
		switch key {
		case keyType:
			ok = value <= math.MaxUint32
			r.Type = Type(value)
		case keySync:
			r.Sync = value
		case keyReplicaID:
			ok = value <= math.MaxUint32
			r.ReplicaID = uint32(value)
		case keyLSN:
			ok = value <= math.MaxInt64
			r.LSN = int64(value)
		case keySchema:
			r.Schema = value
		case keyGroupID:
			ok = value <= math.MaxUint32
			r.GroupID = uint32(value)
		case keyTSN:
			back, hasTSN = value, true
		case keyFlags:
			ok = value <= math.MaxUint8
			r.Flags = uint8(value)
		}
		if !ok {
			return nil, invalid("packet header")
		}
	}
	if hasTSN {
		r.TSN = r.LSN - int64(back)
		r.IsCommit = r.Flags&flagCommit != 0
	}
	if r.TSN == 0 {
		r.TSN, r.IsCommit = r.LSN, true
	}
	r.Flags &^= flagCommit
	return src, nil
}

// Decode reads one row from the front of a block's rows and returns the bytes behind it.
func (r *Row) Decode(src []byte) (rest []byte, err error) {
	src, err = r.DecodeHeader(src)
	if err != nil {
		return nil, err
	}
	if r.Type == Nop {
		// A NOP has no body; old files give it an empty one, which no header can be mistaken for.
		if len(src) > 0 && src[0] == 0x80 {
			src = src[1:]
		}
		return src, nil
	}
	if len(src) == 0 {
		return src, nil
	}
	if _, _, ok := readMap(src); !ok {
		return nil, invalid("packet body")
	}
	rest, ok := skip(src)
	if !ok {
		return nil, invalid("packet body")
	}
	r.Body = src[: len(src)-len(rest) : len(src)-len(rest)]
	return rest, nil
}

// DecodePacket reads a row of the wire: the header, and all that follows is the body.
func (r *Row) DecodePacket(src []byte) error {
	body, err := r.DecodeHeader(src)
	if err != nil {
		return err
	}
	if len(body) > 0 {
		if rest, ok := skip(body); !ok || len(rest) > 0 {
			return invalid("packet body")
		}
		r.Body = body
	}
	return nil
}
