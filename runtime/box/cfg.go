package box

import (
	"sort"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/json"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// early is what scripts have of box before box.cfg.
var early = []string{"NULL", "cfg", "ctl", "error", "execute", "index", "internal", "runtime", "session", "tuple"}

// openInstance adds the functions about the instance as a whole, and hides what needs a database until box.cfg made one.
// It is the last step of open.
func (b *Box) openInstance(L *lua.LState) {
	b.inst.init(b)
	b.openInfo(L)
	b.openStat(L)
	b.openSlab(L)
	b.openFeedback(L)
	b.openCtl(L)
	b.openBackup(L)
	b.openSession(L)
	for name, fn := range map[string]lua.LGFunction{"once": b.once, "snapshot": b.snapshot} {
		b.exports.RawSetString(name, L.NewFunction(fn))
	}
	b.lock(L)
	b.exports.RawSetString("cfg", L.NewFunction(b.cfg))
}

// lock moves what needs a database out of box.
func (b *Box) lock(L *lua.LState) {
	hidden := L.NewTable()
	b.exports.ForEach(func(k, v lua.LValue) {
		for _, name := range early {
			if k == lua.LString(name) {
				return
			}
		}
		hidden.RawSet(k, v)
	})
	hidden.ForEach(func(k, _ lua.LValue) { b.exports.RawSet(k, lua.LNil) })
	b.inst.hidden = hidden
	meta := L.NewTable()
	meta.RawSetString("__index", L.NewFunction(b.notConfigured))
	b.exports.Metatable = meta
}

// unlock is the end of the first box.cfg.
func (b *Box) unlock() {
	if b.inst.hidden == nil {
		return
	}
	b.exports.Metatable = lua.LNil
	b.inst.hidden.ForEach(func(k, v lua.LValue) { b.exports.RawSet(k, v) })
	b.inst.hidden = nil
}

// Export adds a value to box, behind box.cfg when needsDatabase is set.
func (b *Box) Export(name string, value lua.LValue, needsDatabase bool) {
	if needsDatabase && b.inst.hidden != nil {
		b.inst.hidden.RawSetString(name, value)
		return
	}
	b.exports.RawSetString(name, value)
}

const notConfiguredText = "Please call box.cfg{} first"

// notConfigured is the __index of box before box.cfg. Tarantool's error has the traceback in it.
func (b *Box) notConfigured(L *lua.LState) int {
	const place = "builtin/box/load_cfg.lua:599: "
	vm.RaiseString(L, -1, "%s", b.host.VM().Traceback(L, place+notConfiguredText, 1))
	return 0
}

// cfg is box.cfg(options): configure the instance the first time, change dynamic options later.
func (b *Box) cfg(L *lua.LState) int {
	given := L.Get(1)
	if given == b.inst.options && b.inst.options != nil {
		given = L.Get(2) // called as the table box.cfg
	}
	if _, ok := given.(*lua.LTable); !ok && !vm.IsNil(given) {
		vm.RaiseString(L, -1, "builtin/box/load_cfg.lua:19: builtin/box/load_cfg.lua:410: "+
			"bad argument #1 to 'pairs' (table expected, got %s)", vm.TypeName(given))
	}
	f := b.host.Sched().Current()
	for b.inst.busy {
		b.inst.idle.Wait(f, sched.Forever)
		if err := f.CheckCancelled(); err != nil {
			b.raise(L, err)
		}
	}
	b.inst.busy = true
	defer func() {
		b.inst.busy = false
		b.inst.idle.Broadcast()
	}()
	options, err := b.prepare(L, given)
	if err != nil {
		b.raise(L, err)
	}
	if b.inst.options == nil {
		b.load(L, options)
	} else {
		b.reload(L, options)
	}
	return 0
}

// prepare reads a table of options: names that are known, types that fit, new names for old ones. A value that is
// lua.LNil takes the option back.
func (b *Box) prepare(L *lua.LState, given lua.LValue) (settings, error) {
	out := settings{}
	t, ok := given.(*lua.LTable)
	if !ok {
		return out, nil
	}
	all := make(map[string]lua.LValue)
	var names []string
	t.ForEach(func(k, v lua.LValue) {
		names = append(names, k.String())
		all[k.String()] = v
	})
	sort.Strings(names)
	for _, name := range names {
		name, value, err := b.renamed(L, name, all[name])
		if err != nil {
			return nil, err
		}
		o := optionByName(name)
		if o == nil {
			return nil, badOption(name, "unexpected option")
		}
		if vm.IsNil(value) {
			out[name] = lua.LNil
			continue
		}
		if reason := o.checkType(value); reason != "" {
			return nil, badOption(name, reason)
		}
		out[name] = value
	}
	return out, nil
}

func badOption(name, reason string) error { return boxerr.New(boxerr.Cfg, name, reason) }

// load is the first box.cfg.
func (b *Box) load(L *lua.LState, given settings) {
	all := defaults()
	for name, value := range given {
		if value != lua.LNil {
			all[name] = value
		}
	}
	if err := b.check(all); err != nil {
		b.raise(L, err)
	}
	b.inst.options = L.NewTable()
	for name, value := range all {
		b.inst.options.RawSetString(name, value)
	}
	if err := b.start(L, all); err != nil {
		b.inst.options = nil
		b.raise(L, err)
	}
	b.inst.options.Metatable = b.optionsMeta(L)
	b.unlock()
	b.exports.RawSetString("cfg", b.inst.options)
	b.afterStart(all)
	before := defaults()
	for _, o := range options {
		if value, ok := all[o.name]; ok && !sameValue(before[o.name], value) || o.name == "log_level" || o.name == "log_format" {
			b.sayOption(L, o.name, value)
		}
	}
}

func (b *Box) optionsMeta(L *lua.LState) *lua.LTable {
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(b.cfg))
	meta.RawSetString("__newindex", L.NewFunction(func(L *lua.LState) int {
		vm.RaiseString(L, -1, "builtin/box/load_cfg.lua:653: Attempt to modify a read-only table")
		return 0
	}))
	return meta
}

// reload is a later box.cfg: all options are checked before the first one changes.
func (b *Box) reload(L *lua.LState, given settings) {
	current := b.inst.options
	all := settings{}
	current.ForEach(func(k, v lua.LValue) { all[k.String()] = v })
	var changed []*option
	for _, o := range options {
		value, ok := given[o.name]
		if !ok || sameValue(current.RawGetString(o.name), value) {
			continue
		}
		if (o.name == "log" || o.name == "log_nonblock") && value != lua.LNil {
			b.raise(L, badOption(o.name, "can't be set dynamically"))
		}
		if !o.dynamic && !b.isOwn(o.name, value) {
			b.fail(L, boxerr.ReloadCfg, o.name)
		}
		if value == lua.LNil && o.value != nil {
			// An option that is taken back has its default again.
			value = o.value
			given[o.name] = value
		}
		all[o.name] = value
		if value == lua.LNil {
			delete(all, o.name)
		}
		changed = append(changed, o)
	}
	if err := b.checkChanged(all, changed); err != nil {
		b.raise(L, err)
	}
	for _, o := range changed {
		if o.grows && lua.LVAsNumber(given[o.name]) < lua.LVAsNumber(current.RawGetString(o.name)) {
			b.raise(L, badOption(o.name, "cannot decrease memory size at runtime"))
		}
	}
	for _, o := range changed {
		value, old := given[o.name], current.RawGetString(o.name)
		current.RawSetString(o.name, value)
		if err := b.apply(o.name, value); err != nil {
			current.RawSetString(o.name, old)
			b.raise(L, err)
		}
		b.sayOption(L, o.name, value)
	}
}

// isOwn tells whether a static option is given the value that the instance has anyway.
func (b *Box) isOwn(name string, value lua.LValue) bool {
	switch name {
	case "instance_uuid":
		return value == lua.LString(b.inst.store.InstanceUUID().String())
	case "replicaset_uuid":
		return value == lua.LString(b.db.ClusterUUID())
	}
	return false
}

func (b *Box) sayOption(L *lua.LState, name string, value lua.LValue) {
	o := serial.Default()
	text, err := json.Append(nil, L, value, &o)
	if err != nil {
		text = []byte(value.String())
	}
	b.sayf(say.Info, "set '%s' configuration option to %s", name, text)
}

// sayf logs for the calling fiber.
func (b *Box) sayf(level say.Level, format string, args ...any) {
	b.say(say.Entry{Level: level, Message: sprintf(format, args)})
}

func (b *Box) say(e say.Entry) {
	if f := b.host.Sched().Current(); f != nil && e.FiberID == 0 && e.Cord == "" {
		e.FiberID, e.FiberName = f.ID(), f.Name()
	}
	b.host.Log().Say(e)
}

// sameValue compares options: tables by their items.
func sameValue(a, b lua.LValue) bool {
	x, ok := a.(*lua.LTable)
	y, okY := b.(*lua.LTable)
	if ok && okY {
		if x.Len() != y.Len() {
			return false
		}
		for i := 1; i <= x.Len(); i++ {
			if !sameValue(vm.GetInt(x, i), vm.GetInt(y, i)) {
				return false
			}
		}
		return true
	}
	if a == nil {
		a = lua.LNil
	}
	return a == b
}
