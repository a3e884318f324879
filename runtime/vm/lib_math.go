package vm

import (
	"math"
	"math/bits"

	lua "github.com/yuin/gopher-lua"
)

// prng is LuaJIT's generator, a Tausworthe generator with period 2^223 (lj_prng.c):
// the same seed gives the same numbers as there.
type prng struct {
	u     [4]uint64
	valid bool
}

var prngShifts = [4]struct{ k, q, s uint }{{63, 31, 18}, {58, 19, 28}, {55, 24, 7}, {47, 21, 8}}

func (g *prng) seed(d float64) {
	r := uint32(0x11090601)
	for i := range g.u {
		least := uint64(1) << (r & 255)
		r >>= 8
		d = d*3.14159265358979323846 + 2.7182818284590452354
		u := math.Float64bits(d)
		if u < least {
			u += least
		}
		g.u[i] = u
	}
	g.valid = true
	for range 10 {
		g.step()
	}
}

func (g *prng) step() uint64 {
	var r uint64
	for i, p := range prngShifts {
		z := g.u[i]
		z = ((z<<p.q)^z)>>(p.k-p.s) ^ (z&(^uint64(0)<<(64-p.k)))<<p.s
		r ^= z
		g.u[i] = z
	}
	return r
}

// float returns a number in [0, 1).
func (g *prng) float() float64 {
	if !g.valid {
		g.seed(0)
	}
	return math.Float64frombits(g.step()&0x000fffffffffffff|0x3ff0000000000000) - 1
}

func (vm *VM) openMath() {
	t := vm.library("math")
	unary := map[string]func(float64) float64{
		"abs": math.Abs, "floor": math.Floor, "ceil": math.Ceil, "sqrt": math.Sqrt, "exp": math.Exp,
		"log10": math.Log10, "sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "asin": math.Asin,
		"acos": math.Acos, "atan": math.Atan, "sinh": math.Sinh, "cosh": math.Cosh, "tanh": math.Tanh,
		"deg": func(x float64) float64 { return x * (180 / math.Pi) },
		"rad": func(x float64) float64 { return x * (math.Pi / 180) },
	}
	for name, fn := range unary {
		setString(t, lua.LString(name), vm.function(func(L *lua.LState) int {
			L.Push(vm.num(lua.LNumber(fn(CheckNumber(L, 1)))))
			return 1
		}))
	}
	binary := map[string]func(x, y float64) float64{
		"pow": power, "atan2": math.Atan2, "fmod": math.Mod,
		"ldexp": func(x, e float64) float64 { return math.Ldexp(x, int(e)) },
	}
	for name, fn := range binary {
		setString(t, lua.LString(name), vm.function(func(L *lua.LState) int {
			L.Push(vm.num(lua.LNumber(fn(CheckNumber(L, 1), CheckNumber(L, 2)))))
			return 1
		}))
	}
	vm.Register(t, map[string]lua.LGFunction{
		"log": vm.mathLog, "modf": vm.mathModf, "frexp": vm.mathFrexp,
		"max": vm.mathMax, "min": vm.mathMin, "random": vm.mathRandom, "randomseed": vm.mathRandomSeed,
	})
	setString(t, lua.LString("pi"), lua.LNumber(math.Pi))
	setString(t, lua.LString("huge"), lua.LNumber(math.Inf(1)))
}

func (vm *VM) mathLog(L *lua.LState) int {
	x := CheckNumber(L, 1)
	if isNil(L.Get(2)) {
		L.Push(vm.num(lua.LNumber(processorNaN(math.Log(x)))))
		return 1
	}
	L.Push(vm.num(lua.LNumber(math.Log2(x) / math.Log2(CheckNumber(L, 2)))))
	return 1
}

func (vm *VM) mathModf(L *lua.LState) int {
	x := CheckNumber(L, 1)
	whole := math.Trunc(x)
	frac := math.Copysign(x-whole, x)
	if math.IsInf(x, 0) {
		frac = math.Copysign(0, x)
	}
	L.Push(vm.num(lua.LNumber(whole)))
	L.Push(vm.num(lua.LNumber(frac)))
	return 2
}

func (vm *VM) mathFrexp(L *lua.LState) int {
	f, e := math.Frexp(CheckNumber(L, 1))
	L.Push(vm.num(lua.LNumber(f)))
	L.Push(vm.num(lua.LNumber(e)))
	return 2
}

func (vm *VM) mathMax(L *lua.LState) int {
	m := CheckNumber(L, 1)
	for i := 2; i <= L.GetTop(); i++ {
		if x := CheckNumber(L, i); x > m || x != x {
			m = x
		}
	}
	L.Push(vm.num(lua.LNumber(m)))
	return 1
}

func (vm *VM) mathMin(L *lua.LState) int {
	m := CheckNumber(L, 1)
	for i := 2; i <= L.GetTop(); i++ {
		if x := CheckNumber(L, i); x < m || x != x {
			m = x
		}
	}
	L.Push(vm.num(lua.LNumber(m)))
	return 1
}

func (vm *VM) mathRandom(L *lua.LState) int {
	d := vm.random.float()
	if n := L.GetTop(); n > 0 {
		lo, hi := 1.0, CheckNumber(L, 1)
		if n >= 2 {
			lo, hi = hi, CheckNumber(L, 2)
		}
		d = math.Floor(d*(hi-lo+1)) + lo
	}
	L.Push(vm.num(lua.LNumber(d)))
	return 1
}

func (vm *VM) mathRandomSeed(L *lua.LState) int {
	vm.random.seed(CheckNumber(L, 1))
	return 0
}

func (vm *VM) openBit() {
	t := vm.library("bit")
	fold := map[string]func(a, b uint64) uint64{
		"band": func(a, b uint64) uint64 { return a & b },
		"bor":  func(a, b uint64) uint64 { return a | b },
		"bxor": func(a, b uint64) uint64 { return a ^ b },
	}
	for name, fn := range fold {
		setString(t, lua.LString(name), vm.function(func(L *lua.LState) int {
			acc := checkBits(L, 1)
			for i := 2; i <= L.GetTop(); i++ {
				next := checkBits(L, i)
				acc = operand64{fn(acc.bits, next.bits), acc.unsigned || next.unsigned, acc.integer || next.integer}
			}
			return vm.pushBits(L, acc)
		}))
	}
	shifts := map[string]func(x uint64, n uint, wide bool) uint64{
		"lshift": func(x uint64, n uint, _ bool) uint64 { return x << n },
		"rshift": func(x uint64, n uint, wide bool) uint64 {
			if wide {
				return x >> n
			}
			return uint64(uint32(x) >> n)
		},
		"arshift": func(x uint64, n uint, wide bool) uint64 {
			if wide {
				return uint64(int64(x) >> n)
			}
			return uint64(int32(x) >> n)
		},
		"rol": func(x uint64, n uint, wide bool) uint64 {
			if wide {
				return bits.RotateLeft64(x, int(n))
			}
			return uint64(bits.RotateLeft32(uint32(x), int(n)))
		},
		"ror": func(x uint64, n uint, wide bool) uint64 {
			if wide {
				return bits.RotateLeft64(x, -int(n))
			}
			return uint64(bits.RotateLeft32(uint32(x), -int(n)))
		},
	}
	for name, fn := range shifts {
		setString(t, lua.LString(name), vm.function(func(L *lua.LState) int {
			x, n := checkBits(L, 1), checkBits(L, 2)
			width := uint64(31)
			if x.integer {
				width = 63
			}
			x.bits = fn(x.bits, uint(n.bits&width), x.integer)
			return vm.pushBits(L, x)
		}))
	}
	vm.Register(t, map[string]lua.LGFunction{
		"tobit": func(L *lua.LState) int {
			x := checkBits(L, 1)
			x.integer = false
			return vm.pushBits(L, x)
		},
		"bnot": func(L *lua.LState) int {
			x := checkBits(L, 1)
			x.bits = ^x.bits
			return vm.pushBits(L, x)
		},
		"bswap": func(L *lua.LState) int {
			x := checkBits(L, 1)
			if x.integer {
				x.bits = bits.ReverseBytes64(x.bits)
			} else {
				x.bits = uint64(bits.ReverseBytes32(uint32(x.bits)))
			}
			return vm.pushBits(L, x)
		},
		"tohex": bitToHex,
	})
}

func checkBits(L *lua.LState, n int) operand64 {
	v := L.Get(n)
	if f, ok := v.(lua.LNumber); ok {
		return operand64{bits: roundBits(float64(f))}
	}
	if x, ok := toOperand64(v); ok {
		return x
	}
	return operand64{bits: roundBits(CheckNumber(L, n))}
}

// roundBits takes a number's lower 32 bits, rounding half to even.
func roundBits(f float64) uint64 {
	if i := int64(f); float64(i) == f {
		return uint64(i)
	}
	return numberBits(math.RoundToEven(math.Mod(f, 1<<53)))
}

func (vm *VM) pushBits(L *lua.LState, x operand64) int {
	switch {
	case !x.integer:
		L.Push(vm.num(lua.LNumber(int32(x.bits))))
	case x.unsigned:
		L.Push(Uint64(x.bits))
	default:
		L.Push(Int64(int64(x.bits)))
	}
	return 1
}

func bitToHex(L *lua.LState) int {
	x := checkBits(L, 1)
	width := 8
	if x.integer {
		width = 16
	}
	n := width
	if L.GetTop() >= 2 {
		n = int(int32(checkBits(L, 2).bits))
	}
	digits := "0123456789abcdef"
	if n < 0 {
		n = -n
		digits = "0123456789ABCDEF"
	}
	n = min(n, width)
	out := make([]byte, n)
	v := x.bits
	for i := n - 1; i >= 0; i-- {
		out[i] = digits[v&15]
		v >>= 4
	}
	L.Push(lua.LString(out))
	return 1
}
