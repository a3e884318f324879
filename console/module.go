package console

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/uri"
	"shardlua/runtime/vm"
)

// defaultSocket is where console.listen() without an address listens.
const defaultSocket = "/tmp/tarantool-console.sock"

// Module is the Lua module `console`:
//
//	listen([uri])            serve the text protocol; returns the server, with fd, name and close()
//	connect(uri[, options])  make the current console talk to another instance's
//	start()                  an interactive console on the standard streams
//	eval(text)               what a console would print for text
//	ac([on])                 whether the current console completes words
//	delimiter([text])        the delimiter of the current console
//	eos([text])              what ends an answer of the current console
//	set_default_output(o), get_default_output()
//	on_start(fn), on_client_disconnect(fn), completion_handler
var Module = module.Module{Name: "console", Open: open}

func open(h module.Host, L *lua.LState) lua.LValue {
	c := Of(h)
	exports := L.NewTable()
	for name, fn := range map[string]lua.LGFunction{
		"listen":               c.luaListen,
		"connect":              c.luaConnect,
		"start":                c.luaStart,
		"eval":                 c.luaEval,
		"ac":                   c.luaAC,
		"delimiter":            c.luaDelimiter,
		"eos":                  c.luaEOS,
		"set_default_output":   c.luaSetDefaultOutput,
		"get_default_output":   c.luaGetDefaultOutput,
		"on_start":             c.luaOnStart,
		"on_client_disconnect": c.luaOnClientDisconnect,
		"completion_handler":   c.luaCompletionHandler,
	} {
		exports.RawSetString(name, L.NewFunction(fn))
	}
	return exports
}

// luaListen is console.listen([uri]).
func (c *Console) luaListen(L *lua.LState) int {
	network, address := "unix", defaultSocket
	if L.Get(1) != lua.LNil {
		text := L.Get(1).String()
		u, ok := uri.Parse(text)
		if !ok || u.Unix == nil && (u.Service == nil || u.Host == nil && *u.Service == "0") {
			raise(L, 857, `Usage: console.listen("[host:]port")`)
		}
		network, address = endpoint(u)
	}
	server, err := c.Listen(network, address)
	if err != nil {
		shown := address
		if network == "unix" {
			shown = "unix/:" + address
		}
		raise(L, 865, "failed to create server "+shown+": "+reason(err))
	}
	L.Push(server.handle(L))
	return 1
}

func reason(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return errno.Text(int(number))
	}
	var sysErr *os.SyscallError
	if errors.As(err, &sysErr) {
		return sysErr.Err.Error()
	}
	return err.Error()
}

// handle is what scripts have of a server: its descriptor, name() and close().
func (s *Server) handle(L *lua.LState) *lua.LTable {
	handle, name, meta := L.NewTable(), L.NewTable(), L.NewTable()
	handle.RawSetString("fd", lua.LNumber(fdOf(s.listener)))
	switch addr := s.Addr().(type) {
	case *net.UnixAddr:
		name.RawSetString("host", lua.LString("unix/"))
		name.RawSetString("family", lua.LString("AF_UNIX"))
		name.RawSetString("port", lua.LString(addr.Name))
		name.RawSetString("protocol", lua.LNumber(0))
	case *net.TCPAddr:
		family := "AF_INET"
		if addr.IP.To4() == nil {
			family = "AF_INET6"
		}
		name.RawSetString("host", lua.LString(addr.IP.String()))
		name.RawSetString("family", lua.LString(family))
		name.RawSetString("port", lua.LNumber(addr.Port))
		name.RawSetString("protocol", lua.LString("tcp"))
	}
	name.RawSetString("type", lua.LString("SOCK_STREAM"))
	shown := s.name()
	fd := handle.RawGetString("fd")
	methods := L.NewTable()
	methods.RawSetString("name", L.NewFunction(func(L *lua.LState) int {
		s.checkOpen(L)
		L.Push(name)
		return 1
	}))
	meta.RawSetString("__serialize", L.NewFunction(func(L *lua.LState) int {
		s.checkOpen(L)
		shape := L.NewTable()
		shape.RawSetString("fd", fd)
		shape.RawSetString("name", name)
		L.Push(shape)
		return 1
	}))
	methods.RawSetString("close", L.NewFunction(func(L *lua.LState) int {
		s.checkOpen(L)
		s.Close()
		L.Push(lua.LTrue)
		return 1
	}))
	meta.RawSetString("__index", methods)
	meta.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		s.checkOpen(L)
		L.Push(lua.LString("fd " + fd.String() + ", aka " + shown))
		return 1
	}))
	handle.Metatable = meta
	return handle
}

// name is how the server is called in texts.
func (s *Server) name() string {
	if s.Addr().Network() == "unix" {
		return "unix/:" + s.Addr().String()
	}
	return s.Addr().String()
}

func (s *Server) checkOpen(L *lua.LState) {
	if s.closed {
		vm.RaiseString(L, 0, "builtin/socket.lua:88: attempt to use closed socket")
	}
}

// raise raises an error at the line of Tarantool's console that raises it.
func raise(L *lua.LState, line int, text string) {
	vm.RaiseString(L, 0, "builtin/box/console.lua:%d: %s", line, text)
}

// luaEval is console.eval(text). Outside of a console it answers in YAML.
func (c *Console) luaEval(L *lua.LState) int {
	if vm.IsNil(L.Get(1)) {
		L.Push(lua.LNil)
		return 1
	}
	text, ok := L.Get(1).(lua.LString)
	if !ok {
		raise(L, 369, notText("line", "sub", L.Get(1)))
	}
	if s := c.current(); s != nil {
		L.Push(lua.LString(s.line(L, string(text))))
		return 1
	}
	outside := Session{console: c}
	L.Push(lua.LString(outside.line(L, string(text))))
	return 1
}

// notText is what Tarantool says of a value whose method for texts it calls.
func notText(variable, method string, v lua.LValue) string {
	if v.Type() == lua.LTTable {
		return "attempt to call method '" + method + "' (a nil value)"
	}
	return "attempt to index local '" + variable + "' (a " + vm.TypeName(v) + " value)"
}

// sessionOf is the calling fiber's Session; without one it raises an error.
func (c *Console) sessionOf(L *lua.LState, line int, text string) *Session {
	s := c.current()
	if s == nil {
		raise(L, line, text)
	}
	return s
}

// luaAC is console.ac(on): whether the current console completes words.
func (c *Console) luaAC(L *lua.LState) int {
	c.sessionOf(L, 736, "console.ac(): need existing console").mute = !lua.LVAsBool(L.Get(1))
	return 0
}

func (c *Console) luaDelimiter(L *lua.LState) int {
	s := c.sessionOf(L, 253, "console.delimiter(): need existing console")
	if L.GetTop() == 0 || L.Get(1) == lua.LNil {
		L.Push(lua.LString(s.delim))
		return 1
	}
	delim, ok := L.Get(1).(lua.LString)
	if !ok {
		raise(L, 260, "invalid delimiter")
	}
	s.delim = string(delim)
	return 0
}

func (c *Console) luaEOS(L *lua.LState) int {
	var output Output
	if s := c.current(); s != nil {
		output = s.output
	}
	if L.Get(1) == lua.LNil {
		L.Push(lua.LString(output.eos()))
		return 1
	}
	raise(L, 226, "console.eos(): is immutable for output "+output.String())
	return 0
}

func (c *Console) luaSetDefaultOutput(L *lua.LState) int {
	text, ok := L.Get(1).(lua.LString)
	switch {
	case L.Get(1) == lua.LNil:
		raise(L, 158, "Nil output value passed")
	case !ok:
		raise(L, 138, notText("value", "match", L.Get(1)))
	}
	output, err := parseOutput(string(text))
	if err != nil {
		raise(L, 162, err.Error())
	}
	c.defaultOutput = output
	return 0
}

func (c *Console) luaGetDefaultOutput(L *lua.LState) int {
	if L.GetTop() > 0 {
		raise(L, 171, "Arguments provided while prohibited")
	}
	out := L.NewTable()
	name, option, given := strings.Cut(c.defaultOutput.String(), ",")
	out.RawSetString("fmt", lua.LString(name))
	if given {
		out.RawSetString("opts", lua.LString(option))
	}
	L.Push(out)
	return 1
}

func (c *Console) luaOnStart(L *lua.LState) int {
	c.onStart = hook(L, 719, "on_start")
	return 0
}

func (c *Console) luaOnClientDisconnect(L *lua.LState) int {
	c.onDisconnect = hook(L, 727, "on_client_disconnect")
	return 0
}

// hook is the first argument, a function or nil.
func hook(L *lua.LState, line int, name string) *lua.LFunction {
	fn, ok := L.Get(1).(*lua.LFunction)
	if !ok && L.Get(1) != lua.LNil {
		raise(L, line, "Wrong type of "+name+" hook: "+vm.TypeName(L.Get(1)))
	}
	return fn
}
