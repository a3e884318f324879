package iproto

import (
	"fmt"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/mp"
)

// Request is one frame, decoded. Its slices share the memory of the frame, and are good until the request is answered.
type Request struct {
	Header
	Body []byte // the map, or empty

	SpaceID, IndexID uint32
	Limit, Offset    uint32
	Iterator         uint32
	IndexBase        uint32
	Key, Tuple, Ops  []byte
	// Name is the function, the expression, the user or the event.
	Name []byte
	// Value is the options of a begin, the data of an event, or the filter of what needs none of the others.
	Value []byte

	err   error // what was wrong with it
	batch *batch
}

// needs are the keys that a request must have. Nothing else of the body is looked at before it is run.
var needs = map[Type][]uint64{
	TypeSelect:  {KeySpaceID, KeyLimit, KeyKey},
	TypeInsert:  {KeySpaceID, KeyTuple},
	TypeReplace: {KeySpaceID, KeyTuple},
	TypeUpdate:  {KeySpaceID, KeyKey, KeyTuple},
	TypeDelete:  {KeySpaceID, KeyKey},
	TypeUpsert:  {KeySpaceID, KeyTuple, KeyOps},
	TypeCall:    {KeyFunctionName},
	TypeCall16:  {KeyFunctionName},
	TypeEval:    {KeyExpr},
	TypeAuth:    {KeyUserName, KeyTuple},
	TypeWatch:   {KeyEvent},
	TypeUnwatch: {KeyEvent},
}

// Decode reads a frame. On an error the header has what could be read, so that the reply can name the request. Foreign
// bytes.
func (r *Request) Decode(frame []byte) error {
	body, err := r.ParseHeader(frame)
	// Tarantool keeps the type in a byte.
	r.Type &= 0xff
	if err != nil {
		return err
	}
	r.Body = body
	switch r.Type {
	case TypeSelect, TypeInsert, TypeReplace, TypeUpdate, TypeDelete, TypeUpsert, TypeCall, TypeCall16, TypeEval, TypeAuth,
		TypeWatch, TypeUnwatch, TypeBegin, TypeCommit, TypeRollback, TypeID:
		return r.decodeBody()
	case TypePing, TypeVote, TypeVoteDeprecated, TypeExecute, TypePrepare, TypeJoin, TypeSubscribe, TypeFetchSnapshot,
		TypeRegister:
		return nil
	case TypeNop:
		if len(body) > 0 {
			return errBody()
		}
	}
	return boxerr.New(boxerr.UnknownRequestType, uint64(r.Type))
}

func (r *Request) decodeBody() error {
	switch r.Type {
	case TypeCall, TypeCall16, TypeEval, TypeAuth:
		if len(r.Body) == 0 {
			return boxerr.New(boxerr.InvalidMsgPack, "missing request body")
		}
	}
	var have uint64
	ok := eachKey(r.Body, r.right, func(key uint64, value []byte) {
		if key >= 64 {
			if key == KeyEvent {
				r.Name = mp.Bytes(value)
			}
			return
		}
		have |= 1 << key
		r.set(key, value)
	})
	if !ok {
		return errBody()
	}
	for _, key := range needs[r.Type] {
		present := key < 64 && have&(1<<key) != 0 || key == KeyEvent && r.Name != nil
		if !present {
			return boxerr.New(boxerr.MissingRequestField, fieldNames[key])
		}
	}
	return nil
}

// right tells whether a pair of the body is what it must be: Tarantool looks at those that the request is made of.
func (r *Request) right(numeric bool, key uint64, value []byte) bool {
	switch r.Type {
	case TypeSelect, TypeInsert, TypeReplace, TypeUpdate, TypeDelete, TypeUpsert:
		switch {
		case !numeric:
			return true
		case key >= KeySpaceID && key <= KeyTuple, key == KeyOps, key == KeyTupleMeta:
			return fits(key, value)
		case key >= KeyReplicaAnon && key < keyEnd:
			return mp.IsNil(value)
		}
		return true
	case TypeCall, TypeCall16, TypeEval:
		return numeric && (key != KeyTuple && key != KeyFunctionName && key != KeyExpr || fits(key, value))
	case TypeAuth:
		return numeric && (key != KeyTuple && key != KeyUserName || fits(key, value))
	}
	return !numeric || fits(key, value)
}

func (r *Request) set(key uint64, value []byte) {
	switch key {
	case KeySpaceID:
		r.SpaceID = number(value)
	case KeyIndexID:
		r.IndexID = number(value)
	case KeyLimit:
		r.Limit = number(value)
	case KeyOffset:
		r.Offset = number(value)
	case KeyIterator:
		r.Iterator = number(value)
	case KeyIndexBase:
		r.IndexBase = number(value)
	case KeyKey:
		r.Key = value
	case KeyTuple:
		r.Tuple = value
	case KeyOps:
		r.Ops = value
	case KeyFunctionName:
		if r.Type == TypeCall || r.Type == TypeCall16 {
			r.Name = mp.Bytes(value)
		}
	case KeyExpr:
		if r.Type == TypeEval {
			r.Name = mp.Bytes(value)
		}
	case KeyUserName:
		if r.Type == TypeAuth {
			r.Name = mp.Bytes(value)
		}
	}
}

func number(value []byte) uint32 {
	n, _ := mp.Uint64(value)
	return uint32(n)
}

// emptyArray stands for arguments that are not there.
var emptyArray = []byte{0x90}

// Args are the arguments of a call, an eval or an auth.
func (r *Request) Args() []byte {
	if r.Tuple == nil {
		return emptyArray
	}
	return r.Tuple
}

// String describes the request for logs.
func (r *Request) String() string {
	return fmt.Sprintf("request type %d, sync %d", uint32(r.Type), r.Sync)
}
