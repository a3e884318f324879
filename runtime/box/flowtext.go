package box

import (
	"encoding/base64"
	"strconv"

	"shardlua/runtime/serial"
	"shardlua/runtime/serial/yamltext"
	"shardlua/runtime/tuple/mp"
)

// flowPrecision is the number of significant digits that tostring(tuple) shows.
const flowPrecision = 14

// flowText is YAML on one line, as tostring(tuple) has it: strings always in quotes, and null for what YAML has no
// form of.
func flowText(data []byte) string {
	w := flowWriter{}
	w.out = make([]byte, 0, len(data)*2)
	w.value(data)
	return string(w.out)
}

type flowWriter struct{ out []byte }

func (w *flowWriter) value(b []byte) []byte {
	switch mp.KindOf(b) {
	case mp.Bool:
		w.out = strconv.AppendBool(w.out, mp.Boolean(b))
	case mp.Uint, mp.Int:
		v, negative := mp.Number(b)
		if negative {
			w.out = strconv.AppendInt(w.out, int64(v), 10)
		} else {
			w.out = strconv.AppendUint(w.out, v, 10)
		}
	case mp.Float, mp.Double:
		w.out = append(w.out, serial.FormatNumber(mp.Real(b), flowPrecision)...)
	case mp.Str:
		w.text(string(mp.Bytes(b)))
	case mp.Bin:
		w.binary(mp.Bytes(b))
	case mp.Array:
		return w.collection(b, '[', ']', false)
	case mp.Map:
		return w.collection(b, '{', '}', true)
	default:
		w.out = append(w.out, "null"...)
	}
	return b[mp.Skip(b):]
}

func (w *flowWriter) collection(b []byte, open, end byte, pairs bool) []byte {
	n, size := mp.ArrayHeader(b)
	b = b[size:]
	w.out = append(w.out, open)
	for i := range n {
		if i > 0 {
			w.out = append(w.out, ", "...)
		}
		b = w.value(b)
		if pairs {
			w.out = append(w.out, ": "...)
			b = w.value(b)
		}
	}
	w.out = append(w.out, end)
	return b
}

func (w *flowWriter) binary(data []byte) {
	w.out = append(w.out, "!!binary "...)
	w.out = base64.StdEncoding.AppendEncode(w.out, data)
}

// text writes a string. Short ones without anything special, nearly all, are written right here.
func (w *flowWriter) text(s string) {
	plain := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == '\'' || c == '\\' {
			plain = false
			break
		}
	}
	if plain {
		w.out = append(append(append(w.out, '\''), s...), '\'')
		return
	}
	if !yamltext.IsText(s) {
		w.binary([]byte(s))
		return
	}
	w.out = append(w.out, yamltext.QuotedOneLine(s)...)
}
