package fiber

import (
	"errors"
	"math"
	"strconv"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// maxChannel bounds the room of a channel, which is taken when the channel is made.
const maxChannel = 1 << 26

func (m *lib) openChannels(L *lua.LState) {
	m.channel = newClass(L, "fiber.channel", map[string]lua.LGFunction{
		"put": m.channelPut, "get": m.channelGet, "close": m.channelClose,
		"size":  channelNumber("size", (*sched.Channel).Size),
		"count": channelNumber("count", (*sched.Channel).Count),

		"is_empty":    channelFlag("is_empty", (*sched.Channel).Empty),
		"is_full":     channelFlag("is_full", (*sched.Channel).Full),
		"is_closed":   channelFlag("is_closed", (*sched.Channel).Closed),
		"has_readers": channelFlag("has_readers", (*sched.Channel).HasReaders),
		"has_writers": channelFlag("has_writers", (*sched.Channel).HasWriters),
	})
	m.channel.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		c := checkChannel(L, "channel: ")
		text := "channel: closed"
		if !c.Closed() {
			text = "channel: " + strconv.Itoa(c.Count())
		}
		L.Push(lua.LString(text))
		return 1
	}))
}

// newClass makes the metatable of a kind of userdata.
func newClass(L *lua.LState, name string, methods map[string]lua.LGFunction) *lua.LTable {
	meta, index := L.NewTable(), L.NewTable()
	for method, fn := range methods {
		f := L.NewFunction(fn)
		index.RawSetString(method, f)
		meta.RawSetString(method, f)
	}
	meta.RawSetString("__index", index)
	meta.RawSetString("__metatable", lua.LString(name))
	return meta
}

func (m *lib) luaChannel(L *lua.LState) int {
	size := 0.0
	if v := L.Get(1); v != lua.LNil {
		n, ok := vm.ToNumber(v)
		if !ok {
			vm.RaiseString(L, 1, "fiber.channel(size): bad arguments")
		}
		size = math.Trunc(n)
	}
	switch {
	case size < 0:
		vm.RaiseString(L, 1, "fiber.channel(size): negative size")
	case !(size <= maxChannel):
		vm.RaiseString(L, 1, "fiber.channel: not enough memory")
	}
	L.Push(&lua.LUserData{Value: sched.NewChannel(int(size)), Metatable: m.channel, Env: L.Env})
	return 1
}

// checkChannel returns the channel that the first argument is. Usage is what to say when there is no argument.
func checkChannel(L *lua.LState, usage string) *sched.Channel {
	if L.GetTop() < 1 {
		vm.RaiseString(L, 1, "usage: channel:%s", usage)
	}
	if ud, ok := L.Get(1).(*lua.LUserData); ok {
		if c, ok := ud.Value.(*sched.Channel); ok {
			return c
		}
	}
	vm.TypeError(L, 1, "fiber.channel")
	return nil
}

// timeout reads an optional number of seconds that must not be negative.
func timeout(L *lua.LState, n int) (d time.Duration, ok bool) {
	if L.Get(n) == lua.LNil {
		return sched.Forever, true
	}
	seconds, ok := vm.ToNumber(L.Get(n))
	if !ok || seconds < 0 {
		return 0, false
	}
	return duration(seconds), true
}

func (m *lib) channelPut(L *lua.LState) int {
	const usage = "put(var [, timeout])"
	c := checkChannel(L, usage)
	limit, ok := timeout(L, 3)
	if !ok || L.GetTop() < 2 {
		vm.RaiseString(L, 1, "usage: channel:%s", usage)
	}
	err := c.Put(m.current(), L.Get(2), limit)
	m.checkWait(L, err)
	L.Push(lua.LBool(err == nil))
	return 1
}

func (m *lib) channelGet(L *lua.LState) int {
	const usage = "get([timeout])"
	c := checkChannel(L, usage)
	limit, ok := timeout(L, 2)
	if !ok {
		vm.RaiseString(L, 1, "usage: channel:%s", usage)
	}
	value, err := c.Get(m.current(), limit)
	m.checkWait(L, err)
	if v, ok := value.(lua.LValue); ok {
		L.Push(v)
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

// checkWait notes how a wait failed as the fiber's last error, and raises the error of a cancelled fiber.
func (m *lib) checkWait(L *lua.LState, err error) {
	f := m.current()
	switch {
	case err == nil:
	case errors.Is(err, sched.ErrCancelled):
		m.raiseCancelled(L, f)
	case errors.Is(err, sched.ErrChannelClosed):
		f.Diag = boxerr.Newf(boxerr.ClassChannelIsClosed, "%s", err.Error())
	default:
		f.Diag = boxerr.Newf(boxerr.ClassTimedOut, "%s", sched.ErrTimeout.Error())
	}
}

func (m *lib) channelClose(L *lua.LState) int {
	checkChannel(L, "close()").Close()
	return 0
}

func channelNumber(name string, get func(*sched.Channel) int) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LNumber(get(checkChannel(L, name+"()"))))
		return 1
	}
}

func channelFlag(name string, get func(*sched.Channel) bool) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LBool(get(checkChannel(L, name+"()"))))
		return 1
	}
}
