// Package tarantoolmod is the Lua module `tarantool`: which version this is, and since when it runs.
package tarantoolmod

import (
	"os"
	"runtime"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
)

// Version is the version of Tarantool whose behaviour the host has, in a form that scripts which parse Tarantool's
// version (major.minor.patch-commits-revision) accept; the last part names the host.
const Version = "2.6.0-0-shardlua"

// Module is the Lua module `tarantool`: version, package, build (target, options, mod_format, flags, compiler),
// uptime() in seconds and pid().
var Module = module.Module{Name: "tarantool", Open: open}

type startKey struct{}

// MarkStart remembers the monotonic time at which the instance started; without it, that is when a script first
// requires the module.
func MarkStart(h module.Host) { h.SetService(startKey{}, h.Machine().Clock.Monotonic().Seconds()) }

// Uptime is how many seconds the instance has run.
func Uptime(h module.Host) float64 {
	if _, ok := h.Service(startKey{}).(float64); !ok {
		MarkStart(h)
	}
	return h.Machine().Clock.Monotonic().Seconds() - h.Service(startKey{}).(float64)
}

func open(h module.Host, L *lua.LState) lua.LValue {
	Uptime(h)
	exports, build := L.NewTable(), L.NewTable()
	for name, value := range map[string]string{
		"target": target(), "options": "go build", "mod_format": "so", "flags": "-trimpath",
		"compiler": runtime.Compiler + " " + runtime.Version(),
	} {
		build.RawSetString(name, lua.LString(value))
	}
	exports.RawSetString("build", build)
	exports.RawSetString("version", lua.LString(Version))
	exports.RawSetString("package", lua.LString("Tarantool"))
	L.SetFuncs(exports, map[string]lua.LGFunction{
		"uptime": func(L *lua.LState) int {
			L.Push(lua.LNumber(Uptime(h)))
			return 1
		},
		"pid": func(L *lua.LState) int {
			L.Push(lua.LNumber(os.Getpid()))
			return 1
		},
	})
	return exports
}

// target is the platform as Tarantool writes it.
func target() string {
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	return "Linux-" + arch + "-Release"
}
