package golden

import (
	"reflect"
	"testing"
)

func TestParseCommand(t *testing.T) {
	for text, want := range map[string]command{
		`setopt delimiter ';'`:           {Verb: "setopt", Object: "delimiter", Value: ";"},
		`setopt delimiter ''`:            {Verb: "setopt", Object: "delimiter"},
		`switch 'a'`:                     {Verb: "switch", Names: []string{"a"}},
		`eval a "return \"x\", 'y'"`:     {Verb: "eval", Names: []string{"a"}, Value: `return \"x\", 'y'`},
		`eval a 1 + 1`:                   {Verb: "eval", Names: []string{"a"}, Value: "1 + 1"},
		`start server a`:                 {Verb: "start", Object: "server", Names: []string{"a"}, Options: map[string]string{}},
		`create connection a to b`:       {Verb: "create", Object: "connection", Names: []string{"a"}, Value: "b"},
		`set connection a, b,c`:          {Verb: "set", Object: "connection", Names: []string{"a", "b", "c"}},
		`push filter '"a, b"' to "it's"`: {Verb: "push", Object: "filter", Names: []string{`"a, b"`}, Value: "it's"},
		`clear filter`:                   {Verb: "clear", Object: "filter"},
		`set variable a to 'b.listen'`:   {Verb: "set", Object: "variable", Names: []string{"a"}, Value: "b.listen"},
		`set variables a to b.listen`:    {Verb: "set", Object: "variable", Names: []string{"a"}, Value: "b.listen"},
		`env A="b c"`:                    {Verb: "env", Names: []string{"A"}, Value: "b c"},
		`config`:                         {Verb: "config"},
		"create server\ta  with  script = 'x/y.lua',\n wait=False , args=\"1 2\"": {
			Verb: "create", Object: "server", Names: []string{"a"},
			Options: map[string]string{"script": "x/y.lua", "wait": "False", "args": "1 2"},
		},
	} {
		if got, err := parseCommand(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
	}
}

func FuzzParseCommand(f *testing.F) {
	f.Add(`create server a with script='x', wait=False`)
	f.Add(`push filter 'a' to "b"`)
	f.Add(`eval a "b"`)
	f.Fuzz(func(t *testing.T, text string) {
		cmd, err := parseCommand(text)
		if err == nil && cmd.Verb == "" {
			t.Errorf("%q is a command without a verb", text)
		}
	})
}
