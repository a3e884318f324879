package vm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"
)

// pushLoaded pushes a function, or nil and the error.
func pushLoaded(L *lua.LState, fn *lua.LFunction, err error) int {
	if err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(err.Error()))
		return 2
	}
	L.Push(fn)
	return 1
}

// pushLoadFailure pushes nil and what the reader of a chunk threw.
func pushLoadFailure(L *lua.LState, err error) int {
	var thrown *Error
	L.Push(lua.LNil)
	if errors.As(err, &thrown) {
		L.Push(thrown.Value)
	} else {
		L.Push(lua.LString(err.Error()))
	}
	return 2
}

// loadChunk is what load, loadstring and loadfile share: the mode (argument
// modeArg) must allow text, and argument modeArg+1 is the environment.
func (vm *VM) loadChunk(L *lua.LState, chunk []byte, name string, modeArg int) int {
	mode := OptString(L, modeArg, "bt")
	want := "t"
	if len(chunk) > 0 && chunk[0] == 0x1b {
		want = "b"
	}
	if !strings.Contains(mode, want) {
		return pushLoaded(L, nil, fmt.Errorf("attempt to load chunk with wrong mode"))
	}
	fn, err := vm.Load(chunk, name)
	if err == nil {
		// A loaded chunk sees the globals of the thread that loads it.
		fn.Env = L.Env
		if env, ok := L.Get(modeArg + 1).(*lua.LTable); ok {
			fn.Env = env
		}
	}
	return pushLoaded(L, fn, err)
}

func (vm *VM) baseLoad(L *lua.LState) int {
	if s, ok := text(L.Get(1)); ok {
		return vm.loadChunk(L, []byte(s), OptString(L, 2, s), 3)
	}
	reader := CheckFunction(L, 1)
	var chunk []byte
	for {
		pieces, err := vm.Call(L, reader, 1)
		if err != nil {
			return pushLoadFailure(L, err)
		}
		piece := pieces[0]
		if isNil(piece) {
			break
		}
		s, ok := text(piece)
		if !ok {
			return pushLoaded(L, nil, fmt.Errorf("reader function must return a string"))
		}
		if s == "" {
			break
		}
		chunk = append(chunk, s...)
	}
	return vm.loadChunk(L, chunk, OptString(L, 2, "=(load)"), 3)
}

func readChunk(L *lua.LState) (chunk []byte, name string, err error) {
	if isNil(L.Get(1)) {
		chunk, err = io.ReadAll(os.Stdin)
		return chunk, "=stdin", err
	}
	path := CheckString(L, 1)
	chunk, err = os.ReadFile(path)
	if err != nil {
		did := "open"
		if errors.Is(err, syscall.EISDIR) {
			did = "read"
		}
		err = fmt.Errorf("cannot %s %s: %s", did, path, reason(err))
	}
	return chunk, "@" + path, err
}

// reason is the system's word for an error, without operation and path.
func reason(err error) string {
	if pe, ok := err.(*os.PathError); ok {
		err = pe.Err
	}
	s := err.Error()
	if s != "" {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

func (vm *VM) baseLoadFile(L *lua.LState) int {
	chunk, name, err := readChunk(L)
	if err != nil {
		return pushLoaded(L, nil, err)
	}
	return vm.loadChunk(L, chunk, name, 2)
}

func (vm *VM) baseDoFile(L *lua.LState) int {
	chunk, name, err := readChunk(L)
	var fn *lua.LFunction
	if err == nil {
		fn, err = vm.Load(chunk, name)
	}
	if err != nil {
		Raise(L, lua.LString(err.Error()))
	}
	L.SetTop(0)
	L.Push(fn)
	L.Call(0, lua.MultRet)
	return L.GetTop()
}

// environmentFrame finds the function that getfenv and setfenv are about; nil
// stands for the thread itself.
func environmentFrame(L *lua.LState) *lua.LFunction {
	if fn, ok := L.Get(1).(*lua.LFunction); ok {
		return fn
	}
	level := OptInt(L, 1, 1)
	if level < 0 {
		ArgError(L, 1, "invalid level")
	}
	if level == 0 {
		return nil
	}
	f := frameAt(L, level)
	if f == nil {
		ArgError(L, 1, "invalid level")
	}
	return f.Fn
}

func baseGetFenv(L *lua.LState) int {
	fn := environmentFrame(L)
	if fn == nil || fn.IsG {
		L.Push(L.Env)
	} else {
		L.Push(fn.Env)
	}
	return 1
}

func baseSetFenv(L *lua.LState) int {
	env := CheckTable(L, 2)
	n, isNumber := ToNumber(L.Get(1))
	if isNumber && int(n) == 0 {
		L.Env = env
		return 0
	}
	fn := environmentFrame(L)
	if fn.IsG {
		RaiseString(L, 1, "'setfenv' cannot change environment of given object")
	}
	fn.Env = env
	L.Push(fn)
	return 1
}
