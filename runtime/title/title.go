// Package title is the Lua module `title`: what the process calls itself.
//
// Tarantool writes the title over its command line, so that ps shows it. Here it is kept per instance and no more, since
// many instances may share a process.
package title

import (
	"path/filepath"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `title`: get() returns the title and the table of its parts (interpretor_name, script_name,
// status, custom_title), update(text) or update(parts) changes it.
var Module = module.Module{Name: "title", Open: open}

// Title is the parts of an instance's title.
type Title struct {
	Interpreter, Script, Status, Custom string
	text                                string // empty until the first update, as in Tarantool
}

type titleKey struct{}

// Of returns the instance's title, whose parts the caller may set before Update.
func Of(h module.Host) *Title {
	if t, ok := h.Service(titleKey{}).(*Title); ok {
		return t
	}
	t := &Title{Interpreter: "tarantool", Script: h.Script()}
	h.SetService(titleKey{}, t)
	return t
}

// Update makes the text of the parts: "tarantool script.lua <status>: custom".
func (t *Title) Update() {
	t.text = t.Interpreter
	if t.Script != "" {
		t.text += " " + filepath.Base(t.Script)
	}
	if t.Status != "" {
		t.text += " <" + t.Status + ">"
	}
	if t.Custom != "" {
		t.text += ": " + t.Custom
	}
}

// String is the text.
func (t *Title) String() string { return t.text }

// parts are the keys of the table in Lua.
func (t *Title) parts() map[string]*string {
	return map[string]*string{
		"interpretor_name": &t.Interpreter, "script_name": &t.Script, "status": &t.Status, "custom_title": &t.Custom,
	}
}

func open(h module.Host, L *lua.LState) lua.LValue {
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"get": func(L *lua.LState) int {
			t, table := Of(h), L.NewTable()
			for name, part := range t.parts() {
				if *part != "" {
					table.RawSetString(name, lua.LString(*part))
				}
			}
			L.Push(lua.LString(t.String()))
			L.Push(table)
			return 2
		},
		"update": func(L *lua.LState) int {
			t := Of(h)
			switch v := L.Get(1).(type) {
			case lua.LString:
				t.Custom = v.String()
			case *lua.LTable:
				for name, part := range t.parts() {
					if value := v.RawGetString(name); !vm.IsNil(value) {
						*part = value.String()
					}
				}
			}
			t.Update()
			return 0
		},
	})
}
