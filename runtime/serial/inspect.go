package serial

import (
	"errors"
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/vm"
)

// Error is a failure that scripts see as a string.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

// luajit makes a failure that scripts see as an error object.
func luajit(text string) error { return boxerr.Newf(boxerr.ClassLuajitError, "%s", text) }

// serializeLimit is how many __serialize functions may follow one another on one
// value. Without a limit a function that returns its argument never ends.
const serializeLimit = 200

// Inspect classifies a value. Functions named by __serialize are called on L.
// The error is an *Error, a *boxerr.Error or, from UseTostring, what Lua raised.
func Inspect(L *lua.LState, o *Options, v lua.LValue, f *Field) error {
	return inspect(L, o, v, f, serializeLimit)
}

func inspect(L *lua.LState, o *Options, v lua.LValue, f *Field, left int) error {
	switch v := v.(type) {
	case lua.LString:
		f.SetString(string(v))
	case lua.LNumber:
		f.SetNumber(float64(v))
		if f.Kind == Double {
			return checkNumber(o, f)
		}
	case lua.LBool:
		f.SetBool(bool(v))
	case *lua.LTable:
		return inspectTable(L, o, v, f, left)
	case *lua.LNilType, nil:
		f.SetNil()
	case vm.Cdata:
		return inspectCdata(L, o, v, f, left)
	case *lua.LUserData:
		return inspectUserdata(L, o, v, f, left)
	default:
		return foreign(L, o, v, f)
	}
	return nil
}

// inspectUserdata follows the __serialize of a userdata, such as a fiber.
func inspectUserdata(L *lua.LState, o *Options, v *lua.LUserData, f *Field, left int) error {
	if meta, ok := v.Metatable.(*lua.LTable); ok && o.LoadMetatables {
		if fn, ok := meta.RawGetString("__serialize").(*lua.LFunction); ok {
			r, err := callSerialize(L, fn, v)
			if err != nil {
				return err
			}
			return again(L, o, r, f, left)
		}
	}
	return foreign(L, o, v, f)
}

// checkNumber refuses numbers that are none.
func checkNumber(o *Options, f *Field) error {
	n := f.Real()
	if o.InvalidNumbers || !(math.IsNaN(n) || math.IsInf(n, 0)) {
		return nil
	}
	if !o.InvalidAsNil {
		return luajit("number must not be NaN or Inf")
	}
	f.SetNil()
	return nil
}

func inspectTable(L *lua.LState, o *Options, t *lua.LTable, f *Field, left int) error {
	*f = Field{Table: t}
	if o.LoadMetatables && t.Metatable != lua.LNil {
		if mt, ok := t.Metatable.(*lua.LTable); ok {
			if hint := mt.RawGetString("__serialize"); hint != lua.LNil {
				return obey(L, o, t, hint, f, left)
			}
		}
	}
	size, highest, sequence := shape(t)
	switch {
	case !sequence:
		f.Kind, f.Size = Map, count(t)
	case o.SparseRatio > 0 && highest > o.SparseSafe && highest > size*o.SparseRatio:
		if !o.SparseConvert {
			return luajit("excessively sparse array")
		}
		f.Kind, f.Size = Map, size
	default:
		f.Kind, f.Size = Array, highest
	}
	return nil
}

// obey follows the __serialize of a table.
func obey(L *lua.LState, o *Options, t *lua.LTable, hint lua.LValue, f *Field, left int) error {
	switch hint := hint.(type) {
	case lua.LString:
		switch hint {
		case "seq":
			f.Kind, f.Size, f.Compact = Array, highest(t), true
			return nil
		case "sequence", "array":
			f.Kind, f.Size = Array, highest(t)
			return nil
		case "map":
			f.Kind, f.Size, f.Compact = Map, count(t), true
			return nil
		case "mapping":
			f.Kind, f.Size = Map, count(t)
			return nil
		}
	case *lua.LFunction:
		v, err := callSerialize(L, hint, t)
		if err != nil {
			return err
		}
		return again(L, o, v, f, left)
	}
	return luajit("invalid __serialize value")
}

func again(L *lua.LState, o *Options, v lua.LValue, f *Field, left int) error {
	if left == 0 {
		return luajit("__serialize never comes to an end")
	}
	return inspect(L, o, v, f, left-1)
}

func callSerialize(L *lua.LState, fn, v lua.LValue) (lua.LValue, error) {
	machine := vm.Of(L)
	rets, err := machine.Call(L, fn, 1, v)
	if err == nil {
		return rets[0], nil
	}
	// Tarantool keeps the text of what was raised and makes its own error of it.
	var raised *vm.Error
	if errors.As(err, &raised) {
		switch raised.Value.(type) {
		case lua.LString, lua.LNumber:
			return nil, luajit(raised.Value.String())
		}
	}
	return nil, err
}

func inspectCdata(L *lua.LState, o *Options, v vm.Cdata, f *Field, left int) error {
	switch v := v.(type) {
	case *vm.I64:
		f.SetInt(v.V)
		return nil
	case *vm.U64:
		f.SetUint(v.V)
		return nil
	}
	if v.CType() == vm.CNull {
		f.SetNil()
		return nil
	}
	if s, ok := v.(Scalar); ok && s.SerialField(f) {
		if f.Kind == Double || f.Kind == Float {
			return checkNumber(o, f)
		}
		return nil
	}
	if _, ok := v.(MsgpackAppender); ok && v.CType() != vm.CError {
		*f = Field{Kind: Raw, Cdata: v}
		return nil
	}
	return serialized(L, o, v, f, left)
}

// InspectText classifies a cdata that msgpack knows for a format that is text: by
// its __serialize when it has one, by tostring otherwise.
func InspectText(L *lua.LState, o *Options, v vm.Cdata, f *Field) error {
	if v.CType() == vm.CTuple {
		// A tuple is shown by its fields whatever the options say.
		tuples := *o
		tuples.LoadMetatables = true
		return serialized(L, &tuples, v, f, serializeLimit)
	}
	fn, err := cdataSerialize(L, v)
	if err != nil {
		return err
	}
	// A uuid has a __serialize, but is known to the formats as the scalar that it is.
	if fn != nil && v.CType() != vm.CUUID {
		return serialized(L, o, v, f, serializeLimit)
	}
	text, err := tostring(L, v)
	if err != nil {
		return err
	}
	f.SetString(text)
	f.Verbatim = true
	return nil
}

// serialized follows the __serialize of a cdata.
func serialized(L *lua.LState, o *Options, v vm.Cdata, f *Field, left int) error {
	if o.LoadMetatables {
		fn, err := cdataSerialize(L, v)
		if err != nil {
			return err
		}
		if fn != nil {
			r, err := callSerialize(L, fn, v)
			if err != nil {
				return err
			}
			return again(L, o, r, f, left)
		}
	}
	return foreign(L, o, v, f)
}

// cdataSerialize finds the __serialize function of a cdata: in its metatable, or
// where an index of the value leads.
func cdataSerialize(L *lua.LState, v vm.Cdata) (lua.LValue, error) {
	machine := vm.Of(L)
	mt := machine.Meta(v.CType())
	if mt == nil {
		return nil, nil
	}
	fn := mt.RawGetString("__serialize")
	if fn == lua.LNil {
		switch index := mt.RawGetString("__index").(type) {
		case *lua.LTable:
			fn = L.GetField(index, "__serialize")
		case *lua.LFunction:
			// A value that refuses the key has no __serialize.
			rets, err := machine.Call(L, index, 1, v, lua.LString("__serialize"))
			if err != nil {
				return nil, nil //nolint:nilerr
			}
			fn = rets[0]
		}
	}
	if fn.Type() != lua.LTFunction {
		return nil, nil
	}
	return fn, nil
}

// foreign decides what becomes of a value that has no form outside Lua.
func foreign(L *lua.LState, o *Options, v lua.LValue, f *Field) error {
	switch {
	case o.UseTostring:
		text, err := tostring(L, v)
		if err != nil {
			return err
		}
		f.SetString(text)
	case o.InvalidAsNil:
		f.SetNil()
	default:
		return &Error{"unsupported Lua type '" + vm.TypeName(v) + "'"}
	}
	return nil
}

// tostring is Lua's, so that metatables have their say.
func tostring(L *lua.LState, v lua.LValue) (string, error) {
	rets, err := vm.Of(L).Call(L, L.GetGlobal("tostring"), 1, v)
	if err != nil {
		return "", err
	}
	return rets[0].String(), nil
}
