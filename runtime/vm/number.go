package vm

import (
	"math"
	"strconv"
	"strings"
	"unsafe"

	"shardlua/runtime/vm/syntax"

	lua "github.com/yuin/gopher-lua"
)

// Converting a float64 to an interface allocates eight bytes. Small integers
// are shared, the rest is taken from blocks, which keeps at most numberBlock
// numbers alive for one.
const (
	smallNumbers = 1024
	numberBlock  = 32
)

var small = func() *[smallNumbers]lua.LValue {
	var t [smallNumbers]lua.LValue
	for i := range t {
		t[i] = lua.LNumber(i)
	}
	return &t
}()

type interfaceWords struct{ tab, data unsafe.Pointer }

var numberTab = func() unsafe.Pointer {
	var v lua.LValue = lua.LNumber(0.5)
	return (*interfaceWords)(unsafe.Pointer(&v)).tab
}()

// num boxes a number.
func (vm *VM) num(v lua.LNumber) lua.LValue {
	if i := int(v); uint(i) < smallNumbers && math.Float64bits(float64(i)) == math.Float64bits(float64(v)) {
		return small[i]
	}
	if vm.numbersUsed == numberBlock {
		vm.numbers = new([numberBlock]lua.LNumber)
		vm.numbersUsed = 0
	}
	p := &vm.numbers[vm.numbersUsed]
	vm.numbersUsed++
	*p = v
	w := interfaceWords{numberTab, unsafe.Pointer(p)}
	return *(*lua.LValue)(unsafe.Pointer(&w))
}

// arith computes a numeric operation, in the order of syntax.Op.
func arith(op int, a, b float64) float64 {
	switch syntax.Op(op) {
	case syntax.Add:
		return a + b
	case syntax.Sub:
		return a - b
	case syntax.Mul:
		return a * b
	case syntax.Div:
		return a / b
	case syntax.Mod:
		return modulo(a, b)
	case syntax.Pow:
		return power(a, b)
	}
	return math.NaN()
}

func modulo(a, b float64) float64 { return a - math.Floor(a/b)*b }

func power(a, b float64) float64 {
	if b == 2 {
		return a * a
	}
	return math.Pow(a, b)
}

// FormatNumber writes a number as tostring does ("%.14g").
func FormatNumber(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e14 && (v != 0 || !math.Signbit(v)) {
		return strconv.FormatInt(int64(v), 10)
	}
	return string(appendG(nil, v, 14, false))
}

// appendG writes a number as C's "%.<prec>g" does; alternate is the # flag.
func appendG(buf []byte, v float64, prec int, alternate bool) []byte {
	switch {
	case math.IsNaN(v):
		return append(buf, "nan"...)
	case math.IsInf(v, 1):
		return append(buf, "inf"...)
	case math.IsInf(v, -1):
		return append(buf, "-inf"...)
	}
	if prec == 0 {
		prec = 1
	}
	exp := roundedE(v, prec-1)
	e := strings.IndexByte(exp, 'e')
	x, _ := strconv.Atoi(exp[e+1:])
	mantissa := exp[:e]
	if x < -4 || x >= prec {
		if !alternate {
			mantissa = trimFraction(mantissa)
		}
		return append(append(buf, mantissa...), exp[e:]...)
	}
	fixed := fixedFromE(mantissa, x)
	if !alternate {
		fixed = trimFraction(fixed)
	}
	return append(buf, fixed...)
}

// roundedE is %e; LuaJIT rounds what lies exactly between two results away
// from zero.
func roundedE(v float64, digits int) string {
	longer := strconv.FormatFloat(v, 'e', digits+1, 64)
	e := strings.IndexByte(longer, 'e')
	if longer[e-1] == '5' {
		exact := strconv.FormatFloat(v, 'e', 60, 64)
		at := e
		if strings.Trim(exact[at:strings.IndexByte(exact, 'e')], "0") == "" {
			v = math.Nextafter(v, math.Copysign(math.Inf(1), v))
		}
	}
	return strconv.FormatFloat(v, 'e', digits, 64)
}

// roundedF is %f, rounding as roundedE does.
func roundedF(v float64, digits int) string {
	if longer := strconv.FormatFloat(v, 'f', digits+1, 64); longer[len(longer)-1] == '5' {
		exact := strconv.FormatFloat(v, 'f', 60, 64)
		if strings.Trim(exact[strings.IndexByte(exact, '.')+digits+2:], "0") == "" {
			v = math.Nextafter(v, math.Copysign(math.Inf(1), v))
		}
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// fixedFromE moves the point of d.ddd by an exponent.
func fixedFromE(mantissa string, x int) string {
	sign := ""
	if mantissa[0] == '-' {
		sign, mantissa = "-", mantissa[1:]
	}
	digits := strings.Replace(mantissa, ".", "", 1)
	if x < 0 {
		return sign + "0." + strings.Repeat("0", -x-1) + digits
	}
	if x+1 >= len(digits) {
		return sign + digits
	}
	return sign + digits[:x+1] + "." + digits[x+1:]
}

func trimFraction(s string) string {
	if strings.IndexByte(s, '.') < 0 {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// ToNumber converts as LuaJIT coerces: a number, or a string that reads as one.
func ToNumber(v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		return parseNumber(string(v))
	}
	return 0, false
}

// processorNaN gives what is not a number the sign that it has as the result of an operation; YAML shows it.
func processorNaN(f float64) float64 {
	if f != f {
		return math.Copysign(f, -1)
	}
	return f
}

func parseNumber(s string) (float64, bool) {
	f, ok := syntax.ParseFloat(strings.Trim(s, " \t\n\v\f\r"))
	return processorNaN(f), ok
}

// text is the string that a string or number is where a string is due.
func text(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return FormatNumber(float64(v)), true
	}
	return "", false
}
