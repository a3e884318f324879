package vm

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// directive is one conversion of a format string.
type directive struct {
	minus, plus, space, alt, zero bool
	width, prec                   int // prec is -1 when absent
	verb                          byte
}

// parseDirective reads what follows a '%', and returns where it ends.
func parseDirective(L *lua.LState, f string, i int) (d directive, next int) {
	start := i
	d.prec = -1
	invalid := func() {
		end := min(i+1, len(f))
		RaiseString(L, 1, "invalid option '%%%s' to 'format'", f[start:end])
	}
flags:
	for ; i < len(f); i++ {
		switch f[i] {
		case '-':
			d.minus = true
		case '+':
			d.plus = true
		case ' ':
			d.space = true
		case '#':
			d.alt = true
		case '0':
			d.zero = true
		default:
			break flags
		}
	}
	digits := func() int {
		n := 0
		for k := 0; i < len(f) && f[i] >= '0' && f[i] <= '9'; k++ {
			if k == 2 {
				invalid()
			}
			n = n*10 + int(f[i]-'0')
			i++
		}
		return n
	}
	d.width = digits()
	if i < len(f) && f[i] == '.' {
		i++
		d.prec = digits()
	}
	if i >= len(f) {
		invalid()
	}
	d.verb = f[i]
	if strings.IndexByte("diuoxXcpqsaAeEfFgG", d.verb) < 0 {
		invalid()
	}
	return d, i + 1
}

func (vm *VM) stringFormat(L *lua.LState) int {
	f := CheckString(L, 1)
	var out []byte
	arg := 1
	for i := 0; i < len(f); {
		c := strings.IndexByte(f[i:], '%')
		if c < 0 {
			out = append(out, f[i:]...)
			break
		}
		out = append(out, f[i:i+c]...)
		i += c + 1
		if i < len(f) && f[i] == '%' {
			out = append(out, '%')
			i++
			continue
		}
		var d directive
		d, i = parseDirective(L, f, i)
		arg++
		if arg > L.GetTop() {
			ArgError(L, arg, "no value")
		}
		out = vm.formatArg(L, out, d, arg)
	}
	L.Push(lua.LString(out))
	return 1
}

func (vm *VM) formatArg(L *lua.LState, out []byte, d directive, arg int) []byte {
	switch d.verb {
	case 'd', 'i':
		bits, unsigned := formatInteger(L, arg)
		neg := !unsigned && int64(bits) < 0
		if neg {
			bits = -bits
		}
		return d.integer(out, strconv.FormatUint(bits, 10), neg, true)
	case 'u':
		bits, _ := formatInteger(L, arg)
		return d.integer(out, strconv.FormatUint(bits, 10), false, false)
	case 'o':
		bits, _ := formatInteger(L, arg)
		s := strconv.FormatUint(bits, 8)
		if d.alt && s[0] != '0' {
			s = "0" + s
		}
		return d.integer(out, s, false, false)
	case 'x', 'X':
		bits, _ := formatInteger(L, arg)
		s := strconv.FormatUint(bits, 16)
		prefix := ""
		if d.alt && bits != 0 {
			prefix = "0x"
		}
		if d.verb == 'X' {
			s, prefix = strings.ToUpper(s), strings.ToUpper(prefix)
		}
		return d.prefixed(out, prefix, s)
	case 'c':
		return d.pad(out, string([]byte{byte(CheckInt(L, arg))}))
	case 'q':
		v := vm.toString(L, L.Get(arg))
		s, _ := text(v)
		return appendQuoted(out, s)
	case 'p':
		return d.pad(out, fmt.Sprintf("0x%08x", Identity(L.Get(arg))))
	case 's':
		v := vm.toString(L, L.Get(arg))
		s, ok := text(v)
		if !ok {
			s = ""
		}
		if d.prec >= 0 && d.prec < len(s) {
			s = s[:d.prec]
		}
		return d.pad(out, s)
	}
	return d.float(out, CheckNumber(L, arg))
}

func formatInteger(L *lua.LState, arg int) (bits uint64, unsigned bool) {
	f := CheckNumber(L, arg)
	return numberBits(f), f >= 1<<63 && f < 1<<64
}

func (d directive) pad(out []byte, s string) []byte {
	fill := max(d.width-len(s), 0)
	if d.minus {
		return append(append(out, s...), bytes.Repeat([]byte{' '}, fill)...)
	}
	return append(append(out, bytes.Repeat([]byte{' '}, fill)...), s...)
}

func (d directive) sign(neg bool) string {
	switch {
	case neg:
		return "-"
	case d.plus:
		return "+"
	case d.space:
		return " "
	}
	return ""
}

func (d directive) integer(out []byte, digits string, neg, signed bool) []byte {
	sign := ""
	if signed {
		sign = d.sign(neg)
	}
	return d.prefixed(out, sign, digits)
}

func (d directive) prefixed(out []byte, prefix, digits string) []byte {
	if d.prec >= 0 {
		if d.prec == 0 && digits == "0" {
			digits = ""
		}
		digits = strings.Repeat("0", max(d.prec-len(digits), 0)) + digits
	} else if d.zero && !d.minus {
		digits = strings.Repeat("0", max(d.width-len(digits)-len(prefix), 0)) + digits
	}
	return d.pad(out, prefix+digits)
}

func (d directive) float(out []byte, f float64) []byte {
	neg := math.Signbit(f) && !math.IsNaN(f)
	prec := d.prec
	if prec < 0 {
		prec = 6
	}
	abs := math.Abs(f)
	var s string
	switch {
	case math.IsNaN(f):
		s = "nan"
	case math.IsInf(f, 0):
		s = "inf"
	default:
		switch d.verb | 0x20 {
		case 'e':
			s = roundedE(abs, prec)
		case 'f':
			s = roundedF(abs, prec)
		case 'g':
			s = string(appendG(nil, abs, prec, d.alt))
		case 'a':
			s = hexFloat(abs, d.prec)
		}
	}
	if d.verb < 'a' {
		s = strings.ToUpper(s)
	}
	sign := d.sign(neg)
	if d.zero && !d.minus && !math.IsNaN(f) && !math.IsInf(f, 0) {
		s = strings.Repeat("0", max(d.width-len(s)-len(sign), 0)) + s
	}
	return d.pad(out, sign+s)
}

// hexFloat writes %a; Go pads the exponent to two digits, C does not.
func hexFloat(f float64, prec int) string {
	s := strconv.FormatFloat(f, 'x', prec, 64)
	i := strings.IndexByte(s, 'p')
	if i+3 < len(s) && s[i+2] == '0' {
		s = s[:i+2] + s[i+3:]
	}
	return s
}

func appendQuoted(out []byte, s string) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, '\\', '\n')
		case c < 32 || c == 127:
			if i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
				out = append(out, fmt.Sprintf("\\%03d", c)...)
			} else {
				out = append(out, fmt.Sprintf("\\%d", c)...)
			}
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
