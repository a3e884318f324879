package box

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// openErrors gives error objects their metatable and makes box.error.
func (b *Box) openErrors(L *lua.LState) *lua.LTable {
	b.codec.Extension(mp.ExtError, func(_ *lua.LState, data []byte) (lua.LValue, error) {
		e, err := boxerr.Unpack(data)
		if err != nil {
			return nil, boxerr.New(boxerr.ProcLua, "Can not parse an error from MsgPack")
		}
		return errorValue(e), nil
	})
	b.errorMethods = methods(L, map[string]lua.LGFunction{
		"raise":    b.errorRaise,
		"unpack":   b.errorUnpack,
		"match":    b.errorMatch,
		"set_prev": b.errorSetPrev,
		"__serialize": func(L *lua.LState) int {
			L.Push(lua.LString(L.Get(1).String()))
			return 1
		},
	})
	text := func(L *lua.LState) int {
		L.Push(lua.LString(L.Get(1).String()))
		return 1
	}
	meta := methods(L, map[string]lua.LGFunction{
		"__index":     b.errorIndex,
		"__tostring":  text,
		"__serialize": text,
		"__eq": func(L *lua.LState) int {
			x, ok1 := L.Get(1).(*Error)
			y, ok2 := L.Get(2).(*Error)
			L.Push(lua.LBool(ok1 && ok2 && x.err == y.err))
			return 1
		},
		"__concat": b.errorConcat,
		"__newindex": func(L *lua.LState) int {
			vm.RaiseString(L, 1, "attempt to write to constant location")
			return 0
		},
	})
	b.host.VM().SetMeta(vm.CError, meta)

	exports := L.NewTable()
	functions := methods(L, map[string]lua.LGFunction{
		"new":   b.errorNew,
		"last":  b.errorLast,
		"clear": b.errorClear,
		"set":   b.errorSet,
	})
	errorMeta := L.NewTable()
	errorMeta.RawSetString("__index", functions)
	errorMeta.RawSetString("__call", L.NewFunction(b.errorCall))
	exports.Metatable = errorMeta
	for _, c := range boxerr.Codes() {
		if c.Listed() {
			exports.RawSetString(c.Name(), lua.LNumber(c))
		}
	}
	return exports
}

// errorIndex is error[key].
func (b *Box) errorIndex(L *lua.LState) int {
	e, ok := L.Get(1).(interface{ BoxError() *boxerr.Error })
	name, isString := L.Get(2).(lua.LString)
	if !ok || !isString {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(b.errorField(L, e.BoxError(), string(name)))
	return 1
}

func (b *Box) errorField(L *lua.LState, e *boxerr.Error, name string) lua.LValue {
	switch name {
	case "type":
		return lua.LString(e.TypeName())
	case "base_type":
		return lua.LString(e.Type)
	case "custom_type":
		if e.Type == boxerr.ClassCustomError {
			return lua.LString(e.TypeName())
		}
		return lua.LNil
	case "message":
		return lua.LString(e.Message)
	case "code":
		if !hasCode(e) {
			return lua.LNil
		}
		return lua.LNumber(e.Code)
	case "errno":
		if e.Errno == 0 {
			return lua.LNil
		}
		return lua.LNumber(e.Errno)
	case "prev":
		return errorValue(e.Prev)
	case "trace":
		return errorTrace(L, e)
	}
	if v, ok := e.Fields[name]; ok {
		return lua.LString(v)
	}
	return b.errorMethods.RawGetString(name)
}

// hasCode says whether scripts see the code of an error of that class.
func hasCode(e *boxerr.Error) bool {
	switch e.Type {
	case boxerr.ClassClientError, boxerr.ClassAccessDenied, boxerr.ClassCustomError:
		return true
	}
	return false
}

func errorTrace(L *lua.LState, e *boxerr.Error) lua.LValue {
	trace := L.NewTable()
	place := L.NewTable()
	place.RawSetString("file", lua.LString(e.File))
	place.RawSetString("line", lua.LNumber(uint32(e.Line)))
	trace.Append(place)
	return trace
}

// errorSelf is the error that a method was called on.
func (b *Box) errorSelf(L *lua.LState, line int, help string) *boxerr.Error {
	e, ok := L.Get(1).(interface{ BoxError() *boxerr.Error })
	if !ok {
		usage(L, fmt.Sprintf("builtin/error.lua:%d", line), "Usage: %s", help)
	}
	return e.BoxError()
}

// errorRaise is error:raise(), which is error(self): box.error.last() stays what it was.
func (b *Box) errorRaise(L *lua.LState) int {
	b.errorSelf(L, 176, "error:raise()")
	vm.Raise(L, L.Get(1))
	return 0
}

// errorUnpack is error:unpack(): the error as a table.
func (b *Box) errorUnpack(L *lua.LState) int {
	e := b.errorSelf(L, 159, "error:unpack()")
	t := L.NewTable()
	for _, name := range []string{"code", "base_type", "type", "custom_type", "message", "errno", "trace", "prev", "access_type", "object_type", "object_name"} {
		if v := b.errorField(L, e, name); v != lua.LNil {
			t.RawSetString(name, v)
		}
	}
	L.Push(t)
	return 1
}

// errorMatch is error:match(…): string.match on the message.
func (b *Box) errorMatch(L *lua.LState) int {
	e := b.errorSelf(L, 183, "error:match()")
	match := L.GetField(L.GetGlobal("string"), "match")
	top := L.GetTop()
	L.Push(match)
	L.Push(lua.LString(e.Message))
	for i := 2; i <= top; i++ {
		L.Push(L.Get(i))
	}
	L.Call(top, lua.MultRet)
	return L.GetTop() - top
}

// errorSetPrev is error:set_prev(cause).
func (b *Box) errorSetPrev(L *lua.LState) int {
	e := b.errorSelf(L, 134, "error1:set_prev(error2)")
	if vm.IsNil(L.Get(2)) {
		e.Prev = nil
		return 0
	}
	cause, ok := L.Get(2).(interface{ BoxError() *boxerr.Error })
	if !ok {
		usage(L, "builtin/error.lua:138", "Usage: error1:set_prev(error2)")
	}
	if err := e.SetPrev(cause.BoxError()); err != nil {
		usage(L, "builtin/error.lua:143", "%s", err.Error())
	}
	return 0
}

// errorConcat is error .. value.
func (b *Box) errorConcat(L *lua.LState) int {
	one := func(v lua.LValue) string {
		switch v := v.(type) {
		case lua.LString, lua.LNumber:
			return b.text(L, v)
		case *Error:
			return v.err.Message
		}
		vm.RaiseString(L, 1, "attempt to concatenate '%s' and '%s'", concatName(L.Get(1)), concatName(L.Get(2)))
		return ""
	}
	L.Push(lua.LString(one(L.Get(1)) + one(L.Get(2))))
	return 1
}

func concatName(v lua.LValue) string {
	if _, ok := v.(*Error); ok {
		return "struct error"
	}
	return vm.TypeName(v)
}

// errorLast is box.error.last().
func (b *Box) errorLast(L *lua.LState) int {
	if L.GetTop() > 0 {
		vm.RaiseString(L, 1, "box.error.last(): bad arguments")
	}
	L.Push(errorValue(b.last()))
	return 1
}

// errorClear is box.error.clear().
func (b *Box) errorClear(L *lua.LState) int {
	if L.GetTop() > 0 {
		vm.RaiseString(L, 1, "box.error.clear(): bad arguments")
	}
	b.remember(nil)
	return 0
}

// errorSet is box.error.set(error).
func (b *Box) errorSet(L *lua.LState) int {
	if L.GetTop() == 0 {
		vm.RaiseString(L, 1, "Usage: box.error.set(error)")
	}
	e, ok := L.Get(1).(interface{ BoxError() *boxerr.Error })
	if !ok {
		vm.RaiseString(L, 1, "Invalid argument #1 (error expected, got %s)", vm.TypeName(L.Get(1)))
	}
	b.remember(e.BoxError())
	return 0
}

// errorNew is box.error.new(code, …), box.error.new(type, …) or box.error.new{code = , reason = , type = }.
func (b *Box) errorNew(L *lua.LState) int {
	e := b.makeError(L, 1)
	if e == nil {
		vm.RaiseString(L, 1, "Usage: box.error.new(code, args) or box.error.new(type, args)")
	}
	b.refused(e)
	L.Push(&Error{e})
	return 1
}

// errorCall is box.error(…): raises what box.error.new would make, or the last error.
func (b *Box) errorCall(L *lua.LState) int {
	if L.GetTop() == 1 {
		if e := b.last(); e != nil {
			vm.Raise(L, &Error{e})
		}
		return 0
	}
	if L.GetTop() == 2 {
		if e, ok := L.Get(2).(interface{ BoxError() *boxerr.Error }); ok {
			b.remember(e.BoxError())
			vm.Raise(L, L.Get(2))
		}
	}
	e := b.makeError(L, 2)
	if e == nil {
		vm.RaiseString(L, 1, "box.error(): bad arguments")
	}
	b.remember(e)
	b.refused(e)
	vm.Raise(L, &Error{e})
	return 0
}

// customTypeMax is how long the type of a custom error can be.
const customTypeMax = 63

// messageMax is how long the message of an error can be, in bytes.
const messageMax = 511

// makeError makes an error of the arguments from first on; nil when they describe none.
func (b *Box) makeError(L *lua.LState, first int) *boxerr.Error {
	var e *boxerr.Error
	top := L.GetTop()
	switch v := L.Get(first).(type) {
	case lua.LNumber:
		code := boxerr.Code(wrap32(float64(v)))
		if v != lua.LNumber(math.Trunc(float64(v))) || top == first && strings.Contains(code.Text(), "%") {
			return nil // what the text needs is missing
		}
		if code.Known() {
			e = &boxerr.Error{Type: boxerr.ClassClientError, Code: uint32(code)}
			e.Message = b.errorText(L, code.Text(), first+1)
		} else {
			e = boxerr.New(code)
			e.Code = uint32(code)
		}
	case lua.LString:
		if top < first+1 || L.Get(first+1).Type() != lua.LTString {
			return nil
		}
		e = boxerr.NewCustom(cut(string(v)), 0, b.errorText(L, b.text(L, L.Get(first+1)), first+2))
	case *lua.LTable:
		e = b.errorOf(L, v)
	default:
		return nil
	}
	e.Message, _, _ = strings.Cut(e.Message, "\x00") // where a C string ends
	e.Message = e.Message[:min(len(e.Message), messageMax)]
	file, line := place(L)
	return e.At(file, line)
}

// errorOf makes an error of {code = , reason = , type = }.
func (b *Box) errorOf(L *lua.LState, t *lua.LTable) *boxerr.Error {
	code, _ := vm.ToNumber(t.RawGetString("code"))
	reason := ""
	switch v := t.RawGetString("reason").(type) {
	case lua.LString, lua.LNumber:
		reason, _, _ = strings.Cut(b.text(L, v), "\x00")
	}
	switch v := t.RawGetString("type").(type) {
	case lua.LString, lua.LNumber:
		return boxerr.NewCustom(cut(b.text(L, v)), wrap32(code), reason)
	}
	return &boxerr.Error{Type: boxerr.ClassClientError, Code: wrap32(code), Message: reason}
}

func cut(s string) string { return s[:min(len(s), customTypeMax)] }

// errorText is string.format(text, …) with the arguments from first on. Verbs of C that Lua does not know lose what is
// special about them.
func (b *Box) errorText(L *lua.LState, text string, first int) string {
	if !strings.Contains(text, "%") {
		return text
	}
	format := L.GetField(L.GetGlobal("string"), "format")
	args := []lua.LValue{lua.LString(cFormat(text))}
	for i := first; i <= L.GetTop(); i++ {
		v := L.Get(i)
		if v != lua.LNil && v.Type() != lua.LTString && v.Type() != lua.LTNumber {
			v = lua.LString(b.text(L, v))
		}
		args = append(args, v)
	}
	out := b.host.VM().CallRaw(L, format, 1, args...)
	return out[0].String()
}

// cFormat drops the length modifiers of C.
func cFormat(text string) string {
	return strings.NewReplacer("%llu", "%d", "%lld", "%d", "%zu", "%d", "%lu", "%d", "%ld", "%d", "%u", "%d").Replace(text)
}

// place is the file and line of the Lua code that called the running function.
func place(L *lua.LState) (file string, line int) {
	where := strings.TrimSuffix(vm.Where(L, 1), ": ")
	if at := strings.LastIndexByte(where, ':'); at > 0 {
		if _, err := fmt.Sscanf(where[at+1:], "%d", &line); err == nil {
			return where[:at], line
		}
	}
	return "[C]", -1
}
