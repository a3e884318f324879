package console

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// Eval evaluates a chunk as an expression if it is one, as statements otherwise. It returns the values, or what the
// chunk threw; the latter is nil when it threw nothing.
func (c *Console) Eval(L *lua.LState, chunk string) (values []lua.LValue, thrown lua.LValue) {
	machine := c.host.VM()
	expression := "return " + chunk
	fn, err := machine.Load([]byte(expression), expression)
	if err != nil {
		if fn, err = machine.Load([]byte(chunk), chunk); err != nil {
			return nil, errorValue(err)
		}
	}
	caller, err := c.caller(L)
	if err == nil {
		values, err = machine.Call(L, caller, lua.MultRet, fn)
	}
	if err != nil {
		return nil, errorValue(err)
	}
	if !lua.LVAsBool(values[0]) {
		return nil, values[1]
	}
	return values[1:], nil
}

// errorValue is what a script would see as the error.
func errorValue(err error) lua.LValue {
	var thrown *vm.Error
	if errors.As(err, &thrown) && thrown.Value != nil {
		return thrown.Value
	}
	return lua.LString(err.Error())
}

// Complete tells whether text is a whole chunk, or wrong whatever may follow: it is not complete only when the parser
// came to its end and wanted more.
func (c *Console) Complete(text string) bool {
	if strings.HasSuffix(text, continuation) {
		return false
	}
	machine := c.host.VM()
	if _, err := machine.Load([]byte("return "+text), "=stdin"); err == nil || !wantsMore(err) {
		if err == nil {
			return true
		}
		_, err = machine.Load([]byte(text), "=stdin")
		return err == nil || !wantsMore(err)
	}
	_, err := machine.Load([]byte(text), "=stdin")
	return err == nil
}

func wantsMore(err error) bool { return strings.HasSuffix(err.Error(), "near '<eof>'") }
