package console

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/say"
	"shardlua/runtime/sched"
)

// continuation at the end of a line of an interactive console means that the chunk goes on.
const continuation = "\\"

// Session is one conversation. It is used by one fiber, with the baton held.
type Session struct {
	console *Console
	output  Output
	sql     bool // \set language sql
	delim   string
	pending strings.Builder
	// Patient makes lines without a delimiter wait for the rest of an incomplete chunk, as a person expects it.
	Patient bool
	// Print shows a text outside of answers; nil shows nothing.
	Print func(text string)
	// remote is the console of another instance that console.connect has switched to.
	remote *remote
	ended  bool
	mute   bool // no completion
}

// NewSession starts a conversation served by the fiber f. End it with Close.
func (c *Console) NewSession(f *sched.Fiber) *Session {
	s := &Session{console: c, output: c.defaultOutput}
	c.sessions[f] = s
	return s
}

// notify calls a hook that a script has set with a table that stands for the session: its method print shows a text, and
// the session ends when the hook makes running false.
func (s *Session) notify(L *lua.LState, hook *lua.LFunction) {
	if hook == nil {
		return
	}
	self := L.NewTable()
	self.RawSetString("running", lua.LTrue)
	self.RawSetString("print", L.NewFunction(func(L *lua.LState) int {
		if s.Print != nil {
			s.Print(lua.LVAsString(L.ToStringMeta(L.Get(2))))
		}
		return 0
	}))
	if _, err := s.console.host.VM().Call(L, hook, 0, self); err != nil {
		s.console.host.Log().Sayf(say.Error, "console: error in a hook: %v", err)
	}
	if !lua.LVAsBool(self.RawGetString("running")) {
		s.ended = true
	}
}

// Close ends the conversation.
func (s *Session) Close(f *sched.Fiber) {
	if s.remote != nil {
		s.remote.close()
	}
	delete(s.console.sessions, f)
}

// Ended tells whether the client has asked to quit.
func (s *Session) Ended() bool { return s.ended }

// Waiting tells whether the lines so far are the beginning of a chunk.
func (s *Session) Waiting() bool { return s.pending.Len() > 0 }

// Discard forgets an incomplete chunk.
func (s *Session) Discard() { s.pending.Reset() }

// Feed takes one line, without its end, and returns the answer: empty while the chunk is not complete.
func (s *Session) Feed(L *lua.LState, line string) string {
	if s.pending.Len() > 0 {
		s.pending.WriteByte('\n')
	}
	s.pending.WriteString(line)
	chunk, complete := s.chunk(s.pending.String())
	if !complete {
		return ""
	}
	s.pending.Reset()
	return s.line(L, chunk)
}

// line runs a whole chunk or command.
func (s *Session) line(L *lua.LState, chunk string) string {
	// Of the commands, only the end of the conversation is not the other side's business.
	if strings.HasPrefix(chunk, `\`) && (s.remote == nil || strings.HasPrefix(chunk, `\q`)) {
		return s.command(L, chunk)
	}
	return s.Eval(L, chunk)
}

// chunk cuts the delimiter off the text, or tells that the text is not complete.
func (s *Session) chunk(text string) (chunk string, complete bool) {
	if s.delim != "" {
		return strings.CutSuffix(strings.TrimRight(text, " \t\r\n"), s.delim)
	}
	if s.Patient && !strings.HasPrefix(text, `\`) && !s.console.Complete(text) {
		return "", false
	}
	return text, true
}

// Eval runs a chunk and returns the printed answer.
func (s *Session) Eval(L *lua.LState, chunk string) string {
	if s.remote != nil {
		return s.remote.eval(s, chunk)
	}
	if s.sql {
		return s.output.format(L, nil, lua.LString("SQL is not supported by this instance"))
	}
	values, err := s.console.Eval(L, chunk)
	return s.output.format(L, values, err)
}
