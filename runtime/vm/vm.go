package vm

import (
	"errors"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"
)

// Options set up a VM.
type Options struct {
	// MaxStack is the number of nested Lua calls that a thread may hold before
	// it raises "stack overflow". Zero means 65,500 slots' worth, as LuaJIT.
	MaxStack int
}

// VM is one Lua world: its globals, its cdata types and its threads.
type VM struct {
	main   *lua.LState
	ctypes []ctype
	opts   Options

	interrupt atomic.Pointer[interruption]
}

type interruption struct{ err error }

const registryKey = "shardlua.vm"

// New makes a VM with the standard libraries open.
func New(opts Options) *VM {
	vm := &VM{ctypes: wellKnownCTypes(), opts: opts}
	vm.main = lua.NewState(lua.Options{
		SkipOpenLibs:        true,
		RegistrySize:        1024,
		RegistryMaxSize:     1 << 24,
		RegistryGrowStep:    64,
		CallStackSize:       1 << 16,
		MinimizeStackMemory: true,
	})
	vm.main.Options.RegistrySize = 64
	owner := vm.main.NewUserData()
	owner.Value = vm
	vm.main.G.Registry.RawSetString(registryKey, owner)
	vm.openLibs()
	return vm
}

// Of returns the VM that a thread belongs to, nil when it belongs to none.
func Of(L *lua.LState) *VM {
	if owner, ok := L.G.Registry.RawGetString(registryKey).(*lua.LUserData); ok {
		vm, _ := owner.Value.(*VM)
		return vm
	}
	return nil
}

// State returns the main thread.
func (vm *VM) State() *lua.LState { return vm.main }

// NewThread makes a thread that shares the globals of the VM.
func (vm *VM) NewThread() *lua.LState {
	thread, _ := vm.main.NewThread()
	return thread
}

func (vm *VM) openLibs() { vm.main.OpenLibs() }

// ErrInterrupted is raised by a loop stopped with Interrupt(nil).
var ErrInterrupted = errors.New("interrupted")

// Interrupt stops the Lua code that runs now: its next backward jump or call
// raises the error's text. Interrupt may be called from any goroutine.
func (vm *VM) Interrupt(err error) {
	if err == nil {
		err = ErrInterrupted
	}
	vm.interrupt.Store(&interruption{err})
}
