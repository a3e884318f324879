package netbox

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
	"shardlua/runtime/sched"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

func errIterator(name string) *boxerr.Error { return boxerr.New(boxerr.IteratorType, name) }

const requestField = "_request"

// openFutures makes what scripts can do with a request that they do not wait for.
func (lib *library) openFutures(L *lua.LState) {
	index := L.NewTable()
	for name, fn := range map[string]lua.LGFunction{
		"is_ready":    lib.futureIsReady,
		"result":      lib.futureResult,
		"wait_result": lib.futureWaitResult,
		"discard":     lib.futureDiscard,
		"pairs":       lib.futurePairs,
	} {
		index.RawSetString(name, L.NewFunction(fn))
	}
	lib.futureMeta = L.NewTable()
	lib.futureMeta.RawSetString("__index", index)
	lib.step = L.NewFunction(lib.futureStep)
}

func (lib *library) pushFuture(L *lua.LState, r *request) int {
	ud := L.NewUserData()
	ud.Value = r
	future := L.NewTable()
	future.RawSetString(requestField, ud)
	future.RawSetString("id", lua.LNumber(r.sync))
	future.Metatable = lib.futureMeta
	L.Push(future)
	return 1
}

func (lib *library) future(L *lua.LState, method string) *request {
	if t, ok := L.Get(1).(*lua.LTable); ok {
		if ud, ok := t.RawGetString(requestField).(*lua.LUserData); ok {
			if r, ok := ud.Value.(*request); ok {
				return r
			}
		}
	}
	vm.RaiseString(L, -1, "Use future:%s(...) instead of future.%s(...):", method, method)
	return nil
}

func (lib *library) futureIsReady(L *lua.LState) int {
	L.Push(lua.LBool(lib.future(L, "is_ready").done))
	return 1
}

// settled is what future:result gives: the value, or nil and why there is none.
func (lib *library) settled(L *lua.LState, r *request) int {
	switch {
	case !r.done:
		return lib.none(L, noConnection("Response is not ready"))
	case r.err != nil:
		return lib.none(L, r.err)
	}
	L.Push(r.whole(L))
	return 1
}

// whole is the result as one value: a call's results are a table.
func (r *request) whole(L *lua.LState) lua.LValue {
	switch {
	case r.list != nil:
		return r.list
	case r.buffer == nil && r.mode == modeCall:
		t := serial.NewArray(L, append([]lua.LValue(nil), r.values...))
		t.Metatable = serial.HintsOf(L).Array
		return t
	case len(r.values) == 0:
		return lua.LNil
	}
	return r.values[0]
}

func (lib *library) none(L *lua.LState, err *boxerr.Error) int {
	L.Push(lua.LNil)
	L.Push(errno.Value(lib.host, err))
	return 2
}

func (lib *library) futureResult(L *lua.LState) int {
	r := lib.future(L, "result")
	if !r.done {
		e := boxerr.Newf(boxerr.ClassLuajitError, "Response is not ready")
		e.Type, e.Code = boxerr.ClassClientError, uint32(boxerr.ProcLua)
		return lib.none(L, e)
	}
	return lib.settled(L, r)
}

func (lib *library) futureWaitResult(L *lua.LState) int {
	r := lib.future(L, "wait_result")
	timeout := sched.Forever
	if v := L.Get(2); !vm.IsNil(v) {
		n, ok := v.(lua.LNumber)
		if !ok || n < 0 {
			vm.RaiseString(L, -1, "builtin/box/net_box.lua:408: Usage: future:wait_result(timeout)")
		}
		timeout = seconds(float64(n))
	}
	f := lib.host.Sched().Current()
	clock := lib.host.Machine().Clock
	deadline := clock.Monotonic() + timeout
	for !r.done {
		left := sched.Forever
		if timeout >= 0 {
			if left = deadline - clock.Monotonic(); left <= 0 {
				return lib.none(L, boxerr.New(boxerr.Timeout))
			}
		}
		r.cond.Wait(f, left)
	}
	return lib.settled(L, r)
}

// futureDiscard gives a request up: its reply is dropped.
func (lib *library) futureDiscard(L *lua.LState) int {
	r := lib.future(L, "discard")
	if r.done {
		return 0
	}
	delete(r.transport.pending, r.sync)
	e := boxerr.Newf(boxerr.ClassLuajitError, "Response is discarded")
	e.Type, e.Code = boxerr.ClassClientError, uint32(boxerr.ProcLua)
	r.fail(e)
	return 0
}

// futurePairs is future:pairs([timeout]): the messages pushed, then the result.
func (lib *library) futurePairs(L *lua.LState) int {
	r := lib.future(L, "pairs")
	timeout := sched.Forever
	if v := L.Get(2); !vm.IsNil(v) {
		n, ok := v.(lua.LNumber)
		if !ok || n < 0 {
			vm.RaiseString(L, -1, "builtin/box/net_box.lua:479: Usage: future:pairs(timeout)")
		}
		timeout = seconds(float64(n))
	}
	ud := L.NewUserData()
	ud.Value = &futureWalk{request: r, timeout: timeout}
	L.Push(lib.step)
	L.Push(ud)
	L.Push(lua.LNumber(0))
	return 3
}

// futureStep is one step of a for loop over a future. An error comes as nil and the error, after which the loop ends.
func (lib *library) futureStep(L *lua.LState) int {
	ud, _ := L.Get(1).(*lua.LUserData)
	w, ok := ud.Value.(*futureWalk)
	if !ok {
		vm.RaiseString(L, -1, "usage: next(param, state)")
	}
	r := w.request
	n, ok := L.Get(2).(lua.LNumber)
	if !ok || w.ended {
		L.Push(lua.LNil)
		return 1
	}
	i := int(n)
	f := lib.host.Sched().Current()
	clock := lib.host.Machine().Clock
	deadline := clock.Monotonic() + w.timeout
	for {
		if i < len(r.chunks) {
			L.Push(lua.LNumber(i + 1))
			L.Push(r.chunks[i])
			return 2
		}
		if r.done {
			break
		}
		left := sched.Forever
		if w.timeout >= 0 {
			if left = deadline - clock.Monotonic(); left <= 0 {
				w.ended = true
				L.Push(vm.Null)
				L.Push(errno.Value(lib.host, boxerr.New(boxerr.Timeout)))
				return 2
			}
		}
		r.cond.Wait(f, left)
	}
	if i > len(r.chunks) {
		L.Push(lua.LNil)
		return 1
	}
	if r.err != nil {
		w.ended = true
		L.Push(vm.Null)
		L.Push(errno.Value(lib.host, r.err))
		return 2
	}
	L.Push(lua.LNumber(i + 1))
	L.Push(r.whole(L))
	return 2
}

// futureWalk is the state of a loop over a future.
type futureWalk struct {
	request *request
	timeout time.Duration
	ended   bool
}
