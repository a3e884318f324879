// Package format writes what a statement returned the way the console shows it.
//
// The one idea: a console must always answer, so nothing here fails. A value that
// cannot be shown, because its __serialize raises an error, is answered by that
// error in the same format.
//
//	text := format.YAML(L, values)                    // \set output yaml
//	text := format.Lua(L, values, format.Line, ";")   // \set output lua
//	text := format.Lua(L, values, format.Block, ";")  // \set output lua,block
package format

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
	"shardlua/runtime/yaml"
)

// YAML writes values as one document, a sequence of them. No values make an
// empty document.
func YAML(L *lua.LState, values []lua.LValue) string {
	if len(values) == 0 {
		return "---\n...\n"
	}
	row := make([]lua.LValue, len(values))
	for i, v := range values {
		if row[i] = v; v == nil || v == lua.LNil {
			row[i] = vm.Null
		}
	}
	o := options()
	out, err := yaml.Append(nil, L, serial.NewArray(L, row), &o, yaml.Tag{})
	if err != nil {
		text := "console: an exception occurred when formatting the output: " + serial.ErrorValue(L, err).String()
		out, _ = yaml.Append(nil, L, serial.NewArray(L, []lua.LValue{Failure(L, lua.LString(text))}), &o, yaml.Tag{})
	}
	return string(out)
}

// Failure is what a console shows of an error: a table with the field error. No
// error object, that is nil, shows as null.
func Failure(L *lua.LState, err lua.LValue) *lua.LTable {
	t := L.NewTable()
	if err == nil || err == lua.LNil {
		err = vm.Null
	}
	t.RawSetString("error", err)
	return t
}

func options() serial.Options {
	o := serial.Default()
	o.UseTostring = true
	o.InvalidAsNil = true
	return o
}
