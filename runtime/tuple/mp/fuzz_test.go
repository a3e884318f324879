package mp

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func FuzzCheck(f *testing.F) {
	for _, seed := range [][]byte{{0x91, 0x01}, {0x81, 0xa1, 'a', 0xc0}, {0xc7, 3, 1, 2, 0x25, 0x0c}, {0xd8, 2}, {0xdd, 0xff, 0xff, 0xff, 0xff},
		{0xdf, 0xff, 0xff, 0xff, 0xff, 1}, {0xc1}, {0xc6, 0xff, 0xff, 0xff, 0xff}, {0xd5, 1, 0, 0x1c}, {0xc7, 3, 3, 0x81, 0, 0}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := Check(b)
		if err != nil {
			return
		}
		if n > len(b) || Skip(b) != n {
			t.Fatalf("%x: checked %d bytes, skipped %d", b, n, Skip(b))
		}
		walk(b)
	})
}

// walk reads everything in the value, as trusting readers do.
func walk(b []byte) int {
	switch KindOf(b) {
	case Uint, Int:
		Number(b)
	case Float, Double:
		Real(b)
	case Str, Bin:
		Bytes(b)
	case Ext:
		Extension(b)
	case Array, Map:
		count, pos := ArrayHeader(b)
		if KindOf(b) == Map {
			count *= 2
		}
		for range count {
			if len(b) < 1000 {
				pos += walk(b[pos:])
			} else {
				pos += Skip(b[pos:])
			}
		}
		return pos
	}
	return Skip(b)
}

func TestForeignBytesAreRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":                   {},
		"the unused lead":           {0x91, 0xc1},
		"an array that is too long": {0x92, 0x01},
		"a count of billions":       {0xdd, 0xff, 0xff, 0xff, 0xff, 0x01},
		"pairs of billions":         {0xdf, 0xff, 0xff, 0xff, 0xff, 0x01},
		"a string cut short":        {0xd9, 5, 'a'},
		"a short uuid":              AppendExt(nil, ExtUUID, make([]byte, 15)),
		"a decimal of letters":      AppendExt(nil, ExtDecimal, []byte{0, 0xaa}),
		"a decimal without sign":    AppendExt(nil, ExtDecimal, []byte{0, 0x11}),
		"a decimal without digits":  AppendExt(nil, ExtDecimal, []byte{0}),
		"a decimal scaled by text":  AppendExt(nil, ExtDecimal, []byte{0xa1, 'a', 0x1c}),
		"a decimal of 60 digits":    AppendExt(nil, ExtDecimal, append(append([]byte{0}, bytes.Repeat([]byte{0x11}, 30)...), 0x1c)),
		"an error that is no map":   AppendExt(nil, ExtError, []byte{0x01}),
		"something behind":          {0x01, 0x02},
	} {
		if Validate(b) == nil {
			t.Errorf("%s passes", name)
		}
	}
	if err := Validate(bytes.Repeat([]byte{0x91}, 100000)); err == nil {
		t.Error("an array without end passes")
	}
	if err := Validate(append(bytes.Repeat([]byte{0x91}, 100000), 0xc0)); err != nil {
		t.Errorf("a deep array: %v", err)
	}
}

func TestNumbersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		if got, ok := Int64(AppendInt(nil, n)); got != n || !ok {
			t.Fatalf("got %d, %v", got, ok)
		}
		u := rapid.Uint64().Draw(t, "u")
		if got, ok := Uint64(AppendUint(nil, u)); got != u || !ok {
			t.Fatalf("got %d, %v", got, ok)
		}
		x := rapid.Float64().Draw(t, "x")
		if got := Real(AppendDouble(nil, x)); got != x {
			t.Fatalf("got %g", got)
		}
		s := rapid.String().Draw(t, "s")
		if got := StringView(AppendString(nil, s)); got != s {
			t.Fatalf("got %q", got)
		}
	})
}
