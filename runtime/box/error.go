package box

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Error is an error object of scripts: cdata of type `struct error &`.
type Error struct{ err *boxerr.Error }

// String implements lua.LValue: the message.
func (e *Error) String() string { return e.err.Message }

// Type implements lua.LValue.
func (e *Error) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (e *Error) CType() vm.CTypeID { return vm.CError }

// BoxError is the error itself.
func (e *Error) BoxError() *boxerr.Error { return e.err }

// AppendMsgpack implements serial.MsgpackAppender: the extension with the error and its causes.
func (e *Error) AppendMsgpack(dst []byte) []byte { return e.err.AppendMsgpack(dst) }

// errorValue is an error as scripts see it; nil is Lua's nil.
func errorValue(e *boxerr.Error) lua.LValue {
	if e == nil {
		return lua.LNil
	}
	return &Error{e}
}

// raise throws err as a box error and remembers it as box.error.last().
func (b *Box) raise(L *lua.LState, err error) {
	var thrown *vm.Error
	if errors.As(err, &thrown) && thrown.Value != nil {
		if e, ok := thrown.Value.(interface{ BoxError() *boxerr.Error }); ok {
			b.remember(e.BoxError())
		}
		vm.Raise(L, thrown.Value)
	}
	var text *serial.Error
	if errors.As(err, &text) {
		vm.RaiseString(L, -1, "%s", text.Text)
	}
	e := boxerr.From(err)
	b.remember(e)
	b.refused(e)
	vm.Raise(L, &Error{e})
}

// remember makes an error box.error.last().
func (b *Box) remember(e *boxerr.Error) {
	if f := b.host.Sched().Current(); f != nil {
		if e == nil {
			f.Diag = nil
		} else {
			f.Diag = e
		}
	}
}

// fail throws the error of a code.
func (b *Box) fail(L *lua.LState, code boxerr.Code, args ...any) {
	b.raise(L, boxerr.New(code, args...))
}

// last is the calling fiber's last error, or nil.
func (b *Box) last() *boxerr.Error {
	if f := b.host.Sched().Current(); f != nil && f.Diag != nil {
		return boxerr.From(f.Diag)
	}
	return nil
}

// boxError is the box error in what a protected call caught; other values become one with their text.
func (b *Box) boxError(L *lua.LState, err error) *boxerr.Error {
	var thrown *vm.Error
	if !errors.As(err, &thrown) {
		return boxerr.From(err)
	}
	if e, ok := thrown.Value.(interface{ BoxError() *boxerr.Error }); ok {
		return e.BoxError()
	}
	return boxerr.Newf(boxerr.ClassLuajitError, "%s", b.host.VM().ToString(L, thrown.Value))
}
