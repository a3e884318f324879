package vm

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"shardlua/runtime/vm/syntax"

	lua "github.com/yuin/gopher-lua"
)

func eval(t *testing.T, v *VM, chunk string) []lua.LValue {
	t.Helper()
	fn, err := v.Load([]byte(chunk), "=test")
	if err != nil {
		t.Fatal(err)
	}
	values, err := v.Call(v.State(), fn, lua.MultRet)
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(*Error).Traceback)
	}
	return values
}

func TestLayout(t *testing.T) {
	L := lua.NewState(lua.Options{SkipOpenLibs: true, MinimizeStackMemory: true})
	if err := checkLayout(L); err != nil {
		t.Fatal(err)
	}
	fixed := lua.NewState(lua.Options{SkipOpenLibs: true})
	if err := checkLayout(fixed); err == nil {
		t.Error("a fixed call stack passes for a growing one")
	}
}

func TestInterrupt(t *testing.T) {
	for _, loop := range []string{
		"while true do end", "for i = 1, math.huge do end", "repeat until false", "::a:: goto a",
		"local function f() return f() end f()", "while true do pcall(function() end) end",
	} {
		v := New(Options{})
		fn, err := v.Load([]byte(loop), "=loop")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			_, err := v.Call(v.State(), fn, 0)
			done <- err
		}()
		time.Sleep(time.Millisecond)
		deadline := time.After(10 * time.Second)
		for stopped := false; !stopped; {
			v.Interrupt(errors.New("stop it"))
			select {
			case err := <-done:
				if err == nil || !strings.Contains(err.Error(), "stop it") {
					t.Errorf("%s: %v", loop, err)
				}
				stopped = true
			case <-deadline:
				t.Fatalf("%s: not stopped", loop)
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
}

func TestForgottenCoroutinesEnd(t *testing.T) {
	v := New(Options{})
	before := runtime.NumGoroutine()
	eval(t, v, `for i = 1, 100 do local c = coroutine.wrap(function() coroutine.yield() end) c() end`)
	if n := runtime.NumGoroutine(); n < before+10 {
		t.Fatalf("only %d goroutines wait", n-before)
	}
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before+maxStrands; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left", runtime.NumGoroutine()-before)
		}
		// Values beyond the top of the stack keep the last ones alive.
		v.ResetThread(v.State())
		runtime.GC()
		time.Sleep(time.Millisecond)
		eval(t, v, `coroutine.create(print)`)
	}
}

// TestThreadMemory parks threads inside a Go function called from Lua, as
// sleeping fibers are: 10,000 must fit in 100 MiB.
func TestThreadMemory(t *testing.T) {
	v := New(Options{})
	const n = 10000
	parked, wake, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	v.State().SetGlobal("park", v.function(func(L *lua.LState) int {
		parked <- struct{}{}
		<-wake
		return 0
	}))
	fn, err := v.Load([]byte("local function f(x) park(x) return x end f(1)"), "=fiber")
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range n {
		go func() {
			if _, err := v.Call(v.NewThread(), fn, 0); err != nil {
				t.Error(err)
			}
			done <- struct{}{}
		}()
		<-parked
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	heap := (after.HeapAlloc - before.HeapAlloc) / n
	stack := (after.StackInuse - before.StackInuse) / n
	t.Logf("%d bytes of heap and %d of stack per thread", heap, stack)
	limit := uint64(100 << 20 / n)
	if raceDetector {
		limit *= 2 // it widens every stack frame
	}
	if heap+stack > limit {
		t.Errorf("a sleeping thread takes %d bytes", heap+stack)
	}
	for range n {
		wake <- struct{}{}
		<-done
	}
}

type point struct{ x float64 }

func (p *point) String() string       { return "point" }
func (p *point) Type() lua.LValueType { return lua.LTUserData }
func (p *point) CType() CTypeID       { return pointType }

const pointType = firstFreeCType

func TestCdataMetatable(t *testing.T) {
	v := New(Options{})
	if id := v.NewCType("struct point"); id != pointType {
		t.Fatalf("the first free type is %d", id)
	}
	mt := NewTable(0, 0)
	v.Register(mt, map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			if L.Get(2) == lua.LString("x") {
				L.Push(lua.LNumber(L.Get(1).(*point).x))
				return 1
			}
			return 0
		},
		"__lt": func(L *lua.LState) int {
			L.Push(lua.LBool(L.Get(1).(*point).x < L.Get(2).(*point).x))
			return 1
		},
	})
	v.SetMeta(pointType, mt)
	L := v.State()
	L.SetGlobal("p", &point{1})
	L.SetGlobal("q", &point{2})
	got := eval(t, v, `return p.x, p.y, p < q, p == q, p == nil, type(p), pcall(function() return p + 1 end)`)
	want := []lua.LValue{lua.LNumber(1), lua.LNil, lua.LTrue, lua.LFalse, lua.LFalse, lua.LString("cdata"), lua.LFalse,
		lua.LString("test:1: attempt to perform arithmetic on 'struct point' and 'number'")}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("result %d is %v, not %v", i+1, got[i], want[i])
		}
	}
	if x := L.GetField(&point{7}, "x"); x != lua.LNumber(7) {
		t.Errorf("a Go caller reads %v", x)
	}
}

func TestErrorsReachGoUnchanged(t *testing.T) {
	v := New(Options{})
	value := NewTable(0, 0)
	fn := v.function(func(L *lua.LState) int {
		Raise(L, value)
		return 0
	})
	for range 3 {
		_, err := v.Call(v.State(), fn, 0)
		var e *Error
		if !errors.As(err, &e) || e.Value != lua.LValue(value) {
			t.Fatalf("got %v", err)
		}
	}
	if top := v.State().GetTop(); top != 0 {
		t.Errorf("%d values are left on the stack", top)
	}
	if _, err := v.Load([]byte("x ="), "@f.lua"); err == nil || err.Error() != "f.lua:1: unexpected symbol near '<eof>'" {
		t.Errorf("got %v", err)
	}
	if _, err := v.Load([]byte("#!/usr/bin/env tarantool\nx ="), "@f.lua"); err == nil || err.Error() != "f.lua:2: unexpected symbol near '<eof>'" {
		t.Errorf("got %v", err)
	}
}

func TestStatesOfOthersKeepTheirLoop(t *testing.T) {
	v := New(Options{})
	other := lua.NewState()
	defer other.Close()
	if err := other.DoString(`assert(tostring(0.1 + 0.2) ~= nil and #"abc" == 3)`); err != nil {
		t.Fatal(err)
	}
	if err := v.State().DoString(`return 1`); err == nil || !strings.Contains(err.Error(), "compiled by gopher-lua") {
		t.Errorf("foreign bytecode: %v", err)
	}
	if err := v.DoString(`assert(1ULL + 1 == 2)`, "=x"); err != nil {
		t.Error(err)
	}
}

func TestDeepRecursion(t *testing.T) {
	v := New(Options{})
	for _, chunk := range []string{
		"local function f() return 1 + f() end return pcall(f)",
		"local function f() return 1 + select(2, pcall(f)) end return pcall(function() local x = {} x = x + 1 end)",
		"local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] .. 'x' end return pcall(function() return t.x end)",
		"local function f(...) return f(1, ...) .. 'x' end return pcall(f)",
	} {
		got := eval(t, v, chunk)
		if got[0] != lua.LFalse {
			t.Errorf("%s: %v", chunk, got)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []string{
		"local a = 1ULL + 0x1p4 return a", "for i = 1, 2 do goto c ::c:: end", "x = [==[ a ]==] --[[ b ]] y = '\\z  \\u{48}'",
		"return {1, 2, a = 3, [4] = 5; f()}, ... ", "a.b:c 'x' {y} (z).w = function(...) return ... end", "if a then elseif b then else end",
	} {
		f.Add(s)
	}
	v := New(Options{})
	f.Fuzz(func(t *testing.T, src string) {
		fn, err := v.Load([]byte(src), "=f")
		if err != nil {
			var e *syntax.Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Text, "f:") {
				t.Fatalf("error is %v", err)
			}
			return
		}
		last := strings.Count(src, "\n") + strings.Count(src, "\r") + 1
		checkLines(t, fn.Proto, last)
	})
}

// checkLines demands that every instruction comes from a line of the source.
func checkLines(t *testing.T, p *lua.FunctionProto, last int) {
	if len(p.Code) != len(p.DbgSourcePositions) {
		t.Fatal("instructions without lines")
	}
	for _, line := range p.DbgSourcePositions {
		if line < 1 || line > last {
			t.Fatalf("line %d of %d", line, last)
		}
	}
	for _, inner := range p.FunctionPrototypes {
		checkLines(t, inner, last)
	}
}
