package update

import (
	"errors"
	"math"
	"strconv"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// maxOps is the most operations that one call may have.
const maxOps = 4000

// op is one operation, read and checked as far as can be without the tuple.
type op struct {
	code  byte
	field int64  // from 0; below zero it counts from the end
	path  string // as given, when the field was named by a text
	named bool   // path was given

	steps  jsonpath.Path // behind the field
	broken error         // what is wrong with the path behind steps

	arg    []byte // the value: a single one
	count  uint32 // '#': fields to delete
	offset int32  // ':': from 0, or from the end
	cut    int32  // ':': bytes to cut
}

// label names the field as error messages do.
func (o *op) label() string {
	if o.named {
		return "'" + o.path + "'"
	}
	if o.field >= 0 {
		return strconv.FormatInt(o.field+1, 10)
	}
	return strconv.FormatInt(o.field, 10)
}

// resolve makes a field that counts from the end one that counts from 0. Errors
// name it so from then on.
func (o *op) resolve(size int64) bool {
	if o.field >= 0 {
		return true
	}
	if o.code == '!' {
		size++
	}
	if o.field+size < 0 {
		return false
	}
	o.field += size
	return true
}

func (o *op) fail(words string) error { return boxerr.New(boxerr.UpdateField, o.label(), words) }

func (o *op) double() error { return o.fail("double update of the same field") }

func (o *op) missing() error {
	if o.named {
		return boxerr.New(boxerr.NoSuchFieldName, o.label())
	}
	return boxerr.New(boxerr.NoSuchFieldNo, o.label())
}

func (o *op) argument(expected string) error {
	return boxerr.New(boxerr.UpdateArgType, o.code, o.label(), expected)
}

// read reads all operations.
func read(f *tuple.Format, ops []byte, base int) ([]op, error) {
	if len(ops) == 0 || mp.KindOf(ops) != mp.Array {
		return nil, boxerr.New(boxerr.IllegalParams, "update operations must be an array {{op,..}, {op,..}}")
	}
	count, pos := mp.ArrayHeader(ops)
	if count > maxOps {
		return nil, boxerr.New(boxerr.IllegalParams, "too many operations for update")
	}
	list := make([]op, count)
	for i := range list {
		n := mp.Skip(ops[pos:])
		if err := list[i].read(f, ops[pos:pos+n], i+1, base); err != nil {
			return nil, err
		}
		pos += n
	}
	return list, nil
}

func (o *op) read(f *tuple.Format, b []byte, number, base int) error {
	if mp.KindOf(b) != mp.Array {
		return boxerr.New(boxerr.IllegalParams, "update operation must be an array {op,..}")
	}
	count, pos := mp.ArrayHeader(b)
	b = b[pos:]
	if count < 1 {
		return boxerr.New(boxerr.IllegalParams, "update operation must be an array {op,..}, got empty array")
	}
	if mp.KindOf(b) != mp.Str {
		return boxerr.New(boxerr.IllegalParams, "update operation name must be a string")
	}
	name := mp.StringView(b)
	expected := argumentCount(name)
	if expected == 0 {
		return boxerr.New(boxerr.UnknownUpdateOp, number, `"`+name+`"`)
	}
	if count != expected {
		return boxerr.New(boxerr.UnknownUpdateOp, number, "wrong number of arguments, expected "+
			strconv.Itoa(expected)+", got "+strconv.Itoa(count))
	}
	o.code = name[0]
	b = b[mp.Skip(b):]
	if err := o.readField(f, b, base); err != nil {
		return err
	}
	return o.readArguments(b[mp.Skip(b):], base)
}

func argumentCount(name string) int {
	switch name {
	case "=", "!", "+", "-", "&", "|", "^", "#":
		return 3
	case ":":
		return 5
	}
	return 0
}

func (o *op) readField(f *tuple.Format, b []byte, base int) error {
	switch mp.KindOf(b) {
	case mp.Uint, mp.Int:
		n, ok := int32Of(b)
		if !ok {
			return o.argument("an integer")
		}
		o.field = int64(n)
		if n >= 0 {
			if o.field -= int64(base); o.field < 0 {
				return boxerr.New(boxerr.NoSuchFieldNo, n)
			}
		}
		return nil
	case mp.Str:
		return o.readPath(f, mp.StringView(b), base)
	}
	return boxerr.New(boxerr.IllegalParams, "field id must be a number or a string")
}

// readPath finds the field that the path begins with. What is wrong behind it
// counts only when an operation gets that far.
func (o *op) readPath(f *tuple.Format, text string, base int) error {
	o.path, o.named = text, true
	if i, ok := f.FieldNumber(text); ok {
		o.field = int64(i)
		return nil
	}
	lexer := jsonpath.NewLexer(text, 1)
	first, ok, err := lexer.Next()
	if err != nil {
		return o.invalid(err)
	}
	notFound := boxerr.New(boxerr.NoSuchFieldName, text)
	switch {
	case !ok || first.Kind == jsonpath.ByAny:
		return notFound
	case first.Kind == jsonpath.ByName:
		i, known := f.FieldNumber(first.Name)
		if !known {
			return notFound
		}
		o.field = int64(i)
	default:
		o.field = int64(first.Index)
	}
	for {
		at := lexer.Position()
		step, ok, err := lexer.Next()
		if err == nil && ok && step.Kind == jsonpath.ByAny {
			err = &jsonpath.Error{Position: at + 2}
		}
		if err != nil {
			o.broken = o.invalid(err)
			return nil
		}
		if !ok {
			return nil
		}
		o.steps = append(o.steps, step)
	}
}

func (o *op) invalid(err error) error {
	position := 1
	var at *jsonpath.Error
	if errors.As(err, &at) {
		position = at.Position
	}
	return o.fail("invalid JSON in position " + strconv.Itoa(position))
}

func (o *op) readArguments(b []byte, base int) error {
	switch o.code {
	case '#':
		n, ok := mp.Uint64(b)
		if !ok {
			return o.argument("a positive integer")
		}
		// The count is 32 bits wide in Tarantool, and cut to that.
		if o.count = uint32(n); o.count == 0 {
			return o.fail("cannot delete 0 fields")
		}
	case '+', '-':
		if !tuple.Number.Check(b) {
			return o.argument("a number")
		}
	case '&', '|', '^':
		if mp.KindOf(b) != mp.Uint {
			return o.argument("a positive integer")
		}
	case ':':
		return o.readSplice(b, base)
	}
	o.arg = bounded(b)
	return nil
}

func (o *op) readSplice(b []byte, base int) error {
	var ok bool
	if o.offset, ok = int32Of(b); !ok {
		return o.argument("an integer")
	}
	if o.offset >= 0 {
		if o.offset -= int32(base); o.offset < 0 {
			return o.spliceBound()
		}
	}
	b = b[mp.Skip(b):]
	if o.cut, ok = int32Of(b); !ok {
		return o.argument("an integer")
	}
	b = b[mp.Skip(b):]
	if mp.KindOf(b) != mp.Str {
		return o.argument("a string")
	}
	o.arg = bounded(b)
	return nil
}

func (o *op) spliceBound() error {
	return boxerr.New(boxerr.UpdateSplice, o.label(), "offset is out of bound")
}

func int32Of(b []byte) (int32, bool) {
	n, ok := mp.Int64(b)
	return int32(n), ok && n >= math.MinInt32 && n <= math.MaxInt32
}
