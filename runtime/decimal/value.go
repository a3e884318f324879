package decimal

import (
	"errors"
	"strings"

	"github.com/cockroachdb/apd/v3"
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/tuple/decimal"
	"shardlua/runtime/vm"
)

// Value is a decimal number as scripts see it. It does not change.
type Value struct{ *decimal.Decimal }

// Type implements lua.LValue.
func (v *Value) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (v *Value) CType() vm.CTypeID { return vm.CDecimal }

// NewValue makes a script's value of a decimal.
func NewValue(d *decimal.Decimal) *Value { return &Value{d} }

// errFailed is Tarantool's word for every result that does not fit or does not exist.
var errFailed = errors.New("decimal operation failed")

func context() apd.Context {
	return apd.Context{
		Precision: decimal.MaxDigits, MaxExponent: decimal.MaxDigits - 1, MinExponent: -decimal.MaxDigits,
		Rounding: apd.RoundHalfUp,
	}
}

// number is the value as apd computes with it.
func (v *Value) number() *apd.Decimal {
	d, _, err := apd.NewFromString(v.String())
	if err != nil {
		return &apd.Decimal{Form: apd.NaN}
	}
	return d
}

// result makes a value of what apd has computed.
func result(d *apd.Decimal, cond apd.Condition, err error) (*Value, error) {
	if err != nil || d.Form != apd.Finite || cond.Overflow() || cond.DivisionByZero() || cond.InvalidOperation() {
		return nil, errFailed
	}
	out, err := decimal.Parse(d.Text('f'))
	if err != nil {
		return nil, errFailed
	}
	return &Value{out}, nil
}

// reduced drops the zeros that a division leaves behind the point.
func reduced(d *apd.Decimal) {
	if d.Exponent < 0 {
		text := d.Text('f')
		if strings.Contains(text, ".") {
			text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		}
		if short, _, err := apd.NewFromString(text); err == nil {
			d.Set(short)
		}
	}
}

// binary is an operation on two numbers.
type binary func(ctx *apd.Context, z, x, y *apd.Decimal) (apd.Condition, error)

func (v *Value) apply(do binary, w *Value, reduce bool) (*Value, error) {
	ctx := context()
	z := new(apd.Decimal)
	cond, err := do(&ctx, z, v.number(), w.number())
	if err == nil && reduce && z.Form == apd.Finite {
		reduced(z)
	}
	return result(z, cond, err)
}

// unary is an operation on one number.
type unary func(ctx *apd.Context, z, x *apd.Decimal) (apd.Condition, error)

func (v *Value) applyOne(do unary) (*Value, error) {
	ctx := context()
	z := new(apd.Decimal)
	cond, err := do(&ctx, z, v.number())
	if err == nil && z.Form == apd.Finite {
		reduced(z)
	}
	return result(z, cond, err)
}

// scaled is the number with so many digits after the point, rounded half up. With grow, digits may be added too.
func (v *Value) scaled(scale int, grow bool) (*Value, error) {
	if scale < 0 || scale > decimal.MaxDigits || !grow && scale >= v.Scale() {
		if grow {
			return nil, errFailed
		}
		return v, nil
	}
	ctx := context()
	z := new(apd.Decimal)
	cond, err := ctx.Quantize(z, v.number(), int32(-scale))
	return result(z, cond, err)
}

// precision is how many digits the number has, without the zeros before the first.
func (v *Value) precision() int { return max(v.Digits(), 1) }
