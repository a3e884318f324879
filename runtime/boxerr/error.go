package boxerr

import (
	"errors"
	"fmt"
)

// The classes of errors, which scripts see as e.base_type (and as e.type, unless
// the error is a CustomError).
const (
	ClassClientError      = "ClientError"
	ClassAccessDenied     = "AccessDeniedError"
	ClassCustomError      = "CustomError"
	ClassXlogError        = "XlogError"
	ClassXlogGapError     = "XlogGapError"
	ClassSystemError      = "SystemError"
	ClassSocketError      = "SocketError"
	ClassOutOfMemory      = "OutOfMemory"
	ClassTimedOut         = "TimedOut"
	ClassChannelIsClosed  = "ChannelIsClosed"
	ClassFiberIsCancelled = "FiberIsCancelled"
	ClassLuajitError      = "LuajitError"
	ClassIllegalParams    = "IllegalParams"
	ClassCollationError   = "CollationError"
	ClassCryptoError      = "CryptoError"
	ClassSwimError        = "SwimError"
)

// Error is one error of the database; box.error in Lua.
type Error struct {
	Type       string            // class, such as "ClientError"
	CustomType string            // the name that a script gave; only for CustomError
	Code       uint32            // what e.code shows
	Message    string            // what e.message shows
	File       string            // where it was raised
	Line       int               // line in File, 0 when not known
	Errno      int               // errno of the operating system, 0 when there is none
	Prev       *Error            // the cause, older in the stack; nil at its end
	Fields     map[string]string // further fields: object_type, object_name, access_type
}

// New makes a ClientError whose message is the text of code with args in it.
// Too few arguments leave the verb in the text, so that the fault can be seen.
func New(code Code, args ...any) *Error {
	return &Error{Type: ClassClientError, Code: uint32(code), Message: format(code.Text(), args)}
}

// Newf makes an error of the given class; its code is the one that Tarantool
// shows for that class.
func Newf(class, text string, args ...any) *Error {
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	return &Error{Type: class, Code: uint32(classCode(class)), Message: text}
}

// NewSystem makes a SystemError (or SocketError) that carries errno.
func NewSystem(class string, errno int, text string, args ...any) *Error {
	e := Newf(class, text, args...)
	e.Errno = errno
	return e
}

// NewCustom makes an error whose type and code are a script's own.
func NewCustom(customType string, code uint32, message string) *Error {
	return &Error{Type: ClassCustomError, CustomType: customType, Code: code, Message: message}
}

// NewAccessDenied makes the error for a missing right, with the fields that
// box.error:unpack() shows for it.
func NewAccessDenied(accessType, objectType, objectName, user string) *Error {
	e := New(AccessDenied, accessType, objectType, objectName, user)
	e.Type = ClassAccessDenied
	e.Fields = map[string]string{
		"access_type": accessType,
		"object_type": objectType,
		"object_name": objectName,
	}
	return e
}

func classCode(class string) Code {
	switch class {
	case ClassClientError, ClassCustomError:
		return Unknown
	case ClassAccessDenied:
		return AccessDenied
	case ClassOutOfMemory:
		return MemoryIssue
	case ClassSystemError, ClassSocketError:
		return System
	case ClassCollationError:
		return CantCreateCollation
	case ClassXlogGapError, ClassXlogError:
		return InvalidXlog
	}
	return ProcLua
}

// Error returns the message alone, as tostring(e) does in Lua.
func (e *Error) Error() string { return e.Message }

// TypeName is what a script sees as e.type.
func (e *Error) TypeName() string {
	if e.Type == ClassCustomError && e.CustomType != "" {
		return e.CustomType
	}
	return e.Type
}

// Unwrap returns the cause, so that errors.Is and errors.As see the whole stack.
func (e *Error) Unwrap() error {
	if e.Prev == nil {
		return nil
	}
	return e.Prev
}

// Is reports whether target is the same error, or a Code that e carries.
func (e *Error) Is(target error) bool {
	if c, ok := target.(Code); ok {
		return e.Code == uint32(c)
	}
	return e == target
}

// At notes where the error was raised and returns it.
func (e *Error) At(file string, line int) *Error {
	e.File, e.Line = file, line
	return e
}

// SetPrev puts cause below e in the stack. It refuses a cause that already has
// e below it, which would close a loop.
func (e *Error) SetPrev(cause *Error) error {
	for c := cause; c != nil; c = c.Prev {
		if c == e {
			return Newf(ClassIllegalParams, "Cycles are not allowed")
		}
	}
	e.Prev = cause
	return nil
}

// Stack lists e and its causes, newest first.
func (e *Error) Stack() []*Error {
	var all []*Error
	for ; e != nil; e = e.Prev {
		all = append(all, e)
	}
	return all
}

// From returns err as an *Error: the first in its chain that is one, or else a
// new LuajitError (code PROC_LUA) with its words. It returns nil for nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Newf(ClassLuajitError, "%s", err.Error())
}
