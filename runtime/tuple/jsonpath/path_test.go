package jsonpath

import (
	"errors"
	"testing"

	"shardlua/runtime/tuple/mp"
)

func TestPathsAreRead(t *testing.T) {
	for _, c := range []struct {
		text, want string
		position   int
	}{
		{text: "[1].a", want: `[1]["a"]`}, {text: `a["b"][*]`, want: `["a"]["b"][*]`}, {text: ".a", want: `["a"]`}, {text: "", want: ""},
		{text: "[2]['d'].д_1", want: `[2]["d"]["д_1"]`}, {text: "[2]d", position: 4}, {text: "[6", position: 3}, {text: "a..x", position: 3},
		{text: "[0]", position: 2}, {text: "2", position: 1}, {text: `[2]["d"`, position: 8}, {text: "[2].a b", position: 6}, {text: "[2].\xff", position: 5},
		{text: `[2][""]`, position: 6}, {text: "[ 2]", position: 2}, {text: "[2] ", position: 4}, {text: "[-1].a", position: 2}, {text: "a.", position: 3},
		{text: `[2]["a""]`, position: 8}, {text: "[2].d.1", position: 7}, {text: "[", position: 1}, {text: "[2]['x", position: 7},
	} {
		p, err := Parse(c.text, 1)
		var at *Error
		switch {
		case errors.As(err, &at):
			if at.Position != c.position {
				t.Errorf("%q: wrong at %d, want %d", c.text, at.Position, c.position)
			}
		case c.position != 0 || p.String(1) != c.want:
			t.Errorf("%q: read as %s, want %s or wrong at %d", c.text, p.String(1), c.want, c.position)
		}
	}
}

func TestPathsAreWalked(t *testing.T) {
	// {a = {10, 20}, [5] = "x"}
	b := mp.AppendString(mp.AppendMapHeader(nil, 2), "a")
	b = mp.AppendUint(mp.AppendUint(mp.AppendArrayHeader(b, 2), 10), 20)
	b = mp.AppendString(mp.AppendUint(b, 5), "x")
	for text, want := range map[string]byte{"a[1]": 10, "a[2]": 20, "a[3]": 0, "a[*]": 20, "b": 0, "a.b": 0, "[5]": 0xa1, "[6]": 0, "a[1][1]": 0} {
		p, err := Parse(text, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := byte(0)
		if v := p.Walk(b, 1); v != nil {
			got = v[0]
		}
		if got != want {
			t.Errorf("%s leads to %x, want %x", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"[1].a", `a["b"][*]`, "[", "[9999999999999999999]", "a.\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text, 1)
		if err != nil {
			var at *Error
			if !errors.As(err, &at) || at.Position < 1 || at.Position > len(text)+1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, s := range p {
			if s.Kind == ByName && (s.Name == "" || len(s.Name) > len(text)) {
				t.Fatalf("%q: step %q", text, s.Name)
			}
		}
	})
}
