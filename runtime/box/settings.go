package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/tuple/mp"
)

// settingsTable is box.session.settings: the rows of _session_settings, by name.
func (b *Box) settingsTable(L *lua.LState) *lua.LTable {
	t := L.NewTable()
	t.Metatable = methods(L, map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			name := b.text(L, L.Get(2))
			var value []byte
			if b.db != nil {
				value = b.Context().Setting(name)
			}
			if value == nil {
				b.raise(L, boxerr.New(boxerr.ProcLua, "Session setting "+name+" doesn't exist"))
			}
			L.Push(b.value(L, value))
			return 1
		},
		"__newindex": func(L *lua.LState) int {
			name := b.text(L, L.Get(2))
			if b.db == nil {
				b.fail(L, boxerr.NoSuchSessionSetting, name)
			}
			if err := b.Context().SetSetting(name, b.appendTo(L, nil, L.Get(3))); err != nil {
				b.raise(L, err)
			}
			return 0
		},
		"__serialize": func(L *lua.LState) int {
			all := L.NewTable()
			if b.db != nil {
				rows, err := b.system(sessionSettings).Select(b.db.NewContext(db.AdminID).Of(b.Context()), 0, db.ALL, 0, 1<<31, emptyKey)
				if err != nil {
					b.raise(L, err)
				}
				for _, t := range rows {
					all.RawSetString(strField(t, 0), b.value(L, t.Field(1)))
				}
			}
			L.Push(all)
			return 1
		},
	})
	return t
}

// MarshalsErrors tells whether the calling fiber's session wants error objects whole in the results of its calls.
func (b *Box) MarshalsErrors() bool {
	value := b.Context().Setting("error_marshaling_enabled")
	return value != nil && mp.Boolean(value)
}
