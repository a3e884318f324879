package iproto

import "shardlua/runtime/tuple/mp"

// event is a value that clients watch.
type event struct {
	value    []byte // MessagePack; nil when nothing was ever broadcast
	version  uint64
	watchers map[*Conn]*watch
}

// watch is one client's interest in an event. The client confirms each notice by watching again; what happens in
// between is told as one.
type watch struct {
	event     *event
	told      uint64 // version
	confirmed bool
}

func (s *Server) event(key string) *event {
	e := s.events[key]
	if e == nil {
		e = &event{version: 1, watchers: map[*Conn]*watch{}}
		s.events[key] = e
	}
	return e
}

// Broadcast changes the value of an event, MessagePack or nil for none, and tells all who watch it.
func (s *Server) Broadcast(key string, value []byte) {
	e := s.event(key)
	e.value = append([]byte(nil), value...)
	e.version++
	for c, w := range e.watchers {
		c.notify(key, w)
		c.flush()
	}
	s.forget(key, e)
}

// forget drops an event that nobody knows of.
func (s *Server) forget(key string, e *event) {
	if len(e.watchers) == 0 && len(e.value) == 0 {
		delete(s.events, key)
	}
}

// watch registers the client's interest, or confirms the last notice.
func (c *Conn) watch(key string) {
	if c.closed {
		return
	}
	w := c.watches[key]
	if w == nil {
		e := c.server.event(key)
		w = &watch{event: e}
		if c.watches == nil {
			c.watches = map[string]*watch{}
		}
		c.watches[key] = w
		e.watchers[c] = w
	}
	w.confirmed = true
	c.notify(key, w)
}

// notify tells the client of a value that it does not know, if it has confirmed the last one.
func (c *Conn) notify(key string, w *watch) {
	if !w.confirmed || w.told == w.event.version {
		return
	}
	w.confirmed, w.told = false, w.event.version
	start := len(c.out)
	out := beginReply(c.out)
	pairs := 1
	if len(w.event.value) > 0 {
		pairs++
	}
	out = mp.AppendMapHeader(out, pairs)
	out = mp.AppendString(append(out, KeyEvent), key)
	if pairs > 1 {
		out = append(append(out, KeyEventData), w.event.value...)
	}
	c.out = endReply(out, start, TypeEvent, 0, c.server.schemaVersion())
}

func (c *Conn) unwatch(key string) {
	w := c.watches[key]
	if w == nil {
		return
	}
	delete(c.watches, key)
	delete(w.event.watchers, c)
	c.server.forget(key, w.event)
}

func (c *Conn) unwatchAll() {
	for key := range c.watches {
		c.unwatch(key)
	}
}
