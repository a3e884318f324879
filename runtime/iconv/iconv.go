// Package iconv is the Lua module `iconv`: texts converted from one character set to another.
package iconv

import (
	"fmt"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `iconv`: new(to, from) returns a function that converts a text.
var Module = module.Module{Name: "iconv", Open: open}

// The errors of a conversion, in Tarantool's words.
const (
	truncated = "builtin/iconv.lua:49: Invalid multibyte sequence"
	illegal   = "builtin/iconv.lua:52: Incomplete multibyte sequence"
)

// charset is one side of a conversion.
type charset struct {
	utf8, ascii bool
	encoding    encoding.Encoding // nil for the two above
}

// lookup finds a character set by the names that the C library knows; "//TRANSLIT" and its like are ignored.
func lookup(name string) (charset, bool) {
	name, _, _ = strings.Cut(strings.ToLower(name), "//")
	switch name {
	case "utf8", "utf-8":
		return charset{utf8: true}, true
	case "ascii", "us-ascii", "ansi_x3.4-1968", "646":
		return charset{ascii: true}, true
	case "utf16", "utf-16":
		return charset{encoding: unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)}, true
	case "utf16le", "utf-16le", "ucs-2le":
		return charset{encoding: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)}, true
	case "utf16be", "utf-16be", "ucs-2be":
		return charset{encoding: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)}, true
	case "utf32", "utf-32":
		return charset{encoding: utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)}, true
	case "utf32le", "utf-32le", "ucs-4le":
		return charset{encoding: utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)}, true
	case "utf32be", "utf-32be", "ucs-4", "ucs4", "ucs-4be":
		return charset{encoding: utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)}, true
	}
	for _, try := range []string{name, strings.Replace(name, "cp", "windows-", 1), strings.Replace(name, "iso", "iso-", 1)} {
		if e, err := htmlindex.Get(try); err == nil {
			return charset{encoding: e}, true
		}
	}
	return charset{}, false
}

// decode makes UTF-8 of a text.
func (c charset) decode(text string) (string, string) {
	if c.ascii {
		for i := range len(text) {
			if text[i] >= utf8.RuneSelf {
				return "", illegal
			}
		}
		return text, ""
	}
	if c.utf8 {
		for rest := text; rest != ""; {
			r, size := utf8.DecodeRuneInString(rest)
			if r == utf8.RuneError && size <= 1 {
				if !utf8.FullRuneInString(rest) {
					return "", truncated
				}
				return "", illegal
			}
			rest = rest[size:]
		}
		return text, ""
	}
	out, err := c.encoding.NewDecoder().String(text)
	if err != nil || strings.ContainsRune(out, utf8.RuneError) {
		return "", illegal
	}
	return out, ""
}

// encode makes a text of UTF-8.
func (c charset) encode(text string) (string, string) {
	switch {
	case c.utf8:
		return text, ""
	case c.ascii:
		return c.decode(text)
	}
	out, err := c.encoding.NewEncoder().String(text)
	if err != nil {
		return "", illegal
	}
	return out, ""
}

// converter is what new returns: `struct iconv *` in scripts.
type converter struct {
	ctype    vm.CTypeID
	from, to charset
}

// String is how tostring shows the converter.
func (c *converter) String() string { return fmt.Sprintf("iconv: %p", c) }

// Type implements lua.LValue.
func (c *converter) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (c *converter) CType() vm.CTypeID { return c.ctype }

func open(h module.Host, L *lua.LState) lua.LValue {
	ctype := h.VM().NewCType("struct iconv *")
	h.VM().SetMeta(ctype, L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"__tostring": func(L *lua.LState) int {
			L.Push(lua.LString(L.Get(1).String()))
			return 1
		},
		"__call": func(L *lua.LState) int {
			c, ok := L.Get(1).(*converter)
			if !ok {
				vm.RaiseString(L, 1, "Usage: iconv:convert(string)")
			}
			text, ok := L.Get(2).(lua.LString)
			if !ok {
				vm.RaiseString(L, 0, "builtin/iconv.lua:30: attempt to index local 'data' (a %s value)", valueName(L.Get(2)))
			}
			plain, problem := c.from.decode(string(text))
			if problem == "" {
				plain, problem = c.to.encode(plain)
			}
			if problem != "" {
				vm.RaiseString(L, 0, "%s", problem)
			}
			L.Push(lua.LString(plain))
			return 1
		},
	}))
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{"new": func(L *lua.LState) int {
		to, ok1 := L.Get(1).(lua.LString)
		from, ok2 := L.Get(2).(lua.LString)
		if !ok1 || !ok2 {
			vm.RaiseString(L, 0, `builtin/iconv.lua:76: Usage: iconv.new("CP1251", "KOI8-R")`)
		}
		c := &converter{ctype: ctype}
		if c.to, ok1 = lookup(string(to)); ok1 {
			c.from, ok2 = lookup(string(from))
		}
		if !ok1 || !ok2 {
			const invalid = 22 // EINVAL
			errno.Set(h, invalid)
			vm.RaiseString(L, 0, "builtin/iconv.lua:80: iconv: %s", errno.Text(invalid))
		}
		L.Push(c)
		return 1
	}})
}

func valueName(v lua.LValue) string {
	if v == lua.LNil {
		return "nil"
	}
	return vm.TypeName(v)
}
