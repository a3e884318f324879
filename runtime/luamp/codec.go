package luamp

import (
	"hash/maphash"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Options are the serializer's settings and what only MessagePack can hold.
type Options struct {
	// Handlers append cdata of types that scripts taught the encoder, by the name of the type; nil for none.
	Handlers map[string]Handler
	serial.Options
	// ErrorAsExt writes error objects as extensions instead of by their
	// __serialize, which makes a string of them.
	ErrorAsExt bool
}

// Default returns the settings that msgpack.cfg shows at first.
func Default() Options { return Options{Options: serial.Default()} }

// Extension makes a Lua value of the contents of an extension. The bytes are
// the caller's: keep a copy. An error says that they are malformed.
type Extension func(L *lua.LState, data []byte) (lua.LValue, error)

// Codec is the converter of one VM.
type Codec struct {
	hints *serial.Hints
	exts  map[int8]Extension
	idle  *encoder
	vm    *vm.VM
	names names
}

const codecKey = "shardlua.luamp"

// Handler appends the msgpack of a cdata value.
type Handler func(L *lua.LState, dst []byte, v lua.LValue) ([]byte, error)

// Of returns the codec of the VM that a thread belongs to.
func Of(L *lua.LState) *Codec {
	if owner, ok := L.G.Registry.RawGetString(codecKey).(*lua.LUserData); ok {
		return owner.Value.(*Codec)
	}
	c := &Codec{hints: serial.HintsOf(L), exts: map[int8]Extension{}, vm: vm.Of(L)}
	c.names.seed = maphash.MakeSeed()
	owner := L.NewUserData()
	owner.Value = c
	L.G.Registry.RawSetString(codecKey, owner)
	return c
}

// Extension names the function that reads an extension type; mp.ExtDecimal,
// mp.ExtUUID and mp.ExtError are Tarantool's.
func (c *Codec) Extension(typ int8, read Extension) { c.exts[typ] = read }

// Append is [Codec.Append] of the thread's VM.
func Append(dst []byte, L *lua.LState, v lua.LValue, o *Options) ([]byte, error) {
	return Of(L).Append(dst, L, v, o)
}

// Decode is [Codec.Decode] of the thread's VM.
func Decode(L *lua.LState, data []byte, o *Options) (v lua.LValue, rest []byte, err error) {
	return Of(L).Decode(L, data, o)
}
