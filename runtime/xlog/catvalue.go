package xlog

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/tinylib/msgp/msgp"
)

// kind is what a printer must know of a value.
type kind int

const (
	kindNil     kind = iota
	kindText         // prints the same everywhere: booleans and small numbers
	kindInteger      // a number that Lua holds as a 64-bit integer
	kindDouble
	kindString
	kindArray
	kindMap
	kindExt // decimals and uuids, as text
)

// value is one msgpack value taken apart; of arrays and maps only the head.
type value struct {
	kind kind
	text string
	size int
	f    float64
}

// exactInteger is from where on LuaJIT's numbers are not trusted with integers.
const exactInteger = 100_000_000_000_000

// readValue takes the value at the front of src apart. The data was checked by skip before.
func readValue(src []byte) (value, []byte) {
	switch msgp.NextType(src) {
	case msgp.NilType:
		return value{kind: kindNil, text: "null"}, src[1:]
	case msgp.BoolType:
		v, rest, _ := msgp.ReadBoolBytes(src)
		return value{kind: kindText, text: strconv.FormatBool(v)}, rest
	case msgp.UintType, msgp.IntType:
		return readInteger(src)
	case msgp.Float32Type, msgp.Float64Type:
		v, rest, _ := readDouble(src)
		return value{kind: kindDouble, f: v}, rest
	case msgp.StrType:
		v, rest, _ := msgp.ReadStringZC(src)
		return value{kind: kindString, text: string(v)}, rest
	case msgp.BinType:
		v, rest, _ := msgp.ReadBytesZC(src)
		return value{kind: kindString, text: string(v)}, rest
	case msgp.ArrayType:
		n, rest, _ := msgp.ReadArrayHeaderBytes(src)
		return value{kind: kindArray, size: int(n)}, rest
	case msgp.MapType:
		n, rest, _ := msgp.ReadMapHeaderBytes(src)
		return value{kind: kindMap, size: int(n)}, rest
	}
	rest, _ := skip(src)
	return readExt(src[:len(src)-len(rest)]), rest
}

func readInteger(src []byte) (value, []byte) {
	if u, rest, ok := readUint(src); ok {
		if u < exactInteger {
			return value{kind: kindText, text: strconv.FormatUint(u, 10)}, rest
		}
		return value{kind: kindInteger, text: strconv.FormatUint(u, 10)}, rest
	}
	i, rest, _ := msgp.ReadInt64Bytes(src)
	v := value{kind: kindText, text: strconv.FormatInt(i, 10)}
	if i <= -exactInteger || i >= exactInteger {
		v.kind = kindInteger
	}
	return v, rest
}

// readExt names decimals and uuids; other extensions are shown as bytes.
func readExt(src []byte) value {
	head := 1
	switch {
	case src[0] >= 0xc7 && src[0] <= 0xc9:
		head += 1 << (src[0] - 0xc7)
	}
	tag, data := src[head], src[head+1:]
	switch tag {
	case 1:
		if text, ok := decimalText(data); ok {
			return value{kind: kindExt, text: text}
		}
	case 2:
		if id, err := uuid.FromBytes(data); err == nil {
			return value{kind: kindExt, text: id.String()}
		}
	}
	return value{kind: kindExt, text: fmt.Sprintf("(extension: type %d, len %d)", int8(tag), len(data))}
}

// decimalText reads a decimal: its scale, and packed digits whose last half-byte is the sign.
func decimalText(data []byte) (string, bool) {
	if len(data) < 2 {
		return "", false
	}
	scale, digits, err := msgp.ReadInt64Bytes(data)
	if err != nil || len(digits) == 0 || scale < -100 || scale > 100 {
		return "", false
	}
	var text strings.Builder
	for i, b := range digits {
		text.WriteByte('0' + b>>4)
		if i < len(digits)-1 {
			text.WriteByte('0' + b&0x0f)
		}
	}
	n, ok := new(big.Int).SetString(text.String(), 10)
	if !ok {
		return "", false
	}
	plain := n.String()
	switch {
	case scale < 0:
		plain += strings.Repeat("0", int(-scale))
	case scale > 0:
		if missing := int(scale) + 1 - len(plain); missing > 0 {
			plain = strings.Repeat("0", missing) + plain
		}
		plain = plain[:len(plain)-int(scale)] + "." + plain[len(plain)-int(scale):]
	}
	if sign := digits[len(digits)-1] & 0x0f; sign == 0x0b || sign == 0x0d {
		plain = "-" + plain
	}
	return plain, true
}

// formatDouble is C's %.14g.
func formatDouble(f float64) string {
	switch {
	case math.IsNaN(f) && math.Signbit(f):
		return "-nan"
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	text := strconv.FormatFloat(f, 'e', 13, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	e, _ := strconv.Atoi(exponent)
	if e >= -5+1 && e < 14 {
		text = strconv.FormatFloat(f, 'f', 13-e, 64)
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	return fmt.Sprintf("%se%+03d", mantissa, e)
}

func appendJSON(dst, src []byte) ([]byte, []byte) {
	v, rest := readValue(src)
	switch v.kind {
	case kindDouble:
		return append(dst, strings.TrimPrefix(formatDouble(v.f), nanSign(v.f))...), rest
	case kindString, kindExt:
		return appendJSONString(dst, v.text), rest
	case kindArray:
		dst = append(dst, '[')
		for i := range v.size {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst, rest = appendJSON(dst, rest)
		}
		return append(dst, ']'), rest
	case kindMap:
		dst = append(dst, '{')
		for i := range v.size {
			if i > 0 {
				dst = append(dst, ',')
			}
			key, after := readValue(rest)
			if key.kind == kindArray || key.kind == kindMap {
				key.text = "table"
				after, _ = skip(rest)
			} else if key.kind == kindDouble {
				key.text = formatDouble(key.f)
			}
			dst = append(appendJSONString(dst, key.text), ':')
			dst, rest = appendJSON(dst, after)
		}
		return append(dst, '}'), rest
	}
	return append(dst, v.text...), rest
}

// nanSign is the sign that JSON does not show.
func nanSign(f float64) string {
	if math.IsNaN(f) {
		return "-"
	}
	return ""
}

func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\' || c == '/':
			dst = append(dst, '\\', c)
		case c >= '\b' && c <= '\r' && c != '\v':
			dst = append(dst, '\\', "btn.fr"[c-'\b'])
		case c < 0x20 || c == 0x7f:
			dst = fmt.Appendf(dst, `\u%04x`, c)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

func appendLua(dst, src []byte) ([]byte, []byte) {
	v, rest := readValue(src)
	switch v.kind {
	case kindNil:
		return append(dst, "cdata<void *>: NULL"...), rest
	case kindDouble:
		return append(dst, strings.TrimPrefix(formatDouble(v.f), nanSign(v.f))...), rest
	case kindInteger:
		suffix := "ULL"
		if v.text[0] == '-' {
			suffix = "LL"
		}
		return append(append(dst, v.text...), suffix...), rest
	case kindString:
		dst = append(dst, '\'')
		for i := range len(v.text) {
			dst = fmt.Appendf(dst, `\x%02x`, v.text[i])
		}
		return append(dst, '\''), rest
	case kindArray, kindMap:
		dst = append(dst, '{')
		for i := range v.size {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(dst, '[')
			if v.kind == kindArray {
				dst = strconv.AppendInt(dst, int64(i)+1, 10)
			} else {
				dst, rest = appendLua(dst, rest)
			}
			dst = append(dst, "] = "...)
			dst, rest = appendLua(dst, rest)
		}
		return append(dst, '}'), rest
	}
	return append(dst, v.text...), rest
}
