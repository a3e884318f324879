package ctype

import "errors"

// errSize is what an incomplete type is to who needs its size.
var errSize = errors.New("size of C type is unknown or too large")

// member is a declared field that has no place yet; bits is -1 for one that is no bit field.
type member struct {
	name string
	t    *Type
	bits int
}

// lay places the members as the ABI of x86-64 says; pack limits their alignment unless it is 0.
func (r *Record) lay(members []member, pack int) error {
	bit, end := 0, 0 // bit is the cursor, from the start of the record
	r.align = 1
	for i, m := range members {
		size, ok := m.t.Size()
		if !ok {
			if m.t.Kind != Array || i != len(members)-1 {
				return errSize
			}
			r.Variable = m.t.N == Unknown
		}
		align := m.t.Align()
		if pack > 0 {
			align = min(align, pack)
		}
		if r.Union {
			bit = 0
		}
		switch {
		case m.bits < 0:
			offset := roundUp((bit+7)/8, align)
			r.Fields = append(r.Fields, Field{Name: m.name, Type: m.t, Offset: offset})
			r.align = max(r.align, align)
			bit = 8 * (offset + size)
		case m.bits == 0:
			bit = roundUp(bit, 8*size)
		default:
			// A bit field does not cross the border of an integer of its type, unless it is packed.
			unit := 8 * size
			if bit/unit != (bit+m.bits-1)/unit && pack != 1 {
				bit = roundUp(bit, unit)
			}
			start := bit / unit * unit
			if m.name != "" {
				r.Fields = append(r.Fields, Field{Name: m.name, Type: m.t, Offset: start / 8, Bits: m.bits, Shift: bit - start})
				r.align = max(r.align, align)
			}
			bit += m.bits
		}
		end = max(end, (bit+7)/8)
	}
	r.size = roundUp(end, r.align)
	r.Complete = true
	return nil
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
