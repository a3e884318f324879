package decimal

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// MaxDigits is the most significant digits that a decimal has.
const MaxDigits = 38

// Decimal is an immutable decimal number. The zero value is 0.
type Decimal struct{ d apd.Decimal }

// ErrOverflow says that a result has more digits before the point than fit.
var ErrOverflow = errors.New("decimal overflow")

// ErrSyntax says that a text is no decimal number.
var ErrSyntax = errors.New("not a decimal number")

// maxScale is the most digits that a decimal has after the point.
const maxScale = 38

// exactly is wide enough for sums and products of two decimals to be exact, so
// that settle rounds once. It is a value: apd writes nothing into a context.
func exactly() apd.Context {
	return apd.Context{
		Precision:   2*MaxDigits + 2*maxScale,
		MaxExponent: apd.MaxExponent,
		MinExponent: apd.MinExponent,
		Rounding:    apd.RoundHalfUp,
	}
}

// Parse reads a decimal from a text such as "-12.50" or "1e-3". Digits past the
// 38th, or past the 38th after the point, are rounded away.
func Parse(s string) (*Decimal, error) {
	if s == "" || strings.ContainsAny(s, "_ \t\n") {
		return nil, ErrSyntax
	}
	d, _, err := apd.NewFromString(s)
	if err != nil || d.Form != apd.Finite {
		return nil, ErrSyntax
	}
	return settle(d)
}

// FromInt64 makes a decimal of an integer.
func FromInt64(v int64) *Decimal {
	var x Decimal
	x.d.SetInt64(v)
	return &x
}

// FromUint64 makes a decimal of an unsigned integer.
func FromUint64(v uint64) *Decimal {
	var x Decimal
	x.d.Coeff.SetUint64(v)
	return &x
}

// FromFloat64 makes a decimal of the 15 digits that a double holds for sure, as
// Tarantool does. It fails for infinities, NaN, and numbers too large.
func FromFloat64(v float64) (*Decimal, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, ErrSyntax
	}
	return Parse(strconv.FormatFloat(v, 'g', 15, 64))
}

// settle rounds d into the limits, half up, and takes it over.
func settle(d *apd.Decimal) (*Decimal, error) {
	if d.Form != apd.Finite {
		return nil, ErrOverflow
	}
	for {
		drop := max(int32(d.NumDigits())-MaxDigits, -d.Exponent-maxScale)
		if drop <= 0 {
			break
		}
		ctx := exactly()
		if _, err := ctx.Quantize(d, d, d.Exponent+drop); err != nil {
			return nil, ErrOverflow
		}
	}
	if d.Coeff.Sign() != 0 && d.NumDigits()+int64(d.Exponent) > MaxDigits || d.Exponent >= MaxDigits {
		return nil, ErrOverflow
	}
	return &Decimal{d: *d}, nil
}

// Scale is the number of digits after the point; below zero when the number is a
// multiple of a power of ten.
func (x *Decimal) Scale() int { return -int(x.d.Exponent) }

// Digits is the number of digits that the coefficient has.
func (x *Decimal) Digits() int { return int(x.d.NumDigits()) }

// Sign is -1, 0 or 1.
func (x *Decimal) Sign() int { return x.d.Sign() }

// Cmp compares two decimals by value: 1.0 equals 1.00.
func (x *Decimal) Cmp(y *Decimal) int { return x.d.Cmp(&y.d) }

// Float64 is the nearest double.
func (x *Decimal) Float64() float64 {
	f, _ := x.d.Float64()
	return f
}

// IsInteger reports whether there is nothing after the point.
func (x *Decimal) IsInteger() bool {
	var whole, frac apd.Decimal
	x.d.Modf(&whole, &frac)
	return frac.IsZero()
}

// Int64 returns the value when it is an integer in range.
func (x *Decimal) Int64() (int64, bool) {
	if !x.IsInteger() {
		return 0, false
	}
	v, err := x.d.Int64()
	return v, err == nil
}

// Uint64 returns the value when it is an integer in range.
func (x *Decimal) Uint64() (uint64, bool) {
	if !x.IsInteger() || x.d.Sign() < 0 {
		return 0, false
	}
	v, err := strconv.ParseUint(x.d.Text('f')[:x.wholeDigits()], 10, 64)
	return v, err == nil
}

func (x *Decimal) wholeDigits() int {
	s := x.d.Text('f')
	if i := strings.IndexByte(s, '.'); i >= 0 {
		return i
	}
	return len(s)
}

// String prints the number plainly, without an exponent, however large it is.
func (x *Decimal) String() string {
	digits := x.d.Coeff.String()
	scale := x.Scale()
	var b strings.Builder
	if x.d.Negative {
		b.WriteByte('-')
	}
	switch {
	case scale <= 0:
		b.WriteString(digits)
		b.WriteString(strings.Repeat("0", -scale))
	case scale < len(digits):
		b.WriteString(digits[:len(digits)-scale] + "." + digits[len(digits)-scale:])
	default:
		b.WriteString("0." + strings.Repeat("0", scale-len(digits)) + digits)
	}
	return b.String()
}

type operation func(c *apd.Context, d, x, y *apd.Decimal) (apd.Condition, error)

func calculate(x, y *Decimal, do operation) (*Decimal, error) {
	ctx := exactly()
	var d apd.Decimal
	if _, err := do(&ctx, &d, &x.d, &y.d); err != nil {
		return nil, ErrOverflow
	}
	return settle(&d)
}

// Add returns x + y.
func (x *Decimal) Add(y *Decimal) (*Decimal, error) {
	return calculate(x, y, (*apd.Context).Add)
}

// Sub returns x - y.
func (x *Decimal) Sub(y *Decimal) (*Decimal, error) {
	return calculate(x, y, (*apd.Context).Sub)
}

// Mul returns x * y.
func (x *Decimal) Mul(y *Decimal) (*Decimal, error) {
	return calculate(x, y, (*apd.Context).Mul)
}

// Neg returns -x.
func (x *Decimal) Neg() *Decimal {
	z := &Decimal{}
	z.d.Set(&x.d)
	z.d.Negative = !x.d.Negative && x.d.Coeff.Sign() != 0
	return z
}
