package console

import (
	"errors"
	"net"
	"os"
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
//	ac([on])                 whether the end of the interactive console ends the instance
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
			vm.RaiseString(L, 1, `Usage: console.listen("[host:]port")`)
		}
		network, address = endpoint(u)
	}
	server, err := c.Listen(network, address)
	if err != nil {
		shown := address
		if network == "unix" {
			shown = "unix/:" + address
		}
		vm.RaiseString(L, 1, "failed to create server %s: %s", shown, reason(err))
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

// handle is what scripts have of a server: its descriptor, its name, and close().
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
	handle.RawSetString("name", name)
	methods := L.NewTable()
	methods.RawSetString("close", L.NewFunction(func(L *lua.LState) int {
		s.Close()
		L.Push(lua.LTrue)
		return 1
	}))
	meta.RawSetString("__index", methods)
	handle.Metatable = meta
	return handle
}

// luaEval is console.eval(text).
func (c *Console) luaEval(L *lua.LState) int {
	text := vm.CheckString(L, 1)
	if s := c.current(); s != nil {
		L.Push(lua.LString(s.Eval(L, text)))
		return 1
	}
	values, thrown := c.Eval(L, text)
	L.Push(lua.LString(c.defaultOutput.format(L, values, thrown)))
	return 1
}

// luaAC is console.ac(on): without an argument, or with false, the end of the console leaves the instance running.
func (c *Console) luaAC(L *lua.LState) int {
	c.exitOnEOF = lua.LVAsBool(L.Get(1))
	return 0
}

func (c *Console) luaDelimiter(L *lua.LState) int {
	s := c.current()
	if s == nil {
		vm.RaiseString(L, 1, "console.delimiter(): need existing console")
	}
	if L.GetTop() == 0 || L.Get(1) == lua.LNil {
		L.Push(lua.LString(s.delim))
		return 1
	}
	delim, ok := L.Get(1).(lua.LString)
	if !ok {
		vm.RaiseString(L, 1, "invalid delimiter")
	}
	s.delim = string(delim)
	return 0
}

func (c *Console) luaEOS(L *lua.LState) int {
	s := c.current()
	if s == nil {
		vm.RaiseString(L, 1, "console.eos(): need existing console")
	}
	if L.Get(1) == lua.LNil {
		L.Push(lua.LString(s.output.eos()))
		return 1
	}
	vm.RaiseString(L, 1, "console.eos(): is immutable for output %s", s.output)
	return 0
}

func (c *Console) luaSetDefaultOutput(L *lua.LState) int {
	if L.Get(1) == lua.LNil {
		vm.RaiseString(L, 1, "Nil output value passed")
	}
	output, err := parseOutput(vm.CheckString(L, 1))
	if err != nil {
		vm.RaiseString(L, 1, "%s", err.Error())
	}
	c.defaultOutput = output
	return 0
}

func (c *Console) luaGetDefaultOutput(L *lua.LState) int {
	L.Push(lua.LString(c.defaultOutput.String()))
	return 1
}

func (c *Console) luaOnStart(L *lua.LState) int {
	c.onStart = optFunction(L)
	return 0
}

func (c *Console) luaOnClientDisconnect(L *lua.LState) int {
	c.onDisconnect = optFunction(L)
	return 0
}

// optFunction is the first argument, or nil when that is nil.
func optFunction(L *lua.LState) *lua.LFunction {
	if L.Get(1) == lua.LNil {
		return nil
	}
	return vm.CheckFunction(L, 1)
}
