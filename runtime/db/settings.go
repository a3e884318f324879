package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/tuple/update"
)

// Settled is a session that can keep settings. The space _session_settings has the values that sessions begin with, and
// shows each session its own.
type Settled interface {
	// Settings returns where the rows that the session has changed are kept, by name.
	Settings() map[string]any
}

// settings are those of the context's session, nil without one.
func (c *Context) settings() map[string]any {
	if s, ok := c.Session.(Settled); ok {
		return s.Settings()
	}
	return nil
}

// setting is a row of _session_settings as the context's session has it.
func (c *Context) setting(t *tuple.Tuple) *tuple.Tuple {
	if t == nil {
		return nil
	}
	f := fieldsOf(t)
	if own, ok := c.settings()[f.string()].(*tuple.Tuple); ok {
		return own
	}
	return t
}

// Setting returns the msgpack of a setting of the context's session, nil when there is none of that name.
func (c *Context) Setting(name string) []byte {
	key := mp.AppendString(nil, name)
	t := c.setting(c.db.spaces[sessionSettingsID].primary().store.get(Key{key, 1}))
	if t == nil {
		return nil
	}
	return t.Field(1)
}

// SetSetting changes a setting of the context's session. The rights of the user do not matter: it is his own.
func (c *Context) SetSetting(name string, value []byte) error {
	s := c.db.spaces[sessionSettingsID]
	was := s.primary().store.get(Key{mp.AppendString(nil, name), 1})
	if was == nil {
		return boxerr.New(boxerr.NoSuchSessionSetting, name)
	}
	data := append(mp.AppendString(mp.AppendArrayHeader(nil, 2), name), value...)
	next, err := tuple.New(s.format, data)
	if err != nil {
		return err
	}
	return c.keepSetting(was, next)
}

// keepSetting checks the value, whose type that of the first value has, and keeps it.
func (c *Context) keepSetting(first, next *tuple.Tuple) error {
	f := fieldsOf(next)
	name, value := f.string(), next.Field(1)
	if kind := mp.KindOf(first.Field(1)); mp.KindOf(value) != kind {
		want := "boolean"
		if kind == mp.Str {
			want = "string"
		}
		return boxerr.New(boxerr.SessionSettingInvalidValue, name, want)
	}
	if engine, ok := asString(value); ok && engine != "memtx" && engine != "vinyl" {
		return boxerr.New(boxerr.NoSuchEngine, engine)
	}
	if own := c.settings(); own != nil {
		own[name] = next
	}
	return nil
}

// changeSetting is a statement on _session_settings: an update of the value, for the session alone.
func (s *Space) changeSetting(c *Context, r *request) (*tuple.Tuple, error) {
	if r.typ != RowUpdate {
		return nil, unsupported("Session_settings space", sessionCall(r.typ))
	}
	first, err := s.findOne(r.index, r.key)
	if err != nil || first == nil {
		return nil, err
	}
	old := c.setting(first)
	data, err := update.Update(old, r.ops, int(r.base))
	if err != nil {
		return nil, err
	}
	next, err := tuple.New(s.format, data)
	if err != nil {
		return nil, err
	}
	if err := s.sameKey(old, next); err != nil {
		return nil, err
	}
	return next, c.keepSetting(first, next)
}
