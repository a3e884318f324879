// Package decimal is the Lua module `decimal`: exact decimal numbers of up to 38 digits.
package decimal

import (
	"github.com/cockroachdb/apd/v3"
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/tuple/decimal"
	"shardlua/runtime/vm"
)

// Module is the Lua module `decimal`: new(value), is_decimal(value), abs, ln, log10, exp, sqrt(value), round and
// rescale(decimal, scale), scale, precision and trim(decimal). Decimals compute and compare with numbers, 64-bit
// integers and strings.
var Module = module.Module{Name: "decimal", Open: open}

// check reads the n-th argument as a decimal, or raises.
func check(L *lua.LState, n int) *Value {
	var d *decimal.Decimal
	var err error
	switch v := L.Get(n).(type) {
	case *Value:
		return v
	case lua.LNumber:
		d, err = decimal.FromFloat64(float64(v))
	case lua.LString:
		d, err = decimal.Parse(string(v))
	case *vm.I64:
		d = decimal.FromInt64(v.V)
	case *vm.U64:
		d = decimal.FromUint64(v.V)
	default:
		vm.RaiseString(L, 1, "expected decimal, number or string as %d argument", n)
	}
	if err != nil {
		vm.RaiseString(L, 1, "incorrect value to convert to decimal as %d argument", n)
	}
	return &Value{d}
}

func push(L *lua.LState, v *Value, err error) int {
	if err != nil {
		vm.RaiseString(L, 1, "%s", err)
	}
	L.Push(v)
	return 1
}

// wants raises the usage unless there are n arguments.
func wants(L *lua.LState, n int, usage string) {
	if L.GetTop() < n {
		vm.RaiseString(L, 1, "usage: decimal.%s", usage)
	}
}

func one(name string, do unary) lua.LGFunction {
	return func(L *lua.LState) int {
		wants(L, 1, name+"(decimal)")
		v, err := check(L, 1).applyOne(do)
		return push(L, v, err)
	}
}

// own is the n-th argument, which must be a decimal already.
func own(L *lua.LState, n int) *Value {
	v, ok := L.Get(n).(*Value)
	if !ok {
		vm.RaiseString(L, 1, "expected cdata as %d argument", n)
	}
	return v
}

func ln(ctx *apd.Context, z, x *apd.Decimal) (apd.Condition, error)    { return ctx.Ln(z, x) }
func log10(ctx *apd.Context, z, x *apd.Decimal) (apd.Condition, error) { return ctx.Log10(z, x) }
func exp(ctx *apd.Context, z, x *apd.Decimal) (apd.Condition, error)   { return ctx.Exp(z, x) }
func sqrt(ctx *apd.Context, z, x *apd.Decimal) (apd.Condition, error)  { return ctx.Sqrt(z, x) }

func open(h module.Host, L *lua.LState) lua.LValue {
	setMeta(h.VM(), L)
	extend(L)
	rescaled := func(name string, grow bool) lua.LGFunction {
		return func(L *lua.LState) int {
			wants(L, 2, name+"(decimal, scale)")
			value := own(L, 1)
			v, err := value.scaled(vm.CheckInt(L, 2), grow)
			return push(L, v, err)
		}
	}
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"new": func(L *lua.LState) int {
			wants(L, 1, "new(value)")
			L.Push(check(L, 1))
			return 1
		},
		"is_decimal": func(L *lua.LState) int {
			wants(L, 1, "is_decimal(value)")
			_, ok := L.Get(1).(*Value)
			L.Push(lua.LBool(ok))
			return 1
		},
		"abs": func(L *lua.LState) int {
			wants(L, 1, "abs(decimal)")
			v := check(L, 1)
			if v.Sign() < 0 {
				v = &Value{v.Neg()}
			}
			L.Push(v)
			return 1
		},
		"ln": one("ln", ln), "log10": one("log10", log10), "exp": one("exp", exp), "sqrt": one("sqrt", sqrt),
		"round":   rescaled("round", false),
		"rescale": rescaled("rescale", true),
		"scale": func(L *lua.LState) int {
			wants(L, 1, "scale(decimal)")
			L.Push(lua.LNumber(own(L, 1).Scale()))
			return 1
		},
		"precision": func(L *lua.LState) int {
			wants(L, 1, "precision(decimal)")
			L.Push(lua.LNumber(own(L, 1).precision()))
			return 1
		},
		"trim": func(L *lua.LState) int {
			wants(L, 1, "trim(decimal)")
			z := own(L, 1).number()
			reduced(z)
			v, err := result(z, 0, nil)
			return push(L, v, err)
		},
	})
}

// setMeta gives the cdata type its operators.
func setMeta(machine *vm.VM, L *lua.LState) {
	meta := L.NewTable()
	for name, op := range map[string]struct {
		do     binary
		reduce bool
	}{
		"__add": {func(c *apd.Context, z, x, y *apd.Decimal) (apd.Condition, error) { return c.Add(z, x, y) }, false},
		"__sub": {func(c *apd.Context, z, x, y *apd.Decimal) (apd.Condition, error) { return c.Sub(z, x, y) }, false},
		"__mul": {func(c *apd.Context, z, x, y *apd.Decimal) (apd.Condition, error) { return c.Mul(z, x, y) }, false},
		"__div": {func(c *apd.Context, z, x, y *apd.Decimal) (apd.Condition, error) { return c.Quo(z, x, y) }, true},
		"__mod": {func(c *apd.Context, z, x, y *apd.Decimal) (apd.Condition, error) { return c.Rem(z, x, y) }, false},
		"__pow": {func(c *apd.Context, z, x, y *apd.Decimal) (apd.Condition, error) { return c.Pow(z, x, y) }, true},
	} {
		meta.RawSetString(name, L.NewFunction(func(L *lua.LState) int {
			x, y := check(L, 1), check(L, 2)
			v, err := x.apply(op.do, y, op.reduce)
			return push(L, v, err)
		}))
	}
	meta.RawSetString("__unm", L.NewFunction(func(L *lua.LState) int {
		L.Push(&Value{check(L, 1).Neg()})
		return 1
	}))
	for name, holds := range map[string]func(int) bool{
		"__lt": func(c int) bool { return c < 0 }, "__le": func(c int) bool { return c <= 0 },
	} {
		meta.RawSetString(name, L.NewFunction(func(L *lua.LState) int {
			x, y := check(L, 1), check(L, 2)
			L.Push(lua.LBool(holds(x.Cmp(y.Decimal))))
			return 1
		}))
	}
	meta.RawSetString("__eq", L.NewFunction(func(L *lua.LState) int {
		if vm.IsNil(L.Get(1)) || vm.IsNil(L.Get(2)) {
			L.Push(lua.LFalse)
			return 1
		}
		x, y := check(L, 1), check(L, 2)
		L.Push(lua.LBool(x.Cmp(y.Decimal) == 0))
		return 1
	}))
	text := L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(check(L, 1).String()))
		return 1
	})
	meta.RawSetString("__tostring", text)
	machine.SetMeta(vm.CDecimal, meta)
}
