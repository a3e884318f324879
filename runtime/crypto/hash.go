package crypto

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/crypto/md4"       //lint:ignore SA1019 scripts ask for it by name
	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 scripts ask for it by name

	"shardlua/runtime/vm"
)

// Digest is the hash function with that name, nil when there is none.
func Digest(name string) func() hash.Hash {
	switch name {
	case "md4":
		return md4.New
	case "md5":
		return md5.New
	case "ripemd160":
		return ripemd160.New
	case "sha1":
		return sha1.New
	case "sha224":
		return sha256.New224
	case "sha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	}
	return nil
}

// digests are the names that Digest knows, in the module's tables.
var digests = [...]string{"md4", "md5", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512"}

// stream is a hash that a script feeds step by step.
type stream struct {
	hash  hash.Hash
	ready bool
}

// streamOf is the stream behind an object of Lua.
func streamOf(L *lua.LState, kind string) *stream {
	if t, ok := L.Get(1).(*lua.LTable); ok {
		if ctx, ok := t.RawGetString("ctx").(*lua.LUserData); ok {
			if s, ok := ctx.Value.(*stream); ok {
				if !s.ready {
					vm.RaiseString(L, 1, "%s not initialized", kind)
				}
				return s
			}
		}
	}
	vm.RaiseString(L, 1, "%s not initialized", kind)
	return nil
}

// streamMethods are update, result and free of a digest or an HMAC.
func streamMethods(L *lua.LState, kind string, line int) *lua.LTable {
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"update": func(L *lua.LState) int {
			s := streamOf(L, kind)
			input, ok := L.Get(2).(lua.LString)
			if !ok {
				vm.RaiseString(L, 0, "builtin/crypto.lua:%d: attempt to index local 'input' (a %s value)", line,
					vm.TypeName(L.Get(2)))
			}
			s.hash.Write([]byte(input))
			return 0
		},
		"result": func(L *lua.LState) int {
			s := streamOf(L, kind)
			s.ready = false
			L.Push(lua.LString(s.hash.Sum(nil)))
			return 1
		},
		"free": func(L *lua.LState) int {
			streamOf(L, kind).ready = false
			return 0
		},
	})
}

// object makes the Lua object of a stream.
func object(L *lua.LState, s *stream, meta *lua.LTable) *lua.LTable {
	t := L.NewTable()
	ctx := L.NewUserData()
	ctx.Value = s
	t.RawSetString("ctx", ctx)
	t.RawSetString("initialized", lua.LTrue)
	t.Metatable = meta
	return t
}

// unknownMethod makes the __index that names what is missing.
func unknownMethod(L *lua.LState, kind string) *lua.LTable {
	meta := L.NewTable()
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		vm.RaiseString(L, 1, "%s method \"%s\" is not supported", kind, L.Get(2).String())
		return 0
	}))
	return meta
}

func callable(L *lua.LState, table *lua.LTable, fn lua.LGFunction) {
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(func(L *lua.LState) int {
		L.Remove(1)
		return fn(L)
	}))
	L.SetMetatable(table, meta)
}

func digestTable(L *lua.LState) *lua.LTable {
	table := L.NewTable()
	methods := streamMethods(L, "Digest", 125)
	methods.RawSetString("init", L.NewFunction(func(L *lua.LState) int {
		if t, ok := L.Get(1).(*lua.LTable); ok {
			if ctx, ok := t.RawGetString("ctx").(*lua.LUserData); ok {
				if s, ok := ctx.Value.(*stream); ok {
					s.hash.Reset()
					s.ready = true
				}
			}
		}
		return 0
	}))
	meta := L.NewTable()
	meta.RawSetString("__index", methods)
	for _, name := range digests {
		one := L.NewTable()
		one.RawSetString("new", L.NewFunction(func(L *lua.LState) int {
			L.Push(object(L, &stream{hash: Digest(name)(), ready: true}, meta))
			return 1
		}))
		callable(L, one, func(L *lua.LState) int {
			L.Push(lua.LString(Sum(L, name)))
			return 1
		})
		table.RawSetString(name, one)
	}
	L.SetMetatable(table, unknownMethod(L, "Digest"))
	return table
}

// Sum is the digest of the first argument, which must be a string.
func Sum(L *lua.LState, name string) []byte {
	input, ok := L.Get(1).(lua.LString)
	if !ok {
		vm.RaiseString(L, 0, "builtin/crypto.lua:323: Usage: digest.%s(string)", name)
	}
	h := Digest(name)()
	h.Write([]byte(input))
	return h.Sum(nil)
}

func hmacTable(L *lua.LState) *lua.LTable {
	table := L.NewTable()
	meta := L.NewTable()
	methods := streamMethods(L, "HMAC", 197)
	methods.RawSetString("init", L.NewFunction(func(L *lua.LState) int {
		key, ok := L.Get(2).(lua.LString)
		t, isTable := L.Get(1).(*lua.LTable)
		if !ok || !isTable {
			vm.RaiseString(L, 1, "Key should be specified for HMAC operations")
		}
		if ctx, ok := t.RawGetString("ctx").(*lua.LUserData); ok {
			if s, ok := ctx.Value.(*stream); ok {
				name, _ := t.RawGetString("digest").(lua.LString)
				s.hash = hmac.New(Digest(string(name)), []byte(key))
				s.ready = true
			}
		}
		return 0
	}))
	meta.RawSetString("__index", methods)
	for _, name := range digests {
		one := L.NewTable()
		one.RawSetString("new", L.NewFunction(func(L *lua.LState) int {
			key, ok := L.Get(1).(lua.LString)
			if !ok {
				vm.RaiseString(L, 1, "Key should be specified for HMAC operations")
			}
			t := object(L, &stream{hash: hmac.New(Digest(name), []byte(key)), ready: true}, meta)
			t.RawSetString("digest", lua.LString(name))
			L.Push(t)
			return 1
		}))
		mac := func(L *lua.LState, line int, shown string) []byte {
			key, ok1 := L.Get(1).(lua.LString)
			input, ok2 := L.Get(2).(lua.LString)
			if !ok1 || !ok2 {
				vm.RaiseString(L, 0, "builtin/crypto.lua:%d: Usage: hmac.%s(key, string)", line, shown)
			}
			h := hmac.New(Digest(name), []byte(key))
			h.Write([]byte(input))
			return h.Sum(nil)
		}
		callable(L, one, func(L *lua.LState) int {
			L.Push(lua.LString(mac(L, 346, name)))
			return 1
		})
		table.RawSetString(name, one)
		table.RawSetString(name+"_hex", L.NewFunction(func(L *lua.LState) int {
			L.Push(lua.LString(hex.EncodeToString(mac(L, 353, name+"_hex"))))
			return 1
		}))
	}
	L.SetMetatable(table, unknownMethod(L, "HMAC"))
	return table
}
