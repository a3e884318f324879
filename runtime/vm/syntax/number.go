package syntax

import (
	"math"
	"strconv"
	"strings"
)

// ParseNumber reads a numeric literal: a Number, or an Integer when it has an
// LL or ULL suffix. A sign in front is accepted, spaces are not.
func ParseNumber(s string) (Expr, bool) {
	body, unsigned, isInt := cutSuffix(s)
	if !isInt {
		v, ok := ParseFloat(s)
		return Number{v}, ok
	}
	neg := false
	if strings.HasPrefix(body, "-") || strings.HasPrefix(body, "+") {
		neg, body = body[0] == '-', body[1:]
	}
	base := 10
	if len(body) > 2 && body[0] == '0' {
		switch body[1] | 0x20 {
		case 'x':
			base, body = 16, body[2:]
		case 'b':
			base, body = 2, body[2:]
		}
	}
	if body == "" || body[0] == '_' || body[0] == '+' || body[0] == '-' {
		return nil, false
	}
	bits, err := strconv.ParseUint(body, base, 64)
	if err != nil {
		return nil, false
	}
	if neg {
		bits = -bits
	}
	return Integer{bits, unsigned}, true
}

func cutSuffix(s string) (body string, unsigned, ok bool) {
	lower := strings.ToLower(s)
	switch {
	case strings.HasSuffix(lower, "ull"):
		return s[:len(s)-3], true, true
	case strings.HasSuffix(lower, "ll"):
		return s[:len(s)-2], false, true
	}
	return s, false, false
}

// ParseFloat reads a number as LuaJIT's tonumber does, without spaces around:
// decimal, hexadecimal (with fraction and binary exponent), binary, inf, nan.
func ParseFloat(s string) (float64, bool) {
	digits, neg := s, false
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		neg, digits = digits[0] == '-', digits[1:]
	}
	v, ok := parseMagnitude(digits)
	if neg {
		v = -v
	}
	return v, ok
}

func parseMagnitude(s string) (float64, bool) {
	if s == "" {
		return 0, false
	}
	if n := len(s); n < 16 {
		v := uint64(0)
		i := 0
		for ; i < n && s[i] >= '0' && s[i] <= '9'; i++ {
			v = v*10 + uint64(s[i]-'0')
		}
		if i == n {
			return float64(v), true
		}
	}
	if s[0] == '0' && len(s) > 2 {
		switch s[1] | 0x20 {
		case 'x':
			return parseHex(s[2:])
		case 'b':
			v := 0.0
			for _, c := range s[2:] {
				if c != '0' && c != '1' {
					return 0, false
				}
				v = v*2 + float64(c-'0')
			}
			return v, true
		}
	}
	switch strings.ToLower(s) {
	case "inf", "infinity":
		return math.Inf(1), true
	case "nan":
		return math.NaN(), true
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && c != '.' && c != '+' && c != '-' && c|0x20 != 'e' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}

func parseHex(s string) (float64, bool) {
	if strings.ContainsAny(s, "_+-") && !strings.ContainsAny(s, "pP") || strings.Contains(s, "_") || s[0] == '+' || s[0] == '-' {
		return 0, false
	}
	if !strings.ContainsAny(s, "pP") {
		s += "p0"
	}
	v, err := strconv.ParseFloat("0x"+s, 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}
