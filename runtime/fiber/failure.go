package fiber

import (
	"errors"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// Where Tarantool makes a box error of what a script threw, which its log shows as the place of the error.
const (
	luaErrorFile = "./src/lua/utils.c"
	luaErrorLine = 1005
)

// maxMessage is how many bytes of a Lua error's text Tarantool keeps, DIAG_ERRMSG_MAX less the final zero.
const maxMessage = 511

// boxError is the box error in err. What is none becomes a LuajitError with the words of what was thrown.
func boxError(h module.Host, err error) *boxerr.Error {
	var thrown *vm.Error
	if !errors.As(err, &thrown) {
		e := boxerr.From(err)
		if e.File == "" && e.Type == boxerr.ClassLuajitError {
			e.At(luaErrorFile, luaErrorLine)
		}
		return e
	}
	if v, ok := thrown.Value.(interface{ BoxError() *boxerr.Error }); ok {
		return v.BoxError()
	}
	message := text(h, thrown.Value)
	return boxerr.Newf(boxerr.ClassLuajitError, "%s", message[:min(len(message), maxMessage)]).At(luaErrorFile, luaErrorLine)
}

// text is tostring(v); when that fails, it is what the failure says.
func text(h module.Host, v lua.LValue) string {
	if s, ok := v.(lua.LString); ok || v == nil {
		return string(s)
	}
	L := h.VM().State()
	if f := h.Sched().Current(); f != nil {
		L = Thread(h, f)
	}
	words, err := h.VM().Call(L, L.GetGlobal("tostring"), 1, v)
	if err != nil {
		return err.Error()
	}
	return words[0].String()
}

// errorValue is an error of a fiber as join returns it: always a box error.
func (m *lib) errorValue(err error) lua.LValue {
	var thrown *vm.Error
	if errors.As(err, &thrown) {
		if v, ok := thrown.Value.(vm.Cdata); ok && v.CType() == vm.CError {
			return v
		}
	}
	return errno.Value(m.host, boxError(m.host, err))
}

// LogError logs the error that ended the main script. A box error is shown by the name of its code, any other as
// "LuajitError: text".
func LogError(h module.Host, err error) { h.Log().Say(logEntry(h, err)) }

// logError logs the error that ended a fiber.
func logError(h module.Host, f *sched.Fiber, err error) {
	e := logEntry(h, err)
	e.FiberID, e.FiberName = f.ID(), f.Name()
	h.Log().Say(e)
}

func logEntry(h module.Host, err error) say.Entry {
	e := boxError(h, err)
	entry := say.Entry{Level: say.Error, File: e.File, Line: e.Line, Message: e.Type, Error: e.Message}
	switch e.Type {
	case boxerr.ClassClientError, boxerr.ClassAccessDenied, boxerr.ClassXlogError:
		entry.Message = "ER_" + boxerr.Code(e.Code).Name()
	case boxerr.ClassCustomError:
		// Tarantool 2.6 prints "%s" in the place of the type.
		entry.Message = "Custom type " + e.TypeName()
	case boxerr.ClassSystemError, boxerr.ClassSocketError:
		entry.Level = say.SysError
		entry.Message, entry.Error = e.Type+" "+e.Message, ""
		if e.Errno != 0 {
			entry.Error = syscall.Errno(e.Errno).Error()
		}
	}
	return entry
}
