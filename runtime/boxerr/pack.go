package boxerr

import (
	"errors"
	"sort"

	"shardlua/runtime/tuple/mp"
)

// Keys of the maps in MessagePack extension 3: one holds the stack, the others
// describe an error in it.
const (
	keyStack   = 0
	keyType    = 0
	keyFile    = 1
	keyLine    = 2
	keyMessage = 3
	keyErrno   = 4
	keyCode    = 5
	keyFields  = 6
)

// fieldCustomType is the further field that carries the type a script gave.
const fieldCustomType = "custom_type"

// maxStack bounds the stack that Unpack takes from outside.
const maxStack = 1000

// AppendMsgpack adds the error and its causes as MessagePack extension 3.
func (e *Error) AppendMsgpack(b []byte) []byte {
	return mp.AppendExt(b, mp.ExtError, e.AppendStack(nil))
}

// AppendStack adds the map that the extension holds: the form in which replies of the binary protocol carry errors.
// Unpack reads it.
func (e *Error) AppendStack(b []byte) []byte {
	stack := e.Stack()
	b = mp.AppendUint(mp.AppendMapHeader(b, 1), keyStack)
	b = mp.AppendArrayHeader(b, len(stack))
	for _, c := range stack {
		b = c.appendOne(b)
	}
	return b
}

func (e *Error) appendOne(b []byte) []byte {
	fields := make([]string, 0, len(e.Fields)+1)
	for name := range e.Fields {
		fields = append(fields, name)
	}
	if e.CustomType != "" {
		fields = append(fields, fieldCustomType)
	}
	sort.Strings(fields)
	count := 6
	if len(fields) > 0 {
		count++
	}
	b = mp.AppendMapHeader(b, count)
	b = mp.AppendString(mp.AppendUint(b, keyType), e.Type)
	b = mp.AppendUint(mp.AppendUint(b, keyLine), uint64(max(e.Line, 0)))
	b = mp.AppendString(mp.AppendUint(b, keyFile), e.File)
	b = mp.AppendString(mp.AppendUint(b, keyMessage), e.Message)
	b = mp.AppendInt(mp.AppendUint(b, keyErrno), int64(e.Errno))
	b = mp.AppendUint(mp.AppendUint(b, keyCode), uint64(e.Code))
	if len(fields) == 0 {
		return b
	}
	b = mp.AppendMapHeader(mp.AppendUint(b, keyFields), len(fields))
	for _, name := range fields {
		value := e.Fields[name]
		if name == fieldCustomType && e.CustomType != "" {
			value = e.CustomType
		}
		b = mp.AppendString(mp.AppendString(b, name), value)
	}
	return b
}

// ErrPacked says that the contents of an extension are no error.
var ErrPacked = errors.New("not a packed error")

// Unpack reads the contents of extension 3; any bytes may be given.
func Unpack(data []byte) (*Error, error) {
	if mp.Validate(data) != nil || mp.KindOf(data) != mp.Map {
		return nil, ErrPacked
	}
	var first *Error
	err := eachPair(data, func(key uint64, value []byte) error {
		if key != keyStack {
			return nil
		}
		if mp.KindOf(value) != mp.Array {
			return ErrPacked
		}
		count, pos := mp.ArrayHeader(value)
		if count > maxStack {
			return ErrPacked
		}
		place := &first
		for range count {
			e, err := unpackOne(value[pos:])
			if err != nil {
				return err
			}
			*place, place = e, &e.Prev
			pos += mp.Skip(value[pos:])
		}
		return nil
	})
	if err != nil || first == nil {
		return nil, ErrPacked
	}
	return first, nil
}

// eachPair calls do for the pairs whose key is a number.
func eachPair(b []byte, do func(key uint64, value []byte) error) error {
	if mp.KindOf(b) != mp.Map {
		return ErrPacked
	}
	count, pos := mp.MapHeader(b)
	for range count {
		key, ok := mp.Uint64(b[pos:])
		pos += mp.Skip(b[pos:])
		size := mp.Skip(b[pos:])
		if ok {
			if err := do(key, b[pos:pos+size]); err != nil {
				return err
			}
		}
		pos += size
	}
	return nil
}

func unpackOne(b []byte) (*Error, error) {
	e := &Error{Type: ClassClientError}
	err := eachPair(b, func(key uint64, value []byte) error {
		switch key {
		case keyType, keyFile, keyMessage:
			if mp.KindOf(value) != mp.Str {
				return ErrPacked
			}
			*map[uint64]*string{keyType: &e.Type, keyFile: &e.File, keyMessage: &e.Message}[key] = string(mp.Bytes(value))
		case keyLine, keyErrno, keyCode:
			n, ok := mp.Int64(value)
			if !ok {
				return ErrPacked
			}
			switch key {
			case keyLine:
				e.Line = int(n)
			case keyErrno:
				e.Errno = int(n)
			default:
				e.Code = uint32(n)
			}
		case keyFields:
			return e.unpackFields(value)
		}
		return nil
	})
	return e, err
}

func (e *Error) unpackFields(b []byte) error {
	if mp.KindOf(b) != mp.Map {
		return ErrPacked
	}
	count, pos := mp.MapHeader(b)
	for range count {
		name := b[pos:]
		value := name[mp.Skip(name):]
		pos += mp.SkipN(name, 2)
		if mp.KindOf(name) != mp.Str || mp.KindOf(value) != mp.Str {
			continue
		}
		if mp.StringView(name) == fieldCustomType {
			e.CustomType = string(mp.Bytes(value))
			continue
		}
		if e.Fields == nil {
			e.Fields = map[string]string{}
		}
		e.Fields[string(mp.Bytes(name))] = string(mp.Bytes(value))
	}
	return nil
}
