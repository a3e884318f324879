// Package console is the instance's admin console: a text protocol over sockets, and an interactive one on a terminal.
//
// The one idea: a Session reads lines, finds out where a chunk of Lua ends, evaluates it on the fiber of its
// connection and answers with one YAML document (or, by the client's choice, one Lua expression). Where the lines come
// from (a socket, a terminal, a pipe) is not its business.
//
//	> 1 + 1
//	---
//	- 2
//	...
//
// The package also holds the Lua module `console`.
package console

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/sched"
)

// Console is what the consoles of one instance have in common.
type Console struct {
	host module.Host
	// defaultOutput is how new sessions print.
	defaultOutput Output
	// sessions finds the Session of a fiber, for console.delimiter() and its like.
	sessions map[*sched.Fiber]*Session
	// onStart and onDisconnect are what scripts gave to console.on_start and console.on_client_disconnect.
	onStart, onDisconnect *lua.LFunction
	// frames calls chunks; made when first needed.
	frames *lua.LFunction
}

type consoleKey struct{}

// Of returns the Console of an instance.
func Of(h module.Host) *Console {
	if c, ok := h.Service(consoleKey{}).(*Console); ok {
		return c
	}
	c := &Console{host: h, sessions: make(map[*sched.Fiber]*Session)}
	h.SetService(consoleKey{}, c)
	return c
}

// current is the Session that the calling fiber serves, nil when it serves none.
func (c *Console) current() *Session { return c.sessions[c.host.Sched().Current()] }
