// Package argparse is the Lua module `internal.argparse`: the command lines of scripts.
//
// The one idea: --name value, --name=value, -abc and plain words become one table. A list of options, where there is
// one, says which names are known and how their values are read.
package argparse

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `internal.argparse`: parse(args[, options]) reads a list of words. An option is a name, or
// {name, type} with the types string, number, boolean, and the same with a plus for one that may be given repeatedly.
var Module = module.Module{Name: "internal.argparse", Open: func(_ module.Host, L *lua.LState) lua.LValue {
	exports := L.NewTable()
	exports.RawSetString("parse", L.NewFunction(parse))
	return exports
}}

// Positions are the ones that the messages of Tarantool's module have.
const (
	atOption = 5
	atValue  = 45
	atFormat = 64
	atKinds  = 101
	atWords  = 110
	atShort  = 120
	atPair   = 130
	atLong   = 140
	atKnown  = 173
)

func fail(L *lua.LState, line int, format string, args ...any) {
	vm.RaiseString(L, 0, "builtin/internal.argparse.lua:%d: %s", line, fmt.Sprintf(format, args...))
}

// option is one that was given, with the values that followed it; a nil value is none.
type option struct {
	name   string
	values []*string
}

type parser struct {
	L       *lua.LState
	words   []lua.LValue
	options []option // in the order in which they were met
	rest    *lua.LTable
}

func parse(L *lua.LState) int {
	kinds, declared := kindsOf(L, L.Get(2))
	p := &parser{L: L, rest: L.NewTable()}
	switch words := L.Get(1).(type) {
	case *lua.LTable:
		for i := 1; ; i++ {
			word := vm.RawGet(words, lua.LNumber(i))
			if vm.IsNil(word) {
				break
			}
			p.words = append(p.words, word)
		}
	case *lua.LNilType:
	default:
		fail(L, atWords, "bad argument #1 to 'ipairs' (table expected, got %s)", vm.TypeName(words))
	}
	p.read(kinds)
	for _, o := range p.options {
		p.rest.RawSetString(o.name, p.convert(o, kinds[o.name]))
	}
	if declared {
		p.checkKnown(kinds)
	}
	L.Push(p.rest)
	return 1
}

// kindsOf reads the list of options: the type of each name, "" for one without.
func kindsOf(L *lua.LState, list lua.LValue) (kinds map[string]string, declared bool) {
	switch list := list.(type) {
	case *lua.LNilType:
		return nil, false
	case *lua.LTable:
		kinds = map[string]string{}
		for i := 1; i <= vm.Length(list); i++ {
			name, kind := vm.RawGet(list, lua.LNumber(i)), ""
			if pair, ok := name.(*lua.LTable); ok {
				name = vm.RawGet(pair, lua.LNumber(1))
				if k, ok := vm.Text(vm.RawGet(pair, lua.LNumber(2))); ok {
					kind = k
				}
			}
			if kind == "" {
				kind = "any"
			}
			kinds[name.String()] = kind
		}
		return kinds, true
	}
	fail(L, atKinds, "bad argument #1 to 'ipairs' (table expected, got %s)", vm.TypeName(list))
	return nil, false
}

func (p *parser) read(kinds map[string]string) {
	for i := 0; i < len(p.words); i++ {
		s, ok := p.words[i].(lua.LString)
		if !ok {
			fail(p.L, atOption, "attempt to index local 'param' (a %s value)", vm.TypeName(p.words[i]))
		}
		word := string(s)
		switch {
		case strings.HasPrefix(word, "--") && strings.Contains(word, "="):
			name, value, _ := strings.Cut(word[2:], "=")
			p.checkName(name, i, atPair)
			p.add(name, &value)
		case strings.HasPrefix(word, "--"):
			p.checkName(word[2:], i, atLong)
			p.add(word[2:], p.follower(&i, kinds[word[2:]]))
		case strings.HasPrefix(word, "-") && len(word) > 1:
			letters := word[1:]
			p.checkName(letters, i, atShort)
			for n := range letters {
				p.add(letters[n:n+1], nil)
			}
		default:
			p.rest.Append(s)
		}
	}
}

// follower takes the next word as the value of an option, unless that wants none.
func (p *parser) follower(i *int, kind string) *string {
	if strings.HasPrefix(kind, "boolean") || *i+1 >= len(p.words) {
		return nil
	}
	next, ok := p.words[*i+1].(lua.LString)
	if !ok {
		fail(p.L, atOption, "attempt to index local 'param' (a %s value)", vm.TypeName(p.words[*i+1]))
	}
	if strings.HasPrefix(string(next), "-") {
		return nil
	}
	*i++
	value := string(next)
	return &value
}

// checkName refuses names that a script could not have meant: a long one has two characters at least, and each of the
// short ones is a letter.
func (p *parser) checkName(name string, i, line int) {
	letter := func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
	ok := name != "" && letter(name[0]) && (line == atShort || len(name) > 1)
	for n := range len(name) {
		c := name[n]
		ok = ok && (letter(c) || line != atShort && (c >= '0' && c <= '9' || c == '_' || c == '-'))
	}
	if !ok {
		fail(p.L, line, "bad argument #%d: ID not valid", i+1)
	}
}

func (p *parser) add(name string, value *string) {
	i := slices.IndexFunc(p.options, func(o option) bool { return o.name == name })
	if i < 0 {
		i = len(p.options)
		p.options = append(p.options, option{name: name})
	}
	p.options[i].values = append(p.options[i].values, value)
}

func (p *parser) checkKnown(kinds map[string]string) {
	var unknown []string
	for _, o := range p.options {
		if _, ok := kinds[o.name]; !ok {
			unknown = append(unknown, o.name)
		}
	}
	if unknown != nil {
		fail(p.L, atKnown, "unknown options: %s", strings.Join(unknown, ", "))
	}
}

// convert makes the value of an option: a list where it may be repeated, and, without a type, where it was.
func (p *parser) convert(o option, kind string) lua.LValue {
	base, repeated := strings.CutSuffix(kind, "+")
	if kind == "" || kind == "any" {
		repeated = len(o.values) > 1
	}
	if !repeated {
		return p.value(o.name, o.values[len(o.values)-1], base, kind)
	}
	all := p.L.NewTable()
	for _, v := range o.values {
		all.Append(p.value(o.name, v, base, kind))
	}
	return all
}

func (p *parser) value(name string, v *string, base, kind string) lua.LValue {
	bad := func(expected string) {
		got := "nothing"
		if v != nil {
			got = `"` + *v + `"`
		}
		if expected != "No value expected" {
			expected = "Expected " + expected
		}
		fail(p.L, atValue, `Bad value for parameter "%s". %s, got %s`, name, expected, got)
	}
	switch base {
	case "", "any":
		if v == nil {
			return lua.LTrue
		}
		return lua.LString(*v)
	case "string":
		if v == nil {
			bad("string")
		}
		return lua.LString(*v)
	case "number":
		if v != nil {
			if f, err := number(*v); err == nil {
				return lua.LNumber(f)
			}
		}
		bad("number")
	case "boolean":
		if v != nil {
			bad("No value expected")
		}
		return lua.LTrue
	}
	fail(p.L, atFormat, `Bad conversion format "%s" provided for %s`, kind, name)
	return nil
}

func number(s string) (float64, error) {
	if f, ok := vm.ToNumber(lua.LString(s)); ok {
		return f, nil
	}
	return 0, errors.New("not a number")
}
