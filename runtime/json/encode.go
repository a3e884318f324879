package json

import (
	"math"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Append adds a value as JSON. When it fails, dst is as long as it was.
func Append(dst []byte, L *lua.LState, v lua.LValue, o *serial.Options) ([]byte, error) {
	e := encoder{L: L, o: o}
	out, err := e.value(dst, v, 0)
	if err != nil {
		return dst, err
	}
	return out, nil
}

type encoder struct {
	L *lua.LState
	o *serial.Options
	f serial.Field // the value that is looked at
}

func (e *encoder) look(v lua.LValue) error {
	if err := serial.Inspect(e.L, e.o, v, &e.f); err != nil {
		return err
	}
	if e.f.Kind == serial.Raw {
		return serial.InspectText(e.L, e.o, e.f.Cdata, &e.f)
	}
	return nil
}

func (e *encoder) value(dst []byte, v lua.LValue, depth int) ([]byte, error) {
	if err := e.look(v); err != nil {
		return nil, err
	}
	f := &e.f
	switch f.Kind {
	case serial.Bool:
		return strconv.AppendBool(dst, f.Bool), nil
	case serial.Uint:
		return strconv.AppendUint(dst, f.Uint(), 10), nil
	case serial.Int:
		return strconv.AppendInt(dst, f.Int(), 10), nil
	case serial.Float, serial.Double:
		return append(dst, e.number(f.Real())...), nil
	case serial.String:
		return appendString(dst, f.Str), nil
	case serial.Array, serial.Map:
		if depth++; depth > e.o.Depth() {
			if e.o.DeepAsNil {
				return append(dst, "null"...), nil
			}
			return nil, &serial.Error{Text: "Too high nest level"}
		}
		if f.Kind == serial.Array {
			return e.array(dst, f.Table, f.Size, depth)
		}
		return e.object(dst, f.Table, depth)
	}
	return append(dst, "null"...), nil
}

func (e *encoder) number(n float64) string {
	if math.IsNaN(n) {
		return "nan"
	}
	return serial.FormatNumber(n, e.o.NumberPrecision)
}

func (e *encoder) array(dst []byte, t *lua.LTable, size, depth int) ([]byte, error) {
	dst = append(dst, '[')
	var err error
	for i := range size {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = e.value(dst, vm.GetInt(t, i+1), depth); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func (e *encoder) object(dst []byte, t *lua.LTable, depth int) ([]byte, error) {
	dst = append(dst, '{')
	var err error
	comma := false
	for w := serial.Ordered(t); w.Next(); comma = true {
		val := w.Val
		if comma {
			dst = append(dst, ',')
		}
		if dst, err = e.key(dst, w.Key); err != nil {
			return nil, err
		}
		dst = append(dst, ':')
		if dst, err = e.value(dst, val, depth); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// key writes a key; only strings and integers can be one.
func (e *encoder) key(dst []byte, v lua.LValue) ([]byte, error) {
	if err := e.look(v); err != nil {
		return nil, err
	}
	switch f := &e.f; f.Kind {
	case serial.String:
		return appendString(dst, f.Str), nil
	case serial.Uint:
		return append(strconv.AppendUint(append(dst, '"'), f.Uint(), 10), '"'), nil
	case serial.Int:
		return append(strconv.AppendInt(append(dst, '"'), f.Int(), 10), '"'), nil
	}
	return nil, &serial.Error{Text: "table key must be a number or string"}
}

const hexDigits = "0123456789abcdef"

// appendString writes a string. Bytes beyond ASCII are written as they are, and
// so are those that are no UTF-8.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != '/' && c != 0x7f {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\', '/':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[start:]...), '"')
}
