package reload

import (
	"sort"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/internals"
	"shardlua/runtime/say"
	"shardlua/runtime/vm"
)

const hangupUsage = "Usage: shardlua.reload_on_sighup({[module, …] [timeout = seconds, health = function]} | true | false)"

// OnHangup makes the hangup signal reload, beside the log's rotation, what a Request names, as far as it has changed:
// without names all modules that have state. Nil ends that, which is how an instance begins.
func (r *Reloader) OnHangup(req *Request) { r.hangup = req }

// LuaOnHangup is shardlua.reload_on_sighup{…}, with the options of shardlua.reload; true stands for {}, and false ends
// it.
func (r *Reloader) LuaOnHangup(L *lua.LState) int {
	switch L.Get(1) {
	case lua.LTrue:
		r.OnHangup(&Request{})
		return 0
	case lua.LFalse:
		r.OnHangup(nil)
		return 0
	}
	req, ok := r.request(L.Get(1))
	if !ok || req.DryRun {
		vm.RaiseString(L, 1, "%s", hangupUsage)
	}
	r.OnHangup(&req)
	return 0
}

// Hangup does what OnHangup asked for. What comes of it, the log tells.
func (r *Reloader) Hangup(L *lua.LState) {
	if r.hangup == nil {
		return
	}
	req := *r.hangup
	req.OnlyChanged = true
	if len(req.Modules) == 0 {
		req.Modules = r.stateholders()
	}
	log := r.host.Log()
	if len(req.Modules) == 0 {
		log.Sayf(say.Info, "reload by signal: no module has state")
		return
	}
	switch report, err := r.Reload(L, req); {
	case err != nil:
		log.Sayf(say.Error, "reload by signal failed: %s", err.Error())
	case len(report.Modules) == 0:
		log.Sayf(say.Info, "reload by signal: no module has changed")
	}
}

// stateholders are the loaded modules that keep state under their own name.
func (r *Reloader) stateholders() []string {
	var names []string
	store, global := internals.Of(r.host), r.globalState()
	for name, rec := range r.records {
		if rec.stateful && rec.value != nil && (store.Get(name) != nil || global[stateName(name)]) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}
