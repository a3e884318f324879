package iproto

import (
	"encoding/binary"
	"errors"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// replyHead is the size of what stands in front of a reply's body: the length and a header with three keys, all in
// their widest form, so that they can be filled in at the end.
const replyHead = 5 + 1 + 6 + 10 + 6

var replyTemplate = [replyHead]byte{
	0: 0xce, 5: 0x83, 6: KeyRequestType, 7: 0xce, 12: KeySync, 13: 0xcf, 22: KeySchemaVersion, 23: 0xce,
}

// beginReply leaves room for the head of a reply. endReply takes the length that b had before.
func beginReply(b []byte) []byte { return append(b, replyTemplate[:]...) }

// endReply fills in the head of the reply that begins at start.
func endReply(b []byte, start int, typ Type, sync, schemaVersion uint64) []byte {
	head := b[start : start+replyHead]
	binary.BigEndian.PutUint32(head[1:], uint32(len(b)-start-5))
	binary.BigEndian.PutUint32(head[8:], uint32(typ))
	binary.BigEndian.PutUint64(head[14:], sync)
	binary.BigEndian.PutUint32(head[24:], uint32(schemaVersion))
	return b
}

// dataHead begins a body that holds only data: an array of a length that is filled in at the end.
var dataHead = [...]byte{0x81, KeyData, 0xdd, 0, 0, 0, 0}

func setCount(b []byte, at, count int) {
	binary.BigEndian.PutUint32(b[at+3:], uint32(count))
}

// AppendOK adds a reply without data.
func AppendOK(b []byte, sync, schemaVersion uint64) []byte {
	start := len(b)
	b = append(beginReply(b), 0x80)
	return endReply(b, start, TypeOK, sync, schemaVersion)
}

// AppendTuples adds a reply with tuples.
func AppendTuples(b []byte, sync, schemaVersion uint64, rows ...*tuple.Tuple) []byte {
	start := len(b)
	b = append(beginReply(b), dataHead[:]...)
	for _, t := range rows {
		b = append(b, t.Data()...)
	}
	setCount(b, start+replyHead, len(rows))
	return endReply(b, start, TypeOK, sync, schemaVersion)
}

// appendOne adds a reply with one tuple, or none when t is nil.
func appendOne(b []byte, sync, schemaVersion uint64, t *tuple.Tuple) []byte {
	start := len(b)
	b = append(beginReply(b), dataHead[:]...)
	if t != nil {
		b = append(b, t.Data()...)
		setCount(b, start+replyHead, 1)
	}
	return endReply(b, start, TypeOK, sync, schemaVersion)
}

// AppendError adds a reply that is an error, with its stack.
func AppendError(b []byte, sync, schemaVersion uint64, err error) []byte {
	e := boxerr.From(err)
	start := len(b)
	b = append(beginReply(b), 0x82, KeyError24)
	b = mp.AppendString(b, e.Message)
	b = append(b, KeyError)
	b = e.AppendStack(b)
	return endReply(b, start, TypeError|Type(e.Code), sync, schemaVersion)
}

// Reply is a frame that a server sent: a reply, a chunk or an event.
type Reply struct {
	Header
	// Body is the map, or empty. Data is the array in it, nil when there is none.
	Body, Data []byte
	// Event and EventData are what a watcher is told.
	Event     string
	EventData []byte
	// Err is the error that the reply is.
	Err *boxerr.Error
}

// ErrReply says that a server sent what is no reply.
var ErrReply = errors.New("invalid reply")

// Decode reads a frame from a server: foreign bytes. The slices share its memory.
func (r *Reply) Decode(frame []byte) error {
	*r = Reply{}
	body, err := r.ParseHeader(frame)
	if err != nil {
		return err
	}
	r.Body = body
	var message, stack []byte
	ok := EachKey(body, func(key uint64, value []byte) {
		switch key {
		case KeyData:
			r.Data = value
		case KeyError24:
			message = value
		case KeyError:
			stack = value
		case KeyEvent:
			r.Event = string(mp.Bytes(value))
		case KeyEventData:
			r.EventData = value
		}
	})
	if !ok {
		return errBody()
	}
	if r.Type&TypeError == 0 {
		return nil
	}
	code := uint32(r.Type &^ TypeError)
	if stack != nil {
		if e, err := boxerr.Unpack(stack); err == nil {
			r.Err = e
			return nil
		}
	}
	r.Err = &boxerr.Error{Type: boxerr.ClassClientError, Code: code}
	if message != nil {
		r.Err.Message = string(mp.Bytes(message))
	}
	return nil
}

// IsError reports whether the reply is an error.
func (r *Reply) IsError() bool { return r.Err != nil }
