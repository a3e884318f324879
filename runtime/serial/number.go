package serial

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// maxPrecision is the greatest precision, and what stands in for one out of range.
const maxPrecision = 14

// FormatNumber writes a number as C's %.{precision}g does.
func FormatNumber(n float64, precision int) string {
	switch {
	case math.IsNaN(n) && math.Signbit(n): // what 0/0 makes on amd64
		return "-nan"
	case math.IsNaN(n):
		return "nan"
	case math.IsInf(n, 1):
		return "inf"
	case math.IsInf(n, -1):
		return "-inf"
	}
	if precision < 1 || precision > maxPrecision {
		precision = maxPrecision
	}
	s := strconv.FormatFloat(n, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(s, "e")
	x, _ := strconv.Atoi(exponent)
	if x < -4 || x >= precision {
		return trimZeros(mantissa) + "e" + exponent
	}
	return trimZeros(strconv.FormatFloat(n, 'f', precision-1-x, 64))
}

func trimZeros(s string) string {
	if !strings.ContainsRune(s, '.') {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// numeral is what Lua's tonumber takes for a number.
var numeral = regexp.MustCompile(`(?i)^[ \t\n\v\f\r]*[-+]?(inf|infinity|nan|0b[01]+|` +
	`0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(p[-+]?[0-9]+)?|([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?)[ \t\n\v\f\r]*$`)

// mayBeginNumeral spares most strings the expression.
var mayBeginNumeral = func() (set [256]bool) {
	for _, c := range []byte(" \t\n\v\f\r+-.0123456789iInN") {
		set[c] = true
	}
	return set
}()

// IsNumeral tells whether Lua's tonumber makes a number of a string.
func IsNumeral(s string) bool {
	if s == "" || !mayBeginNumeral[s[0]] {
		return false
	}
	return numeral.MatchString(s)
}
