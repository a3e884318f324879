// Package digest is the Lua module `digest`: checksums, hashes, base64 and random bytes.
package digest

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/crypto"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `digest`: md4, md5, sha1, sha224, sha256, sha384, sha512 and their _hex forms; crc32,
// crc32_update, murmur; base64_encode(s[, {nopad, nowrap, urlsafe}]), base64_decode; pbkdf2 and pbkdf2_hex(password,
// salt[, iterations[, length]]); guava(n, buckets); urandom(n); aes256cbc.encrypt and decrypt(text, key, iv).
var Module = module.Module{Name: "digest", Open: open}

// What pbkdf2 does unless told, and the most that it gives.
const (
	iterations   = 100000
	derivedBytes = 128
)

func open(h module.Host, L *lua.LState) lua.LValue {
	exports := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"base64_encode": base64Encode, "base64_decode": base64Decode, "urandom": urandom, "guava": pushGuava,
		"crc32_update": func(L *lua.LState) int {
			text := input(L, 2, "builtin/digest.lua:203: Usage: digest.crc32_update(string)")
			state, ok := vm.ToNumber(L.Get(1))
			if !ok {
				vm.ArgError(L, 1, "cannot convert 'nil' to 'unsigned int'")
			}
			L.Push(lua.LNumber(crcUpdate(uint32(int64(state)), text)))
			return 1
		},
		"pbkdf2": func(L *lua.LState) int {
			L.Push(lua.LString(derive(h, L)))
			return 1
		},
		"pbkdf2_hex": func(L *lua.LState) int {
			L.Push(lua.LString(hex.EncodeToString(derive(h, L))))
			return 1
		},
	})
	for _, name := range []string{"md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"} {
		exports.RawSetString(name, L.NewFunction(func(L *lua.LState) int {
			L.Push(lua.LString(crypto.Sum(L, name)))
			return 1
		}))
		exports.RawSetString(name+"_hex", L.NewFunction(func(L *lua.LState) int {
			if _, ok := L.Get(1).(lua.LString); !ok {
				vm.RaiseString(L, 0, "builtin/digest.lua:255: Usage: digest.%s_hex(string)", name)
			}
			L.Push(lua.LString(hex.EncodeToString(crypto.Sum(L, name))))
			return 1
		}))
	}
	exports.RawSetString("crc32", crcTable(L))
	exports.RawSetString("murmur", murmurTable(L))
	aes := L.NewTable()
	for name, decrypt := range map[string]bool{"encrypt": false, "decrypt": true} {
		aes.RawSetString(name, L.NewFunction(func(L *lua.LState) int {
			L.Push(lua.LString(crypto.Apply(h, L, "aes256", "cbc", decrypt)))
			return 1
		}))
	}
	exports.RawSetString("aes256cbc", aes)
	return exports
}

// derive works off the baton: that it takes long is its purpose.
func derive(h module.Host, L *lua.LState) []byte {
	password, ok1 := L.Get(1).(lua.LString)
	salt, ok2 := L.Get(2).(lua.LString)
	if !ok1 || !ok2 {
		vm.RaiseString(L, 0, "builtin/digest.lua:147: Usage: digest.pbkdf2(pass, salt[,iters][,digest_len])")
	}
	rounds, size := lua.LNumber(iterations), lua.LNumber(derivedBytes)
	if v := L.Get(3); !vm.IsNil(v) {
		n, ok := v.(lua.LNumber)
		if !ok {
			vm.RaiseString(L, 0, "builtin/digest.lua:150: iters must be a number")
		}
		rounds = n
	}
	if v := L.Get(4); !vm.IsNil(v) {
		n, ok := v.(lua.LNumber)
		if !ok {
			vm.RaiseString(L, 0, "builtin/digest.lua:154: digest_len must be a number")
		}
		size = n
	}
	if size > derivedBytes {
		vm.RaiseString(L, 0, "builtin/digest.lua:158: too big digest size")
	}
	var out []byte
	var err error
	h.Sched().Current().Await(func(done func()) {
		go func() {
			defer done()
			out, err = pbkdf2.Key(sha256.New, string(password), []byte(salt), max(int(rounds), 1), max(int(size), 0))
		}()
	})
	if err != nil {
		vm.RaiseString(L, 1, "%s", err)
	}
	return out
}

func urandom(L *lua.LState) int {
	if vm.IsNil(L.Get(1)) {
		vm.RaiseString(L, 0, "builtin/digest.lua:230: Usage: digest.urandom(len)")
	}
	n, ok := L.Get(1).(lua.LNumber)
	if !ok {
		vm.RaiseString(L, 0, "builtin/buffer.lua:229: attempt to perform arithmetic on local 'size' (a %s value)",
			vm.TypeName(L.Get(1)))
	}
	if n < 0 || n > 1<<31 {
		vm.RaiseString(L, 1, "not enough memory")
	}
	out := make([]byte, int(n))
	rand.Read(out)
	L.Push(lua.LString(out))
	return 1
}

func pushGuava(L *lua.LState) int {
	var state uint64
	switch v := L.Get(1).(type) {
	case lua.LNumber:
		state = uint64(v)
		if v < 0 {
			state = uint64(int64(v))
		}
	case *vm.U64:
		state = v.V
	case *vm.I64:
		state = uint64(v.V)
	default:
		vm.ArgError(L, 1, "cannot convert '"+vm.TypeName(v)+"' to 'uint64_t'")
	}
	buckets, ok := L.Get(2).(lua.LNumber)
	if !ok {
		vm.ArgError(L, 2, "cannot convert '"+vm.TypeName(L.Get(2))+"' to 'int'")
	}
	L.Push(lua.LNumber(guava(state, int32(buckets))))
	return 1
}
