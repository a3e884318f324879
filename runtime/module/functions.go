package module

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/golua"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// Functions makes a Module of plain Go functions, whose arguments and results cross by the rules of package golua:
//
//	module.Functions("prices", map[string]any{
//		"quote": func(sku string, count int) (float64, error) { … },
//		"fetch": func(ctx context.Context, url string) ([]byte, error) { … },
//	})
//
// A last result of type error is raised when it is not nil. A variadic function takes as many arguments as it gets;
// otherwise a missing one is its type's zero value, and one too many is ignored, as with functions of Lua.
//
// A function runs with the baton, and nothing else of the instance runs meanwhile, so it must not block. One that
// takes a context.Context first may: it runs on a goroutine of its own while other fibers go on, and its context is
// done when the calling fiber is cancelled, which does not wait for it. It must not touch the instance's Lua values.
func Functions(name string, functions map[string]any) Module {
	return Module{Name: name, Open: func(h Host, L *lua.LState) lua.LValue {
		exports := L.NewTable()
		for key, fn := range functions {
			bound, err := bind(h, fn)
			if err != nil {
				vm.RaiseString(L, 0, "%s.%s: %s", name, key, err.Error())
			}
			exports.RawSetString(key, L.NewFunction(bound))
		}
		return exports
	}}
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// goFunction is a Go function that Lua code calls.
type goFunction struct {
	host   Host
	fn     reflect.Value
	params []reflect.Type // without the context; of a variadic function the last is that of one argument
	waits  bool           // it takes a context
	fails  bool           // its last result is an error
}

func bind(h Host, fn any) (lua.LGFunction, error) {
	t := reflect.TypeOf(fn)
	if t == nil || t.Kind() != reflect.Func {
		return nil, fmt.Errorf("a function was expected, got %T", fn)
	}
	f := &goFunction{host: h, fn: reflect.ValueOf(fn)}
	for i := range t.NumIn() {
		in := t.In(i)
		switch {
		case i == 0 && in == contextType:
			f.waits = true
			continue
		case t.IsVariadic() && i == t.NumIn()-1:
			in = in.Elem()
		}
		f.params = append(f.params, in)
	}
	f.fails = t.NumOut() > 0 && t.Out(t.NumOut()-1) == errorType
	return f.call, nil
}

func (f *goFunction) call(L *lua.LState) int {
	in := f.arguments(L)
	var out []reflect.Value
	if f.waits {
		out = f.await(L, in)
	} else {
		out = f.fn.Call(in)
	}
	if f.fails {
		last := len(out) - 1
		if err, ok := out[last].Interface().(error); ok && err != nil {
			vm.RaiseString(L, 1, "%s", err.Error())
		}
		out = out[:last]
	}
	for i, v := range out {
		value, err := golua.Encode(v.Interface())
		if err != nil {
			vm.RaiseString(L, 1, "result %d: %s", i+1, err.Error())
		}
		L.Push(value)
	}
	return len(out)
}

func (f *goFunction) arguments(L *lua.LState) []reflect.Value {
	count := len(f.params)
	if f.fn.Type().IsVariadic() {
		count = max(count-1, L.GetTop())
	}
	in := make([]reflect.Value, count)
	for i := range in {
		arg := reflect.New(f.params[min(i, len(f.params)-1)])
		if err := golua.Decode(L.Get(i+1), arg.Interface()); err != nil {
			vm.ArgError(L, i+1, err.Error())
		}
		in[i] = arg.Elem()
	}
	return in
}

// await calls the function on a goroutine of its own while the fiber waits.
func (f *goFunction) await(L *lua.LState, in []reflect.Value) []reflect.Value {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type outcome struct {
		results []reflect.Value
		panic   any
	}
	ended := make(chan outcome, 1)
	err := f.host.Sched().Current().AwaitUntil(sched.Forever, func(done func()) {
		go func() {
			var o outcome
			defer done()
			defer func() { ended <- o }()
			defer func() { o.panic = recover() }()
			o.results = f.fn.Call(append([]reflect.Value{reflect.ValueOf(ctx)}, in...))
		}()
	})
	if errors.Is(err, sched.ErrCancelled) {
		vm.RaiseString(L, -1, "%s", err.Error())
	} else if err != nil {
		vm.RaiseString(L, 1, "%s", err.Error())
	}
	o := <-ended
	if o.panic != nil {
		vm.RaiseString(L, 1, "internal error: %v", o.panic)
	}
	return o.results
}
