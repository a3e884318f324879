package csv

import (
	"reflect"
	"testing"
)

func parseAll(text string, chunk int) ([][]string, error) {
	p := parser{delimiter: ',', quote: '"'}
	var all [][]string
	emit := func(fields []string) { all = append(all, fields) }
	for len(text) > 0 {
		n := min(chunk, len(text))
		p.feed(text[:n], emit)
		text = text[n:]
	}
	return all, p.finish(emit)
}

// How a text is cut into pieces must not change what is read.
func FuzzParser(f *testing.F) {
	f.Add("a,\"b \"\"x\"\" \n\",c\r\n\n d ,", uint8(1))
	f.Add("\"a", uint8(2))
	f.Fuzz(func(t *testing.T, text string, chunk uint8) {
		whole, err1 := parseAll(text, len(text)+1)
		pieces, err2 := parseAll(text, int(chunk)+1)
		if !reflect.DeepEqual(whole, pieces) || (err1 == nil) != (err2 == nil) {
			t.Fatalf("%q reads as %q at once and as %q in pieces", text, whole, pieces)
		}
	})
}
