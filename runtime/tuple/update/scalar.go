package update

import (
	"math"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/decimal"
	"shardlua/runtime/tuple/mp"
)

// compute returns what the operation makes of one value.
func (o *op) compute(value []byte) ([]byte, error) {
	switch o.code {
	case '+', '-':
		return o.arithmetic(value)
	case '&', '|', '^':
		return o.bitwise(value)
	case ':':
		return o.splice(value)
	}
	return o.arg, nil
}

func (o *op) bitwise(value []byte) ([]byte, error) {
	if mp.KindOf(value) != mp.Uint {
		return nil, o.argument("a positive integer")
	}
	x, _ := mp.Number(value)
	y, _ := mp.Number(o.arg)
	switch o.code {
	case '&':
		x &= y
	case '|':
		x |= y
	default:
		x ^= y
	}
	return mp.AppendUint(nil, x), nil
}

func (o *op) splice(value []byte) ([]byte, error) {
	if mp.KindOf(value) != mp.Str {
		return nil, o.argument("a string")
	}
	s := mp.Bytes(value)
	size := int64(len(s))
	offset := int64(o.offset)
	if offset < 0 {
		if -offset > size+1 {
			return nil, o.spliceBound()
		}
		offset += size + 1
	}
	offset = min(offset, size)
	cut := int64(o.cut)
	if cut < 0 {
		cut = max(0, cut+size-offset)
	}
	cut = min(cut, size-offset)
	paste := mp.StringView(o.arg)
	return mp.AppendString(nil, string(s[:offset])+paste+string(s[offset+cut:])), nil
}

// arithmetic adds or subtracts in the narrowest of: integers, floats, doubles,
// decimals that takes both sides, decimals being the widest. A double that a float
// holds exactly is stored as a float, as stock Tarantool does.
func (o *op) arithmetic(value []byte) ([]byte, error) {
	if !tuple.Number.Check(value) {
		return nil, o.argument("a number")
	}
	a, b := mp.KindOf(value), mp.KindOf(o.arg)
	switch {
	case a == mp.Ext || b == mp.Ext:
		return o.decimals(value)
	case a == mp.Double || b == mp.Double:
		x := o.reals(value)
		if float64(float32(x)) == x {
			return mp.AppendFloat(nil, float32(x)), nil
		}
		return mp.AppendDouble(nil, x), nil
	case a == mp.Float || b == mp.Float:
		return mp.AppendFloat(nil, float32(o.reals(value))), nil
	}
	return o.integers(value)
}

func (o *op) reals(value []byte) float64 {
	if o.code == '-' {
		return real(value) - real(o.arg)
	}
	return real(value) + real(o.arg)
}

func real(b []byte) float64 {
	switch mp.KindOf(b) {
	case mp.Uint, mp.Int:
		v, negative := mp.Number(b)
		if negative {
			return float64(int64(v))
		}
		return float64(v)
	}
	return mp.Real(b)
}

func (o *op) integers(value []byte) ([]byte, error) {
	x, xNegative := mp.Number(value)
	y, yNegative := mp.Number(o.arg)
	if o.code == '-' && y != 0 {
		// -y, whose magnitude may be past int64: it is then told by the sign alone.
		y, yNegative = -y, !yNegative
		if yNegative && int64(y) >= 0 {
			return o.subtractLarge(x, xNegative, -y)
		}
	}
	sum := x + y
	switch {
	case xNegative && yNegative:
		if int64(sum) >= 0 {
			return nil, o.overflow()
		}
		return mp.AppendInt(nil, int64(sum)), nil
	case xNegative != yNegative:
		// The magnitudes pull apart: the sum is below zero when the carry is missing.
		if sum < x || sum < y {
			return mp.AppendUint(nil, sum), nil
		}
		return mp.AppendInt(nil, int64(sum)), nil
	}
	if sum < x {
		return nil, o.overflow()
	}
	return mp.AppendUint(nil, sum), nil
}

// subtractLarge takes from x a y that is greater than 2^63.
func (o *op) subtractLarge(x uint64, xNegative bool, y uint64) ([]byte, error) {
	if xNegative {
		return nil, o.overflow()
	}
	if x >= y {
		return mp.AppendUint(nil, x-y), nil
	}
	if y-x > 1<<63 {
		return nil, o.overflow()
	}
	return mp.AppendInt(nil, -int64(y-x-1)-1), nil
}

func (o *op) overflow() error {
	return boxerr.New(boxerr.UpdateIntegerOverflow, o.code, o.label())
}

func (o *op) decimals(value []byte) ([]byte, error) {
	x, ok := decimalOf(value)
	y, ok2 := decimalOf(o.arg)
	if !ok || !ok2 {
		return nil, o.argument("a number convertible to decimal")
	}
	var sum *decimal.Decimal
	var err error
	if o.code == '-' {
		sum, err = x.Sub(y)
	} else {
		sum, err = x.Add(y)
	}
	if err != nil {
		return nil, boxerr.New(boxerr.UpdateDecimalOverflow, o.code, o.label())
	}
	return sum.AppendMsgpack(nil), nil
}

func decimalOf(b []byte) (*decimal.Decimal, bool) {
	var d *decimal.Decimal
	var err error
	switch mp.KindOf(b) {
	case mp.Ext:
		d, err = decimal.FromMsgpack(b)
	case mp.Float, mp.Double:
		if x := mp.Real(b); math.Abs(x) >= 1e38 {
			return nil, false
		}
		d, err = decimal.FromFloat64(mp.Real(b))
	default:
		v, negative := mp.Number(b)
		if negative {
			return decimal.FromInt64(int64(v)), true
		}
		return decimal.FromUint64(v), true
	}
	return d, err == nil
}
