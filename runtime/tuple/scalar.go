package tuple

import (
	"bytes"
	"cmp"
	"math"

	"shardlua/runtime/tuple/collation"
	"shardlua/runtime/tuple/decimal"
	"shardlua/runtime/tuple/mp"
)

// CompareValues orders two checked values as fields of type scalar: nil, then
// booleans, numbers, strings, binaries, uuids.
func CompareValues(a, b []byte, c *collation.Collation) int { return compareScalars(a, b, c) }

func rank(b []byte) int {
	switch mp.KindOf(b) {
	case mp.Nil:
		return 0
	case mp.Bool:
		return 1
	case mp.Uint, mp.Int, mp.Float, mp.Double:
		return 2
	case mp.Str:
		return 3
	case mp.Bin:
		return 4
	case mp.Ext:
		switch mp.ExtType(b) {
		case mp.ExtDecimal:
			return 2
		case mp.ExtUUID:
			return 5
		}
	}
	return 6
}

func compareScalars(a, b []byte, c *collation.Collation) int {
	class := rank(a)
	if r := class - rank(b); r != 0 {
		return r
	}
	switch class {
	case 0:
		return 0
	case 1:
		return int(a[0]) - int(b[0])
	case 2:
		return compareNumbers(a, b)
	case 3:
		return c.Compare(mp.StringView(a), mp.StringView(b))
	case 4:
		return bytes.Compare(mp.Bytes(a), mp.Bytes(b))
	case 5:
		_, x := mp.Extension(a)
		_, y := mp.Extension(b)
		return bytes.Compare(x, y)
	}
	return bytes.Compare(a[:mp.Skip(a)], b[:mp.Skip(b)])
}

// compareNumbers orders two numbers of whatever encoding by their exact values.
// NaN comes before every other number.
func compareNumbers(a, b []byte) int {
	ka, kb := mp.KindOf(a), mp.KindOf(b)
	switch {
	case ka <= mp.Int && kb <= mp.Int:
		return compareIntegers(a, b)
	case ka == mp.Ext || kb == mp.Ext:
		return compareDecimals(a, b)
	case ka <= mp.Int:
		return -compareReal(mp.Real(b), a)
	case kb <= mp.Int:
		return compareReal(mp.Real(a), b)
	}
	return cmp.Compare(mp.Real(a), mp.Real(b))
}

func compareIntegers(a, b []byte) int {
	x, xNegative := mp.Number(a)
	y, yNegative := mp.Number(b)
	switch {
	case xNegative && yNegative:
		return cmp.Compare(int64(x), int64(y))
	case xNegative:
		return -1
	case yNegative:
		return 1
	}
	return cmp.Compare(x, y)
}

// compareReal orders a double and the integer that begins b. A double of this
// size or more has no fraction, so cutting it to an integer loses nothing that
// the comparison of the fractions does not see.
func compareReal(x float64, b []byte) int {
	y, negative := mp.Number(b)
	if math.IsNaN(x) {
		return -1
	}
	if negative {
		if x >= 0 {
			return 1
		}
		if x < math.MinInt64 {
			return -1
		}
		whole := math.Ceil(x)
		if r := cmp.Compare(int64(whole), int64(y)); r != 0 {
			return r
		}
		return cmp.Compare(x, whole)
	}
	if x < 0 {
		return -1
	}
	if x >= 1<<64 {
		return 1
	}
	whole := math.Floor(x)
	if r := cmp.Compare(uint64(whole), y); r != 0 {
		return r
	}
	return cmp.Compare(x, whole)
}

// compareDecimals orders two numbers of which one at least is a decimal. A double
// beside a decimal counts for its first 15 digits, so that 0.1 equals decimal 0.1;
// one beyond all decimals is ordered by its sign.
func compareDecimals(a, b []byte) int {
	x, beyond := asDecimal(a)
	if beyond != 0 {
		return beyond
	}
	y, beyond := asDecimal(b)
	if beyond != 0 {
		return -beyond
	}
	return x.Cmp(y)
}

// asDecimal returns a number as a decimal, or else the side that it is beyond all
// decimals on. NaN is before them.
func asDecimal(b []byte) (d *decimal.Decimal, beyond int) {
	switch mp.KindOf(b) {
	case mp.Ext:
		if d, err := decimal.FromMsgpack(b); err == nil {
			return d, 0
		}
		return decimal.FromInt64(0), 0
	case mp.Float, mp.Double:
		x := mp.Real(b)
		if d, err := decimal.FromFloat64(x); err == nil {
			return d, 0
		}
		if x > 0 {
			return nil, 1
		}
		return nil, -1
	}
	v, negative := mp.Number(b)
	if negative {
		return decimal.FromInt64(int64(v)), 0
	}
	return decimal.FromUint64(v), 0
}
