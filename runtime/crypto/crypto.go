// Package crypto is the Lua module `crypto`: digests, HMACs and ciphers, at once or as streams.
package crypto

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `crypto`: digest.NAME(text), hmac.NAME(key, text), hmac.NAME_hex(key, text) and
// cipher.ALGORITHM.MODE.encrypt(text, key, iv) and decrypt; each has new(…), which makes a stream with init, update,
// result and free.
var Module = module.Module{Name: "crypto", Open: open}

func open(h module.Host, L *lua.LState) lua.LValue {
	exports, parts, algos, modes := L.NewTable(), L.NewTable(), L.NewTable(), L.NewTable()
	for _, a := range algorithms {
		algos.RawSetString(a.name, lua.LNumber(a.number))
	}
	for i, name := range cipherModes {
		modes.RawSetString(name, lua.LNumber(i))
	}
	exports.RawSetString("cipher_algo", algos)
	exports.RawSetString("cipher_mode", modes)
	parts.RawSetString("digest", digestTable(L))
	parts.RawSetString("hmac", hmacTable(L))
	parts.RawSetString("cipher", cipherTable(h, L))
	meta := L.NewTable()
	meta.RawSetString("__index", parts)
	meta.RawSetString("__serialize", L.NewFunction(func(L *lua.LState) int {
		L.Push(parts)
		return 1
	}))
	L.SetMetatable(exports, meta)
	return exports
}

// codec is the Go side of a cipher stream in Lua; its key and IV stand in the Lua table.
type codec struct{ cipher *Cipher }

func cipherTable(h module.Host, L *lua.LState) *lua.LTable {
	table := L.NewTable()
	for _, a := range algorithms {
		byMode := L.NewTable()
		for _, mode := range cipherModes {
			both := L.NewTable()
			both.RawSetString("encrypt", direction(h, L, a.name, mode, false))
			both.RawSetString("decrypt", direction(h, L, a.name, mode, true))
			byMode.RawSetString(mode, both)
		}
		unknown := L.NewTable()
		unknown.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
			vm.RaiseString(L, 0, "builtin/crypto.lua:388: Cipher mode %s is not supported", L.Get(2).String())
			return 0
		}))
		L.SetMetatable(byMode, unknown)
		table.RawSetString(a.name, byMode)
	}
	L.SetMetatable(table, unknownMethod(L, "Cipher"))
	return table
}

func raise(h module.Host, L *lua.LState, err *boxerr.Error) { vm.Raise(L, errno.Value(h, err)) }

// bytesOf reads a key, an IV or a text; a number counts as its text.
func bytesOf(v lua.LValue) ([]byte, bool) {
	switch v.(type) {
	case lua.LString, lua.LNumber:
		return []byte(v.String()), true
	}
	return nil, false
}

// direction makes the table that encrypts or decrypts.
func direction(h module.Host, L *lua.LState, algo, mode string, decrypt bool) *lua.LTable {
	meta := L.NewTable()
	// start makes the cipher of a stream that has both its key and its IV.
	start := func(L *lua.LState, t *lua.LTable, c *codec) {
		key, ok1 := bytesOf(t.RawGetString("key"))
		iv, ok2 := bytesOf(t.RawGetString("iv"))
		c.cipher = nil
		if ok1 && ok2 {
			made, err := NewCipher(algo, mode, decrypt, key, iv)
			if err != nil {
				raise(h, L, err)
			}
			c.cipher = made
		}
		t.RawSetString("is_initialized", lua.LBool(c.cipher != nil))
	}
	self := func(L *lua.LState) (*lua.LTable, *codec) {
		if t, ok := L.Get(1).(*lua.LTable); ok {
			if ctx, ok := t.RawGetString("ctx").(*lua.LUserData); ok {
				if c, ok := ctx.Value.(*codec); ok {
					return t, c
				}
			}
		}
		vm.RaiseString(L, 1, "Cipher not initialized")
		return nil, nil
	}
	meta.RawSetString("__index", L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"init": func(L *lua.LState) int {
			t, c := self(L)
			for i, name := range []string{"key", "iv"} {
				if v := L.Get(i + 2); !vm.IsNil(v) {
					t.RawSetString(name, v)
				}
			}
			start(L, t, c)
			return 0
		},
		"update": func(L *lua.LState) int {
			_, c := self(L)
			if c.cipher == nil {
				vm.RaiseString(L, 1, "Cipher not initialized")
			}
			input, ok := L.Get(2).(lua.LString)
			if !ok {
				vm.RaiseString(L, 0, "builtin/crypto.lua:272: Usage: cipher:update(string)")
			}
			L.Push(lua.LString(c.cipher.Update([]byte(input))))
			return 1
		},
		"result": func(L *lua.LState) int {
			t, c := self(L)
			if c.cipher == nil {
				vm.RaiseString(L, 1, "Cipher not initialized")
			}
			out, err := c.cipher.Final()
			c.cipher = nil
			t.RawSetString("is_initialized", lua.LFalse)
			if err != nil {
				raise(h, L, err)
			}
			L.Push(lua.LString(out))
			return 1
		},
		"free": func(L *lua.LState) int {
			t, c := self(L)
			c.cipher = nil
			t.RawSetString("is_initialized", lua.LFalse)
			t.RawSetString("key", lua.LNil)
			t.RawSetString("iv", lua.LNil)
			return 0
		},
	}))
	table := L.NewTable()
	table.RawSetString("new", L.NewFunction(func(L *lua.LState) int {
		t := L.NewTable()
		c := &codec{}
		ctx := L.NewUserData()
		ctx.Value = c
		t.RawSetString("ctx", ctx)
		t.RawSetString("key", L.Get(1))
		t.RawSetString("iv", L.Get(2))
		t.Metatable = meta
		start(L, t, c)
		L.Push(t)
		return 1
	}))
	callable(L, table, func(L *lua.LState) int {
		L.Push(lua.LString(Apply(h, L, algo, mode, decrypt)))
		return 1
	})
	return table
}

// Apply encrypts or decrypts the first argument with the key and the IV that are the second and the third.
func Apply(h module.Host, L *lua.LState, algo, mode string, decrypt bool) []byte {
	key, ok1 := bytesOf(L.Get(2))
	iv, ok2 := bytesOf(L.Get(3))
	if !ok1 || !ok2 {
		vm.RaiseString(L, 0, "builtin/crypto.lua:414: Cipher not initialized")
	}
	c, err := NewCipher(algo, mode, decrypt, key, iv)
	if err != nil {
		raise(h, L, err)
	}
	input, ok := L.Get(1).(lua.LString)
	if !ok {
		vm.RaiseString(L, 0, "builtin/crypto.lua:272: Usage: cipher:update(string)")
	}
	out := c.Update([]byte(input))
	rest, err := c.Final()
	if err != nil {
		raise(h, L, err)
	}
	return append(out, rest...)
}
