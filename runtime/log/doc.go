// Package log is the Lua module `log`.
//
// The one idea: the module is a thin layer between scripts and the instance's say.Logger; what is set here and what
// box.cfg sets are the same values.
//
//	local log = require('log')
//	log.info('%d buckets', 3000)         -- a format and its arguments
//	log.info({message = 'x', shard = 1}) -- a table is shown as JSON
//	log.cfg({log = 'file:x.log', level = 'verbose', format = 'json'})
//
// Script-visible functions: error, warn, info, verbose, debug, level, log_format, pid, rotate, cfg, and box_api, through
// which box.cfg shares its options `log`, `log_level`, `log_format` and `log_nonblock`. Go code that implements box.cfg
// uses Options.
package log

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/say"
)

// Module is the Lua module `log`.
var Module = module.Module{Name: "log", Open: open}

// lib is what the module keeps per host.
type lib struct {
	host    module.Host
	options *Options
}

func open(h module.Host, L *lua.LState) lua.LValue {
	m := &lib{host: h, options: OptionsOf(h)}
	exports := L.NewTable()
	for name, fn := range map[string]lua.LGFunction{
		"error": m.sayer(say.Error), "warn": m.sayer(say.Warn), "info": m.sayer(say.Info),
		"verbose": m.sayer(say.Verbose), "debug": m.sayer(say.Debug),
		"level": m.luaLevel, "log_format": m.luaFormat, "pid": m.luaPID, "rotate": m.luaRotate,
	} {
		exports.RawSetString(name, L.NewFunction(fn))
	}
	exports.RawSetString("cfg", m.cfgTable(L))
	api := L.NewTable()
	for name, fn := range map[string]lua.LGFunction{
		"cfg_get": m.apiGet, "cfg_set": m.apiSet, "cfg_set_log_level": m.apiSetLevel, "cfg_set_log_format": m.apiSetFormat,
	} {
		api.RawSetString(name, L.NewFunction(fn))
	}
	exports.RawSetString("box_api", api)
	meta, hidden := L.NewTable(), L.NewTable()
	hidden.RawSetString("logger_pid", L.NewFunction(m.luaLoggerPID))
	meta.RawSetString("__index", hidden)
	meta.RawSetString("__serialize", L.NewFunction(serialize))
	L.SetMetatable(exports, meta)
	return exports
}

// serialize shows the module without its metatable's fields.
func serialize(L *lua.LState) int {
	t := L.NewTable()
	if module, ok := L.Get(1).(*lua.LTable); ok {
		module.ForEach(func(k, v lua.LValue) { t.RawSet(k, v) })
	}
	L.Push(t)
	return 1
}
