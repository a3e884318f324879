package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/golua"
	"shardlua/runtime/iproto/procedure"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// Eval runs a chunk of Lua with args as its `...` and returns what it returns. The arguments are Go values (package
// golua says which) or Lua values. A Lua error is returned.
func (h *Host) Eval(chunk string, args ...any) (Values, error) {
	return h.EvalContext(context.Background(), chunk, args...)
}

// EvalContext is Eval on a fiber that is cancelled when ctx is done. Code that waits then ends with Tarantool's error
// "fiber is cancelled", code that never waits is interrupted; either way the error wraps that of ctx.
func (h *Host) EvalContext(ctx context.Context, chunk string, args ...any) (Values, error) {
	return h.call(ctx, "lua", args, func(L *lua.LState) (lua.LValue, lua.LValue, error) {
		fn, err := h.vm.Load([]byte(chunk), chunk)
		return fn, nil, err
	})
}

// Call calls a function by its global name, `app.put`, `vshard.storage.call` or `object:method`, and returns what it
// returns. The rest is as in Eval.
func (h *Host) Call(function string, args ...any) (Values, error) {
	return h.CallContext(context.Background(), function, args...)
}

// CallContext is Call as EvalContext is Eval.
func (h *Host) CallContext(ctx context.Context, function string, args ...any) (Values, error) {
	return h.call(ctx, function, args, func(L *lua.LState) (lua.LValue, lua.LValue, error) {
		return procedure.Find(h.vm, L, function)
	})
}

// call finds a function and calls it on a fiber of its own.
func (h *Host) call(ctx context.Context, name string, args []any,
	find func(L *lua.LState) (fn, self lua.LValue, err error)) (Values, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	values := make([]lua.LValue, len(args))
	for i, arg := range args {
		var err error
		if values[i], err = golua.Encode(arg); err != nil {
			return nil, fmt.Errorf("argument %d of %s: %w", i+1, name, err)
		}
	}
	var results Values
	err := h.sched.Do(name, func(f *sched.Fiber) error {
		defer h.cancelWith(ctx, f)()
		L := h.Thread(f)
		return h.protected(L, func() error {
			fn, self, err := find(L)
			if err != nil {
				return err
			}
			if self != nil {
				values = append([]lua.LValue{self}, values...)
			}
			returned, err := h.vm.Call(L, fn, lua.MultRet, values...)
			if err != nil {
				return err
			}
			results, err = detach(L, returned)
			return err
		})
	})
	switch {
	case err == nil:
		return results, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return nil, err
}

// protected runs Go code that may raise Lua errors, and returns what it raises. An error of the database is a
// *boxerr.Error.
func (h *Host) protected(L *lua.LState, fn func() error) error {
	var inner error
	_, err := h.vm.Call(L, L.NewFunction(func(*lua.LState) int {
		inner = fn()
		return 0
	}), 0)
	if err == nil {
		err = inner
	}
	var thrown *vm.Error
	if errors.As(err, &thrown) {
		if boxed, ok := thrown.Value.(interface{ BoxError() *boxerr.Error }); ok {
			return boxed.BoxError()
		}
	}
	return err
}

// interruptPace is how often code that is to end, and does not wait, is interrupted.
const interruptPace = 50 * time.Millisecond

// cancelWith cancels a fiber when ctx is done, until the returned function is called, by that fiber.
func (h *Host) cancelWith(ctx context.Context, f *sched.Fiber) (end func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	var mu sync.Mutex
	over := false
	var insist func()
	insist = func() {
		mu.Lock()
		defer mu.Unlock()
		if over {
			return
		}
		if h.sched.Current() == f {
			h.vm.Interrupt(ctx.Err())
		}
		h.machine.Clock.AfterFunc(interruptPace, insist)
	}
	stop := context.AfterFunc(ctx, func() {
		f.Cancel()
		insist()
	})
	return func() {
		stop()
		mu.Lock()
		defer mu.Unlock()
		over = true
		if ctx.Err() != nil {
			h.vm.ClearInterrupt()
		}
	}
}
