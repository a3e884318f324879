package console

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Chunks are called from inside the same functions, by name and line, as in Tarantool 2.6. Scripts see them in
// tracebacks, and in errors that blame the caller of a chunk.
const (
	evalLine   = 402
	replLine   = 708
	clientLine = 828
	serveLine  = 842
	acceptLine = 1076
)

// framesSource is a function that calls its argument from those frames and returns what pcall does. The functions go
// through all, because a call at the end of a function leaves no frame behind.
func framesSource() string {
	var b strings.Builder
	line := 1
	at := func(n int, code string) {
		b.WriteString(strings.Repeat("\n", n-line) + code)
		line = n
	}
	at(1, "local function all(...) return ... end local pcall = pcall local session = {} ")
	at(evalLine, "function session:eval(chunk) return all(pcall(chunk)) end ")
	at(replLine, "function session:repl(chunk) return all(self:eval(chunk)) end ")
	at(clientLine, "return function(chunk)")
	at(serveLine, " return all(session:repl(chunk)) end")
	return b.String()
}

func acceptSource() string {
	return "local handler = ... local function all(ok, ...) return ... end local pcall = pcall " +
		strings.Repeat("\n", acceptLine-1) + "return function(chunk)\n\nreturn all(pcall(handler, chunk)) end"
}

// caller is the function that calls chunks as pcall does.
func (c *Console) caller(L *lua.LState) (*lua.LFunction, error) {
	if c.frames != nil {
		return c.frames, nil
	}
	machine := c.host.VM()
	var made lua.LValue
	for _, part := range []struct{ name, source string }{
		{"@builtin/box/console.lua", framesSource()},
		{"@builtin/socket.lua", acceptSource()},
	} {
		fn, err := machine.Load([]byte(part.source), part.name)
		if err != nil {
			return nil, err
		}
		values, err := machine.Call(L, fn, 1, made)
		if err != nil {
			return nil, err
		}
		made = values[0]
	}
	c.frames, _ = made.(*lua.LFunction)
	return c.frames, nil
}
