package golden

import (
	"reflect"
	"strings"
	"testing"
)

// readAll feeds a whole script under one delimiter.
func readAll(text string, layout int, delimiter string) (steps []step, rest string) {
	r := newScriptReader(text, layout)
	for {
		s, more := r.next(delimiter)
		if !more {
			return steps, r.unfinished()
		}
		steps = append(steps, s)
	}
}

func TestScriptReader(t *testing.T) {
	for name, test := range map[string]struct {
		text, delimiter string
		layout          int
		want            []step
		rest            string
	}{
		"a line is a statement":       {"a\nb", "", 1, []step{{"a\n", "a\n"}, {"b\n", "b\n"}}, ""},
		"empty lines vanish":          {"a\n\n  \nb\n", "", 1, []step{{"a\n", "a\n"}, {"b\n", "b\n"}}, ""},
		"empty lines stay":            {"a\n\nb\n", "", 2, []step{{"a\n", "a\n"}, {"\n", ""}, {"b\n", "b\n"}}, ""},
		"comments are echoed":         {"-- c\na\n", "", 1, []step{{"-- c\n", ""}, {"a\n", "a\n"}}, ""},
		"an indented comment is sent": {" -- c\n", "", 1, []step{{" -- c\n", " -- c\n"}}, ""},
		"tags are not echoed":         {"-- tags: x\na\n", "", 2, []step{{"a\n", "a\n"}}, ""},
		"backslash":                   {"f(1, \\\n2)\n", "", 1, []step{{"f(1, \\\n2)\n", "f(1,  2)\n"}}, ""},
		"backslash at the end":        {"f \\\n", "", 1, nil, "f \\\n"},
		"delimiter":                   {"f(\n1);\ng();\n", ";", 1, []step{{"f(\n1);\n", "f( 1)\n"}, {"g();\n", "g()\n"}}, ""},
		"backslash under a delimiter": {"a \\\nb;\n", ";", 1, []step{{"a \\\nb;\n", "a \\ b\n"}}, ""},
		"empty line in a statement":   {"a\n\nb;\n", ";", 1, []step{{"a\n\nb;\n", "a b\n"}}, ""},
		"comment in a statement, v1":  {"a\n-- c\nb;\n", ";", 1, []step{{"-- c\n", ""}, {"a\nb;\n", "a b\n"}}, ""},
		"comment in a statement, v2":  {"a\n-- c\nb;\n", ";", 2, []step{{"a\n-- c\n", ""}, {"b;\n", "a b\n"}}, ""},
		"no delimiter":                {"a\nb\n", "//", 1, nil, "a\nb\n"},
		"nothing":                     {"", "", 2, nil, ""},
	} {
		got, rest := readAll(test.text, test.layout, test.delimiter)
		if !reflect.DeepEqual(got, test.want) || rest != test.rest {
			t.Errorf("%s: %q rest %q, want %q rest %q", name, got, rest, test.want, test.rest)
		}
	}
}

func FuzzScriptReader(f *testing.F) {
	f.Add("a\n-- c\n\nb \\\nc;\n", ";")
	f.Fuzz(func(t *testing.T, text, delimiter string) {
		if strings.ContainsAny(delimiter, "\n") || strings.Contains(text, "-- tags:") {
			return
		}
		steps, rest := readAll(text, 2, delimiter)
		var echoed strings.Builder
		for _, s := range steps {
			if strings.Count(s.Statement, "\n") > 1 {
				t.Fatalf("a statement of several lines: %q", s.Statement)
			}
			echoed.WriteString(s.Echo)
		}
		want := text
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		if got := echoed.String() + rest; got != want {
			t.Fatalf("echo %q, want %q", got, want)
		}
	})
}
