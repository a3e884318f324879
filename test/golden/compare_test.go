package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSameOutput(t *testing.T) {
	for name, test := range map[string]struct {
		got, want string
		same      bool
	}{
		"equal":                 {"x\n---\n- 1\n...\n", "x\n---\n- 1\n...\n", true},
		"block mapping":         {"---\n- a: 1\n  b: 2\n...\n", "---\n- b: 2\n  a: 1\n...\n", true},
		"flow mapping":          {"---\n- {a: 1, b: [x, y]}\n...\n", "---\n- {b: [x, y], a: 1}\n...\n", true},
		"nested":                {"---\n- a:\n    c: 1\n    d: 2\n  b: 3\n...\n", "---\n- b: 3\n  a:\n    d: 2\n    c: 1\n...\n", true},
		"prefixed":              {" | ---\n | - a: 1\n |   b: 2\n | ...\n", " | ---\n | - b: 2\n |   a: 1\n | ...\n", true},
		"order in an array":     {"---\n- [1, 2]\n...\n", "---\n- [2, 1]\n...\n", false},
		"values swapped":        {"---\n- a: 1\n  b: 2\n...\n", "---\n- a: 2\n  b: 1\n...\n", false},
		"quotes":                {"---\n- a: '1'\n...\n", "---\n- a: 1\n...\n", false},
		"kind of quotes":        {"---\n- a: 'x'\n...\n", "---\n- a: \"x\"\n...\n", false},
		"flow or block":         {"---\n- [a]\n...\n", "---\n- - a\n...\n", false},
		"text around":           {"a\n---\n- 1\n...\n", "b\n---\n- 1\n...\n", false},
		"one answer less":       {"---\n- 1\n...\n", "---\n- 1\n...\n---\n- 1\n...\n", false},
		"comment in YAML":       {"---\n- 1 # a\n...\n", "---\n- 1\n...\n", false},
		"open document":         {"---\n- a: 1\n  b: 2\n", "---\n- b: 2\n  a: 1\n", false},
		"duplicate keys differ": {"---\n- a: 1\n  a: 2\n...\n", "---\n- a: 2\n  a: 1\n...\n", true},
	} {
		if got := sameOutput(test.got, test.want, false); got != test.same {
			t.Errorf("%s: %v", name, got)
		}
		if got := sameOutput(test.got, test.want, true); got != (test.got == test.want) {
			t.Errorf("%s, strict: %v", name, got)
		}
	}
}

func FuzzSameOutput(f *testing.F) {
	f.Add("x\n---\n- a: 1\n  b: 2\n...\n", "x\n---\n- b: 2\n  a: 1\n...\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !sameOutput(a, a, false) {
			t.Error("a text is not the same as itself")
		}
		if sameOutput(a, b, false) != sameOutput(b, a, false) {
			t.Error("the comparison is not symmetric")
		}
		joined := ""
		for _, part := range splitAnswers(a) {
			joined += part.text
		}
		if !strings.Contains(a, " | ") && joined != a {
			t.Errorf("parts %q of %q", joined, a)
		}
	})
}

func TestResultLayout(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]int{
		"":                                       1,
		"x\n":                                    1,
		"-- test-run result file version 1":      1,
		"-- test-run result file version 2\nx\n": 2,
		"-- test-run result file version 9\n":    0,
		"-- test-run result file version x\n":    0,
	} {
		path := filepath.Join(dir, "x.result")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := resultLayout(path); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: layout %d, %v, want %d", text, got, err, want)
		}
	}
	if got, err := resultLayout(filepath.Join(dir, "none")); got != latestLayout || err != nil {
		t.Errorf("no file: layout %d, %v", got, err)
	}
}

func TestTranscript(t *testing.T) {
	out := newTranscript(1)
	for _, f := range [][2]string{{`\d+`, "<n>"}, {`(?P<word>ab)c`, `\g<word>|\1\\`}, {"gone.*", ""}} {
		if err := out.pushFilter(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	out.echo("1 abc\n")
	out.answer("gone line\r\n\r\nstays 22\r\n")
	if got, want := out.String(), "<n> ab|ab\\\n\nstays <n>\n"; got != want {
		t.Errorf("transcript %q, want %q", got, want)
	}
	out = newTranscript(2)
	out.answer("---\n- a\n\n...\n")
	out.answer("")
	if got, want := out.String(), "-- test-run result file version 2\n | ---\n | - a\n | \n | ...\n | \n"; got != want {
		t.Errorf("transcript %q, want %q", got, want)
	}
}
