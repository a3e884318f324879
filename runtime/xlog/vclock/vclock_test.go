package vclock

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func of(pairs ...int64) VClock {
	var v VClock
	for i := 0; i < len(pairs); i += 2 {
		v.Set(uint32(pairs[i]), pairs[i+1])
	}
	return v
}

func Example() {
	v, _ := Parse("{1: 10, 2: 5}")
	v.Follow(2, 7)
	fmt.Println(v, v.Signature())
	// Output: {1: 10, 2: 7} 17
}

func TestParse(t *testing.T) {
	for text, want := range map[string]VClock{
		"{}":                        {},
		" { 1 : 10,2:5 } ":          of(1, 10, 2, 5),
		"{0: 3, 1: 211}":            of(0, 3, 1, 211),
		"{31: 9223372036854775807}": of(31, 1<<63-1),
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for text, offset := range map[string]int{
		"":                          1,
		"{a: 1}":                    2,
		"{1 2}":                     4,
		"{1: 2":                     6,
		"{32: 1}":                   2,
		"{1: 1, 1: 2}":              12,
		"{1: 9223372036854775808}":  5,
		"{1: 99999999999999999999}": 5,
		"{1: -1}":                   5,
		"{} x":                      4,
		"{1: 2,}":                   7,
	} {
		_, err := Parse(text)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset != offset {
			t.Errorf("Parse(%q): %v, want offset %d", text, err, offset)
		}
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b       VClock
		order      Order
		replicated Order
	}{
		{of(), of(), Equal, Equal},
		{of(1, 1), of(1, 2), Before, Before},
		{of(1, 3), of(1, 2), After, After},
		{of(1, 1, 2, 2), of(1, 2, 2, 1), Concurrent, Concurrent},
		{of(1, 2, 2, 1), of(1, 1, 2, 2), Concurrent, Concurrent},
		{of(0, 5, 1, 1), of(1, 1), After, Equal},
		{of(0, 5, 1, 1), of(1, 2), Concurrent, Before},
	} {
		if got := c.a.Compare(&c.b); got != c.order {
			t.Errorf("%v to %v: %v, want %v", c.a, c.b, got, c.order)
		}
		if got := c.a.CompareReplicated(&c.b); got != c.replicated {
			t.Errorf("%v to %v replicated: %v, want %v", c.a, c.b, got, c.replicated)
		}
	}
}

func anyVClock(t *rapid.T, label string) VClock {
	components := rapid.MapOf(rapid.Uint32Range(0, Size-1), rapid.Int64Range(1, 1<<63-1)).Draw(t, label)
	var v VClock
	for id, lsn := range components {
		v.Set(id, lsn)
	}
	return v
}

func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyVClock(t, "v")
		if got, err := Parse(v.String()); err != nil || got != v {
			t.Fatalf("text of %v came back as %v, %v", v, got, err)
		}
		got, rest, err := DecodeMsgpack(append(v.AppendMsgpack(nil), 0xc0))
		if err != nil || got != v || len(rest) != 1 {
			t.Fatalf("msgpack of %v came back as %v, %v, rest %x", v, got, err, rest)
		}
	})
}

func TestMergeAndIntersectAreBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyVClock(t, "a"), anyVClock(t, "b")
		upper, lower := a, a
		upper.Merge(&b)
		lower.Intersect(&b)
		for _, v := range []VClock{a, b} {
			if o := v.Compare(&upper); o != Before && o != Equal {
				t.Fatalf("%v is %v the merge %v", v, o, upper)
			}
			if o := v.Compare(&lower); o != After && o != Equal {
				t.Fatalf("%v is %v the intersection %v", v, o, lower)
			}
		}
		if a.Compare(&b) == Before && b.Compare(&a) != After {
			t.Fatalf("%v and %v: the order is not antisymmetric", a, b)
		}
	})
}

func TestFollowAndOutOfRange(t *testing.T) {
	v := of(1, 10)
	if was := v.Follow(1, 12); was != 10 || v.Get(1) != 12 {
		t.Errorf("after Follow: was %d, now %v", was, v)
	}
	if v.Follow(1, 3); v.Get(1) != 12 {
		t.Errorf("Follow went back: %v", v)
	}
	if Valid(Size) || v.Get(Size) != 0 {
		t.Error("an id past the end is valid")
	}
	for _, wire := range [][]byte{nil, {0x81}, {0x81, 1}, {0x81, 32, 1}, {0x81, 0xa0, 1}, {0x81, 1, 0xcf, 255, 255, 255, 255, 255, 255, 255, 255}} {
		if _, _, err := DecodeMsgpack(wire); err == nil {
			t.Errorf("DecodeMsgpack(%x) found no fault", wire)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("{1: 10, 2: 5}")
	f.Add("{")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(v.String()); err != nil || again != v {
			t.Fatalf("%q parsed as %v, which came back as %v, %v", text, v, again, err)
		}
	})
}
