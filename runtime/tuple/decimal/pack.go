package decimal

import (
	"errors"

	"github.com/cockroachdb/apd/v3"

	"shardlua/runtime/tuple/mp"
)

// ErrPacked says that the contents of an extension are no packed decimal.
var ErrPacked = errors.New("not a packed decimal")

const (
	signPlus  = 0x0c
	signMinus = 0x0d
)

// AppendMsgpack adds x as a MessagePack extension: the scale, then the digits two
// to a byte, the last nibble being the sign.
func (x *Decimal) AppendMsgpack(b []byte) []byte {
	var room [MaxDigits/2 + 10]byte
	data := mp.AppendInt(room[:0], int64(x.Scale()))
	digits := x.d.Coeff.Append(make([]byte, 0, MaxDigits+2), 10)
	high := len(digits)%2 == 1
	if !high {
		data = append(data, 0)
	}
	for _, c := range digits {
		if high {
			data = append(data, (c-'0')<<4)
		} else {
			data[len(data)-1] |= c - '0'
		}
		high = !high
	}
	if x.d.Negative {
		data[len(data)-1] |= signMinus
	} else {
		data[len(data)-1] |= signPlus
	}
	return mp.AppendExt(b, mp.ExtDecimal, data)
}

// FromMsgpack reads the decimal extension that begins b, of checked bytes.
func FromMsgpack(b []byte) (*Decimal, error) {
	typ, data := mp.Extension(b)
	if typ != mp.ExtDecimal {
		return nil, ErrPacked
	}
	return Unpack(data)
}

// Unpack reads the contents of a decimal extension; any bytes may be given.
func Unpack(data []byte) (*Decimal, error) {
	if len(data) < 2 {
		return nil, ErrPacked
	}
	n, err := mp.Check(data)
	if err != nil || n >= len(data) {
		return nil, ErrPacked
	}
	scale, ok := mp.Int64(data)
	if !ok || scale > MaxDigits*2 || scale < -MaxDigits*2 {
		return nil, ErrPacked
	}
	x := new(Decimal)
	if !x.setDigits(data[n:]) {
		return nil, ErrPacked
	}
	x.d.Exponent = int32(-scale)
	return x, nil
}

// setDigits fills the coefficient 18 digits at a time.
func (x *Decimal) setDigits(bcd []byte) bool {
	var chunk, unit uint64 = 0, 1
	count := 0
	flush := func() {
		var u, c apd.BigInt
		u.SetUint64(unit)
		c.SetUint64(chunk)
		x.d.Coeff.Mul(&x.d.Coeff, &u)
		x.d.Coeff.Add(&x.d.Coeff, &c)
		chunk, unit = 0, 1
	}
	for i := 0; i < 2*len(bcd)-1; i++ {
		nibble := bcd[i/2] >> 4
		if i%2 == 1 {
			nibble = bcd[i/2] & 15
		}
		if nibble > 9 {
			return false
		}
		if count > 0 || nibble > 0 {
			count++
		}
		chunk, unit = chunk*10+uint64(nibble), unit*10
		if unit == 1e18 {
			flush()
		}
	}
	flush()
	switch bcd[len(bcd)-1] & 15 {
	case 0x0a, 0x0c, 0x0e, 0x0f:
	case 0x0b, 0x0d:
		x.d.Negative = true
	default:
		return false
	}
	return count <= MaxDigits
}
