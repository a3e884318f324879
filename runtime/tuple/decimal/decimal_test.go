package decimal

import (
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"

	"shardlua/runtime/tuple/mp"
)

func TestParsePrintAndPack(t *testing.T) {
	for _, c := range []struct{ text, print, packed string }{
		{"1e10", "10000000000", "d501f61c"},
		{"1e37", "10000000000000000000000000000000000000", "c70301d0db1c"},
		{"1e38", "", ""},
		{"1e-38", "0.00000000000000000000000000000000000001", "d501261c"},
		{"1e-39", "0.00000000000000000000000000000000000000", "d501260c"},
		{"5e-39", "0.00000000000000000000000000000000000001", "d501261c"},
		{"123e5", "12300000", "c70301fb123c"},
		{"-0", "-0", "d501000d"},
		{"0.00", "0.00", "d501020c"},
		{"12345678901234567890123456789012345678", "12345678901234567890123456789012345678", "c7150100012345678901234567890123456789012345678c"},
		{"123456789012345678901234567890123456789", "", ""},
		{"1.23456789012345678901234567890123456789e10", "12345678901.234567890123456789012345679", "c715011b012345678901234567890123456789012345679c"},
		{"0.123456789012345678901234567890123456789", "0.12345678901234567890123456789012345679", "c7150126012345678901234567890123456789012345679c"},
		{"+5", "5", "d501005c"},
		{".5", "0.5", "d501015c"},
		{"5.", "5", "d501005c"},
		{"1.0e3", "1000", "c70301fe010c"},
		{"0e10", "00000000000", "d501f60c"},
		{"inf", "", ""}, {"nan", "", ""}, {" 1", "", ""}, {"1 ", "", ""}, {"0x10", "", ""}, {"1e5.0", "", ""}, {"", "", ""}, {"-", "", ""}, {"1_0", "", ""},
	} {
		d, err := Parse(c.text)
		if c.print == "" {
			if err == nil {
				t.Errorf("%q is read as %s", c.text, d)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		packed := d.AppendMsgpack(nil)
		if d.String() != c.print || hex.EncodeToString(packed) != c.packed {
			t.Errorf("%q: got %s %x, want %s %s", c.text, d, packed, c.print, c.packed)
		}
	}
}

func TestArithmeticRoundsAndOverflows(t *testing.T) {
	nines := "99999999999999999999999999999999999999"
	for _, c := range []struct {
		x, y string
		do   func(x, y *Decimal) (*Decimal, error)
		want string
	}{
		{"1e37", "1e-10", (*Decimal).Add, "10000000000000000000000000000000000000"},
		{nines, "1", (*Decimal).Add, ""},
		{"9e37", "9e37", (*Decimal).Add, ""},
		{"1.50", "1.50", (*Decimal).Sub, "0.00"},
		{"1e37", "10", (*Decimal).Mul, ""},
		{"1.1", "1.1", (*Decimal).Mul, "1.21"},
	} {
		x, _ := Parse(c.x)
		y, _ := Parse(c.y)
		got, err := c.do(x, y)
		switch {
		case err != nil && c.want != "":
			t.Errorf("%s, %s: %v", c.x, c.y, err)
		case err == nil && got.String() != c.want:
			t.Errorf("%s, %s: got %s, want %q", c.x, c.y, got, c.want)
		}
	}
}

func TestPackingKeepsTheNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,20}(\.[0-9]{1,18})?`).Draw(t, "text")
		d, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		packed := d.AppendMsgpack(nil)
		if err := mp.Validate(packed); err != nil {
			t.Fatal(err)
		}
		back, err := FromMsgpack(packed)
		if err != nil || back.String() != d.String() || back.Cmp(d) != 0 {
			t.Fatalf("%s came back as %v, %v", d, back, err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte{0x02, 0x15, 0x0c})
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Unpack(data)
		if err != nil {
			return
		}
		back, err := FromMsgpack(d.AppendMsgpack(nil))
		if err != nil || back.Cmp(d) != 0 {
			t.Fatalf("%x is %s, and comes back as %v, %v", data, d, back, err)
		}
	})
}
