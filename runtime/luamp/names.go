package luamp

import (
	"hash/maphash"

	lua "github.com/yuin/gopher-lua"
)

// names remembers short strings that were read, as Lua values. What is sent over and over, the names of functions, fields
// and states, costs no memory then.
type names struct {
	seed maphash.Seed
	last [512]lua.LValue // by hash; a string takes the place of the one before it
}

// maxName is the longest string in bytes that is remembered.
const maxName = 40

func (n *names) value(b []byte) lua.LValue {
	if len(b) > maxName {
		return lua.LString(b)
	}
	place := &n.last[maphash.Bytes(n.seed, b)%uint64(len(n.last))]
	if s, ok := (*place).(lua.LString); ok && string(s) == string(b) {
		return *place
	}
	v := lua.LValue(lua.LString(b))
	*place = v
	return v
}
