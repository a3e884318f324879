package digest

import (
	"encoding/base64"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// lineWidth is how many characters a line has unless nowrap is asked for.
const lineWidth = 72

func base64Encode(L *lua.LState) int {
	const usage = "builtin/digest.lua:167: Usage: digest.base64_encode(string[, table])"
	text, ok := L.Get(1).(lua.LString)
	if !ok {
		vm.RaiseString(L, 0, usage)
	}
	var nopad, nowrap, urlsafe bool
	if !vm.IsNil(L.Get(2)) {
		options, ok := L.Get(2).(*lua.LTable)
		if !ok {
			vm.RaiseString(L, 0, usage)
		}
		nopad = lua.LVAsBool(options.RawGetString("nopad"))
		nowrap = lua.LVAsBool(options.RawGetString("nowrap"))
		urlsafe = lua.LVAsBool(options.RawGetString("urlsafe"))
	}
	encoding := base64.StdEncoding
	if urlsafe {
		encoding, nopad, nowrap = base64.URLEncoding, true, true
	}
	if nopad {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	out := encoding.EncodeToString([]byte(text))
	if !nowrap {
		out = wrap(out)
	}
	L.Push(lua.LString(out))
	return 1
}

// wrap ends each full line with a newline, the last one too.
func wrap(s string) string {
	var b strings.Builder
	for len(s) >= lineWidth {
		b.WriteString(s[:lineWidth])
		b.WriteByte('\n')
		s = s[lineWidth:]
	}
	b.WriteString(s)
	return b.String()
}

func base64Decode(L *lua.LState) int {
	text, ok := L.Get(1).(lua.LString)
	if !ok {
		vm.RaiseString(L, 0, "builtin/digest.lua:190: Usage: digest.base64_decode(string)")
	}
	L.Push(lua.LString(decode(string(text))))
	return 1
}

// decode reads both alphabets and passes over whatever is in neither; bits that do not fill a byte are dropped.
func decode(text string) []byte {
	out := make([]byte, 0, len(text)*3/4)
	var bits, count uint
	for i := range len(text) {
		digit, ok := sextet(text[i])
		if !ok {
			continue
		}
		bits, count = bits<<6|digit, count+6
		if count >= 8 {
			count -= 8
			out = append(out, byte(bits>>count))
		}
	}
	return out
}

func sextet(c byte) (uint, bool) {
	switch {
	case c >= 'A' && c <= 'Z':
		return uint(c - 'A'), true
	case c >= 'a' && c <= 'z':
		return uint(c-'a') + 26, true
	case c >= '0' && c <= '9':
		return uint(c-'0') + 52, true
	case c == '+' || c == '-':
		return 62, true
	case c == '/' || c == '_':
		return 63, true
	}
	return 0, false
}
