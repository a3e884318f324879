package console

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/console/format"
)

// Output is how a session prints values.
type Output struct {
	Lua   bool // as Lua expressions; otherwise YAML
	Block bool // one value a line, with indents; Lua only
}

// parseOutput reads what follows `\set output`: yaml, lua, or lua with a comma and line or block.
func parseOutput(text string) (Output, error) {
	if text == "" {
		return Output{}, words("Specify output format: lua or yaml.")
	}
	name, option, given := strings.Cut(text, ",")
	switch {
	case name == "yaml":
		return Output{}, nil
	case name != "lua":
		return Output{}, words("Invalid format \"%s\", supported languages: lua and yaml.", text)
	case given && option != "line" && option != "block":
		return Output{}, words("Wrong option \"%s\", expecting: line or block.", option)
	}
	return Output{Lua: true, Block: option == "block"}, nil
}

// words is an error in Tarantool's words, capitals and full stops included.
func words(format string, args ...any) error { return fmt.Errorf(format, args...) }

// String is what parseOutput reads.
func (o Output) String() string {
	switch {
	case !o.Lua:
		return "yaml"
	case o.Block:
		return "lua,block"
	}
	return "lua"
}

// eos is what ends an answer.
func (o Output) eos() string {
	if o.Lua {
		return ";"
	}
	return "\n...\n"
}

// format prints values, or the error when thrown is not nil.
func (o Output) format(L *lua.LState, values []lua.LValue, thrown lua.LValue) string {
	if thrown != nil {
		values = []lua.LValue{format.Failure(L, thrown)}
	}
	if !o.Lua {
		return format.YAML(L, values)
	}
	mode := format.Line
	if o.Block {
		mode = format.Block
	}
	return format.Lua(L, values, mode, o.eos())
}
