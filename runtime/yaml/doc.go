// Package yaml is the Lua module `yaml`.
//
// The one idea: writing is ours, to the byte, because consoles and golden files
// show it; reading is go.yaml.in/yaml's parser with Tarantool's own rules for
// what a plain scalar means.
//
//	yaml.encode(value[, {tag_handle = h, tag_prefix = p}])   a document
//	yaml.decode(text[, {tag_only = true}])                   the values of all documents
//	yaml.new(), yaml.cfg{option = value, ...}
//
// Tables that occur more than once become anchors and aliases, so there is no
// limit on depth.
package yaml

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Module is the Lua module `yaml`.
var Module = module.Module{Name: "yaml", Open: func(_ module.Host, L *lua.LState) lua.LValue { return Open(L) }}

const (
	encodeUsage = "Usage: encode(object, {tag_prefix = <string>, tag_handle = <string>})"
	decodeUsage = "Usage: yaml.decode(document, [{tag_only = boolean}])"
)

// Open makes the module's table.
func Open(L *lua.LState) *lua.LTable { return serial.Module(L, fill) }

func fill(L *lua.LState, exports *lua.LTable, o *serial.Options) {
	exports.RawSetString("encode", L.NewFunction(func(L *lua.LState) int { return encode(L, o) }))
	exports.RawSetString("decode", L.NewFunction(func(L *lua.LState) int { return decode(L, o) }))
}

func encode(L *lua.LState, o *serial.Options) int {
	if n := L.GetTop(); n < 1 || n > 2 {
		vm.RaiseString(L, 1, encodeUsage)
	}
	var tag Tag
	if L.GetTop() == 2 && L.Get(2) != lua.LNil {
		options, ok := L.Get(2).(*lua.LTable)
		if !ok {
			vm.RaiseString(L, 1, encodeUsage)
		}
		var hasPrefix, hasHandle bool
		tag.Prefix, hasPrefix = optionalString(L, options, "tag_prefix")
		tag.Handle, hasHandle = optionalString(L, options, "tag_handle")
		if hasPrefix != hasHandle {
			vm.RaiseString(L, 1, encodeUsage)
		}
		if problem := tag.check(); hasHandle && problem != "" {
			L.Push(lua.LNil)
			L.Push(lua.LString(problem))
			return 2
		}
	}
	out, err := Append(nil, L, L.Get(1), o, tag)
	if err != nil {
		serial.Raise(L, err)
	}
	L.Push(lua.LString(out))
	return 1
}

func optionalString(L *lua.LState, t *lua.LTable, name string) (string, bool) {
	switch v := L.GetField(t, name).(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return v.String(), true
	case *lua.LNilType:
		return "", false
	}
	vm.RaiseString(L, 1, encodeUsage)
	return "", false
}

func decode(L *lua.LState, o *serial.Options) int {
	text, isText := L.Get(1).(lua.LString)
	if n, ok := L.Get(1).(lua.LNumber); ok {
		text, isText = lua.LString(n.String()), true
	}
	if n := L.GetTop(); !isText || n < 1 || n > 2 {
		vm.RaiseString(L, 1, decodeUsage)
	}
	if L.GetTop() == 2 {
		options, ok := L.Get(2).(*lua.LTable)
		if !ok && L.Get(2) != lua.LNil {
			vm.RaiseString(L, 1, decodeUsage)
		}
		if ok && L.GetField(options, "tag_only") == lua.LTrue {
			return decodeTag(L, string(text))
		}
	}
	values, err := Decode(L, string(text), o)
	if err != nil {
		// What the parser says has a position in the document instead of one in the script.
		vm.Raise(L, serial.ErrorValue(L, err))
	}
	for _, v := range values {
		L.Push(v)
	}
	return len(values)
}
