package fiber

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// maxName is the length of the longest name, in bytes.
const maxName = 255

// handle is what a script holds of a fiber. Its userdata is sched.Fiber.Owner.
type handle struct {
	fiber    *sched.Fiber
	id       uint64
	joinable bool
	buried   bool // ended while joinable; waits for its join
	gone     bool // buried and joined
	joiners  sched.Cond
	results  []lua.LValue
	err      error
}

// handleOf returns the handle of a fiber if a script has asked for it.
func handleOf(f *sched.Fiber) *handle {
	if ud, ok := f.Owner.(*lua.LUserData); ok {
		hd, _ := ud.Value.(*handle)
		return hd
	}
	return nil
}

// userdata returns the handle of a living fiber as scripts see it.
func (m *lib) userdata(f *sched.Fiber) *lua.LUserData {
	if ud, ok := f.Owner.(*lua.LUserData); ok {
		return ud
	}
	ud := &lua.LUserData{Value: &handle{fiber: f, id: f.ID()}, Metatable: m.meta, Env: m.host.VM().State().Env}
	f.Owner = ud
	return ud
}

// dead tells whether the fiber is gone.
func (hd *handle) dead() bool {
	switch {
	case hd.buried:
		return hd.gone
	case hd.fiber == nil:
		return true
	case hd.fiber.Ended():
		hd.fiber = nil
		return true
	}
	return false
}

// bury keeps what a joinable fiber left until somebody joins it.
func (m *lib) bury(hd *handle, results []lua.LValue, err error) {
	hd.fiber.Keep()
	hd.buried, hd.results, hd.err = true, results, err
	m.zombies[hd.id] = hd
	hd.joiners.Broadcast()
}

func (m *lib) openHandles(L *lua.LState) {
	m.meta, m.methods = L.NewTable(), L.NewTable()
	for name, fn := range m.methodFuncs() {
		method := L.NewFunction(fn)
		m.methods.RawSetString(name, method)
		m.meta.RawSetString(name, method)
	}
	m.meta.RawSetString("__index", L.NewFunction(m.luaIndex))
	m.meta.RawSetString("__tostring", L.NewFunction(m.luaToString))
	m.meta.RawSetString("__serialize", L.NewFunction(m.luaSerialize))
	m.meta.RawSetString("__metatable", lua.LString("fiber"))
}

// methodFuncs are the functions that the module and the handles have in common.
func (m *lib) methodFuncs() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"id": m.luaID, "name": m.luaName, "status": m.luaStatus, "cancel": m.luaCancel, "testcancel": m.luaTestCancel,
		"wakeup": m.luaWakeup, "join": m.luaJoin, "set_joinable": m.luaSetJoinable,
	}
}

// find returns the living fiber, or the one that waits to be joined, with that id; nil when there is none.
func (m *lib) find(id uint64) *lua.LUserData {
	if hd := m.zombies[id]; hd != nil {
		return hd.fiber.Owner.(*lua.LUserData)
	}
	if f := m.host.Sched().Find(id); f != nil {
		return m.userdata(f)
	}
	return nil
}

// toHandle is the fiber that the n-th argument is: nil when it is none.
func toHandle(L *lua.LState, n int) *handle {
	if ud, ok := L.Get(n).(*lua.LUserData); ok {
		hd, _ := ud.Value.(*handle)
		return hd
	}
	return nil
}

// check returns the fiber that the n-th argument is or has as its number, and raises an error when it is dead.
func (m *lib) check(L *lua.LState, n int) *handle {
	hd := toHandle(L, n)
	if id, ok := L.Get(n).(lua.LNumber); ok && id >= 0 {
		if ud := m.find(uint64(id)); ud != nil {
			hd = ud.Value.(*handle)
		} else {
			raiseDead(L)
		}
	} else if ok {
		raiseDead(L)
	}
	if hd == nil {
		vm.TypeError(L, n, "fiber")
	}
	if hd.dead() {
		raiseDead(L)
	}
	return hd
}

func raiseDead(L *lua.LState) { vm.RaiseString(L, 1, "the fiber is dead") }

// checkCancelled raises the error of a cancelled fiber.
func (m *lib) checkCancelled(L *lua.LState) {
	if f := m.current(); f.Cancelled() {
		m.raiseCancelled(L, f)
	}
}

func (m *lib) raiseCancelled(L *lua.LState, f *sched.Fiber) {
	err := boxerr.Newf(boxerr.ClassFiberIsCancelled, "%s", sched.ErrCancelled.Error()).At("./src/lua/fiber.c", 46)
	f.Diag = err
	vm.Raise(L, errno.Value(m.host, err))
}

// RaiseCancelled raises the error that a wait point of a cancelled fiber raises.
func RaiseCancelled(h module.Host, L *lua.LState) { of(h).raiseCancelled(L, h.Sched().Current()) }

func (m *lib) luaID(L *lua.LState) int {
	if L.GetTop() == 0 {
		L.Push(lua.LNumber(m.current().ID()))
		return 1
	}
	hd := toHandle(L, 1)
	if hd == nil {
		vm.TypeError(L, 1, "fiber")
	}
	L.Push(lua.LNumber(hd.id))
	return 1
}

func (m *lib) luaStatus(L *lua.LState) int {
	status := "running"
	if L.GetTop() > 0 {
		hd := toHandle(L, 1)
		if hd == nil {
			vm.TypeError(L, 1, "fiber")
		}
		status = m.status(hd)
	}
	L.Push(lua.LString(status))
	return 1
}

// status is Tarantool's word for what a fiber does. One that waits to be joined counts as suspended.
func (m *lib) status(hd *handle) string {
	switch {
	case hd.dead():
		return "dead"
	case hd.fiber == m.current():
		return "running"
	}
	return "suspended"
}

func (m *lib) luaName(L *lua.LState) int {
	f, n := m.current(), 1
	if toHandle(L, 1) != nil {
		f, n = m.check(L, 1).fiber, 2
	}
	if L.GetTop() < n {
		L.Push(lua.LString(f.Name()))
		return 1
	}
	name, _, _ := strings.Cut(vm.CheckString(L, n), "\x00")
	if len(name) > maxName {
		opts, ok := L.Get(n + 1).(*lua.LTable)
		if !ok || !lua.LVAsBool(opts.RawGetString("truncate")) || opts.RawGetString("truncate").Type() != lua.LTBool {
			vm.RaiseString(L, 1, "Fiber name is too long")
		}
		name = name[:maxName]
	}
	f.SetName(name)
	return 0
}

func (m *lib) luaWakeup(L *lua.LState) int {
	m.check(L, 1).fiber.Wakeup()
	return 0
}

// luaCancel is fiber.cancel and fiber.kill; a fiber that cancels itself stops right there.
func (m *lib) luaCancel(L *lua.LState) int {
	m.check(L, 1).fiber.Cancel()
	m.checkCancelled(L)
	return 0
}

func (m *lib) luaTestCancel(L *lua.LState) int {
	if L.GetTop() > 0 {
		vm.RaiseString(L, 1, "fiber.testcancel(): bad arguments")
	}
	m.checkCancelled(L)
	return 0
}

func (m *lib) luaSetJoinable(L *lua.LState) int {
	if L.GetTop() != 2 {
		vm.RaiseString(L, 1, "fiber.set_joinable(id, yesno): bad arguments")
	}
	hd := m.check(L, 1)
	hd.joinable = lua.LVAsBool(L.Get(2))
	m.userdata(hd.fiber)
	return 0
}

// luaJoin waits for the end of a joinable fiber, and pushes true and its results, or false and its error. Being
// cancelled does not end the wait.
func (m *lib) luaJoin(L *lua.LState) int {
	hd := m.check(L, 1)
	if !hd.joinable {
		vm.RaiseString(L, 1, "the fiber is not joinable")
	}
	f := m.current()
	for !hd.buried {
		hd.joiners.Wait(f, sched.Forever)
	}
	if hd.gone {
		raiseDead(L)
	}
	hd.gone = true
	delete(m.zombies, hd.id)
	results, err := hd.results, hd.err
	hd.results, hd.err = nil, nil
	if err != nil {
		L.Push(lua.LFalse)
		L.Push(m.errorValue(err))
		return 2
	}
	L.Push(lua.LTrue)
	for _, v := range results {
		L.Push(v)
	}
	return 1 + len(results)
}

func (m *lib) luaIndex(L *lua.LState) int {
	key, ok := L.Get(2).(lua.LString)
	switch {
	case !ok:
		L.Push(lua.LNil)
	case key == "storage":
		f := m.check(L, 1).fiber
		if f.Storage == nil {
			f.Storage = L.NewTable()
		}
		storage, _ := f.Storage.(lua.LValue)
		L.Push(storage)
	default:
		L.Push(m.methods.RawGet(key))
	}
	return 1
}

func (m *lib) luaToString(L *lua.LState) int {
	hd := m.check(L, 1)
	L.Push(lua.LString("fiber: " + lua.LNumber(hd.id).String()))
	return 1
}

func (m *lib) luaSerialize(L *lua.LState) int {
	hd := toHandle(L, 1)
	if hd == nil {
		vm.TypeError(L, 1, "fiber")
	}
	if hd.dead() {
		L.Push(lua.LString("the fiber is dead"))
		return 1
	}
	t := L.NewTable()
	t.RawSetString("status", lua.LString(m.status(hd)))
	t.RawSetString("name", lua.LString(hd.fiber.Name()))
	t.RawSetString("id", lua.LNumber(hd.id))
	L.Push(t)
	return 1
}
