package mp

import (
	"errors"
	"fmt"
)

// ErrTruncated says that the bytes end inside a value.
var ErrTruncated = errors.New("msgpack ends inside a value")

// Check finds where the first value of foreign bytes ends. It looks at every
// byte that later readers will trust: lengths, counts, unused lead bytes and the
// contents of Tarantool's extensions. It keeps no stack, so depth costs nothing.
func Check(b []byte) (n int, err error) {
	pos := 0
	for left := uint64(1); left > 0; left-- {
		if pos >= len(b) {
			return pos, ErrTruncated
		}
		l := leads[b[pos]]
		if l.kind == Invalid {
			return pos, fmt.Errorf("msgpack byte %d is 0x%02x, which begins no value", pos, b[pos])
		}
		start := pos
		pos++
		if len(b)-pos < int(l.width) {
			return start, ErrTruncated
		}
		size := uint64(l.fixed) + uintN(b[pos:], l.width)
		pos += int(l.width)
		switch l.body {
		case scalar:
			continue
		case items:
			left += size
		case pairs:
			left += 2 * size
		case extBody:
			size++
			fallthrough
		case bytesBody:
			if uint64(len(b)-pos) < size {
				return start, ErrTruncated
			}
			pos += int(size)
			if l.body == extBody {
				if err := checkExt(int8(b[pos-int(size)]), b[pos-int(size)+1:pos]); err != nil {
					return start, err
				}
			}
		}
		// Every value takes a byte at least, so a count beyond what is left of
		// the input is a lie; saying so at once bounds the work.
		if left-1 > uint64(len(b)-pos) {
			return start, ErrTruncated
		}
	}
	return pos, nil
}

// Validate checks that foreign bytes are one value and nothing after it.
func Validate(b []byte) error {
	n, err := Check(b)
	if err != nil {
		return err
	}
	if n != len(b) {
		return fmt.Errorf("msgpack has %d bytes after the value", len(b)-n)
	}
	return nil
}

// checkExt refuses contents that a reader of the extension could trip over.
func checkExt(typ int8, data []byte) error {
	switch typ {
	case ExtDecimal:
		return checkDecimal(data)
	case ExtUUID:
		if len(data) != 16 {
			return fmt.Errorf("uuid of %d bytes, must be 16", len(data))
		}
	case ExtError:
		n, err := Check(data)
		if err != nil {
			return fmt.Errorf("error extension: %w", err)
		}
		if n != len(data) || KindOf(data) != Map {
			return errors.New("error extension is not a map")
		}
	}
	return nil
}

// checkDecimal holds a packed decimal to: a scale, then up to 38 digits in
// nibbles, then a sign nibble of 0xa to 0xf.
func checkDecimal(data []byte) error {
	if len(data) < 2 {
		return errors.New("decimal is too short")
	}
	n, err := Check(data[:min(len(data), 9)])
	if err != nil {
		return errors.New("decimal has no scale")
	}
	if k := KindOf(data); k != Uint && k != Int {
		return errors.New("decimal scale is not an integer")
	}
	if scale, ok := Int64(data); !ok || scale < -1<<20 || scale > 1<<20 {
		return errors.New("decimal scale is out of range")
	}
	digits := data[n:]
	if len(digits) == 0 || len(digits) > 20 {
		return errors.New("decimal has no digits or too many")
	}
	for i, c := range digits {
		if c>>4 > 9 {
			return errors.New("decimal digit is out of range")
		}
		if last := i == len(digits)-1; last != (c&15 > 9) {
			return errors.New("decimal sign is misplaced")
		}
	}
	return nil
}
