package console

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/help"
)

// command runs a line that begins with a backslash.
func (s *Session) command(L *lua.LState, line string) string {
	words := strings.Fields(line[1:])
	if len(words) == 0 {
		words = []string{""}
	}
	switch words[0] {
	case "quit", "q":
		s.ended = true
		return ""
	case "help", "h":
		list := L.NewTable()
		list.Append(lua.LString(help.Text))
		return s.answer(L, list)
	case "set", "s":
		return s.set(L, words[1:])
	}
	return s.refuse(L, `Invalid command %s. Type \help for help.`, line)
}

func (s *Session) set(L *lua.LState, words []string) string {
	if len(words) == 0 {
		return s.refuse(L, `Invalid set syntax, type \help for help`)
	}
	parameter, value := words[0], ""
	if len(words) > 1 {
		value = words[1]
	}
	switch parameter {
	case "output", "o":
		output, err := parseOutput(value)
		if err != nil {
			return s.refuse(L, "%s", err.Error())
		}
		s.output = output
		return s.answer(L, lua.LTrue)
	case "delimiter", "delim", "d":
		if s.delim == frameEnd {
			return s.refuse(L, "Can not install delimiter for net box sessions")
		}
		s.delim = value
		return s.answer(L)
	case "language", "lang", "l":
		if value == "" {
			language := L.NewTable()
			language.RawSetString("language", lua.LString(map[bool]string{false: "lua", true: "sql"}[s.sql]))
			return s.answer(L, language)
		}
		if value != "lua" && value != "sql" {
			return s.refuse(L, `Invalid language "%s", supported languages: lua and sql.`, value)
		}
		s.sql = value == "sql"
		return s.answer(L, lua.LTrue)
	}
	return s.refuse(L, "Unknown parameter: %s", parameter)
}

func (s *Session) answer(L *lua.LState, values ...lua.LValue) string {
	return s.output.format(L, values, nil)
}

func (s *Session) refuse(L *lua.LState, format string, args ...any) string {
	return s.output.format(L, nil, lua.LString(fmt.Sprintf(format, args...)))
}
