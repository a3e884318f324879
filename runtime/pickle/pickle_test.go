package pickle_test

import (
	"testing"

	"shardlua/runtime/pickle"
)

func FuzzUnpack(f *testing.F) {
	f.Add("bsilqnNfda", []byte("\x01\x02\x00\x03"))
	f.Add("", []byte("x"))
	f.Fuzz(func(t *testing.T, format string, data []byte) {
		values, err := pickle.Unpack(format, data)
		if err == nil && len(values) != len(format) {
			t.Fatalf("%q gave %d values", format, len(values))
		}
	})
}

func TestUnpackRefuses(t *testing.T) {
	for _, c := range []struct{ format, data, want string }{
		{"bb", "\x01", "pickle.unpack('b'): got 1 bytes (expected: 2+)"},
		{"b", "\x01\x02", "pickle.unpack('b'): too many bytes: unpacked 1, total 2"},
		{"", "x", "pickle.unpack(''): too many bytes: unpacked 0, total 1"},
		{"w", "x", "pickle.unpack: unsupported format specifier 'w'"},
	} {
		if _, err := pickle.Unpack(c.format, []byte(c.data)); err == nil || err.Error() != c.want {
			t.Errorf("%q of %q: %v, want %s", c.format, c.data, err, c.want)
		}
	}
}
