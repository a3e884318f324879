package vm

import (
	"errors"
	"runtime"
	"sync/atomic"
	"unsafe"
	"weak"

	lua "github.com/yuin/gopher-lua"
)

// Options set up a VM.
type Options struct {
	// MaxStack is the number of register slots that a thread may fill before
	// it raises "stack overflow". Zero means LuaJIT's 65,500.
	MaxStack int
}

// VM is one Lua world: its globals, its cdata types and its threads.
type VM struct {
	main       *lua.LState
	script     *lua.LState // the thread of the main script
	ctypes     []ctype
	typeMeta   [lua.LTChannel + 1]*lua.LTable
	stringMeta *lua.LTable
	stackLimit int

	next       *lua.LFunction // the builtin, which generic for runs inline
	ipairsStep *lua.LFunction
	nextHint   int // where the last traversal step found its key

	numbers     *[numberBlock]lua.LNumber
	numbersUsed int

	random  prng
	orphans orphans
	strands *strands

	upvalueIDs map[*lua.Upvalue]weak.Pointer[lua.LUserData] // what debug.upvalueid has given out

	interrupt atomic.Pointer[interruption]
	journal   *Journal // nil almost always
}

type interruption struct{ err error }

const registryKey = "shardlua.vm"

// New makes a VM with the standard libraries open. It panics when the
// gopher-lua that it was built with is not the one it knows.
func New(opts Options) *VM {
	vm := &VM{
		strands:     &strands{},
		ctypes:      wellKnownCTypes(),
		stackLimit:  opts.MaxStack,
		numbersUsed: numberBlock,
	}
	if vm.stackLimit == 0 {
		vm.stackLimit = maxStackSlots
	}
	L := lua.NewState(lua.Options{
		SkipOpenLibs:        true,
		RegistrySize:        1024,
		RegistryMaxSize:     1 << 26,
		RegistryGrowStep:    64,
		CallStackSize:       4 * framesPerSegment,
		MinimizeStackMemory: true,
	})
	if err := checkLayout(L); err != nil {
		panic(err)
	}
	L.Options.RegistrySize = 48
	L.Options.CallStackSize = 2 * framesPerSegment
	vm.main = L
	vm.install(L)
	L.G.MainThread, L.G.CurrentThread = L, L
	owner := L.NewUserData()
	owner.Value = vm
	L.G.Registry.RawSetString(registryKey, owner)
	vm.openLibs()
	runtime.AddCleanup(vm, (*strands).end, vm.strands)
	return vm
}

// install gives a thread this VM's loop.
func (vm *VM) install(L *lua.LState) {
	s := stateOf(L)
	s.mainLoop = vm.run
	L.Panic = func(L *lua.LState) { Raise(L, L.Get(-1)) }
	if L != vm.main {
		main := stateOf(vm.main)
		s.alloc, s.reg.alloc = main.alloc, main.alloc
	}
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

// SetScript tells which thread runs the main script: coroutine.running has none to name there.
func (vm *VM) SetScript(L *lua.LState) { vm.script = L }

// NewThread makes a thread that shares the globals of the VM.
func (vm *VM) NewThread() *lua.LState {
	thread, _ := vm.main.NewThread()
	vm.install(thread)
	return thread
}

// ResetThread empties a thread that has run, for use by another fiber.
func (vm *VM) ResetThread(L *lua.LState) {
	s := stateOf(L)
	closeUpvalues(s, 0)
	s.stack.stack.unwind(0)
	s.currentFrame = nil
	clear(s.reg.array)
	s.reg.top = 0
	if len(s.reg.array) > 1024 {
		s.reg.array = make([]lua.LValue, 64)
	}
	L.Dead = false
	L.Env = L.G.Global
}

// ErrInterrupted is raised by a loop stopped with Interrupt(nil).
var ErrInterrupted = errors.New("interrupted")

// Interrupt stops the Lua code that runs now: its next backward jump or call
// raises the error's text. Interrupt may be called from any goroutine. When no
// code runs, the code that runs next is stopped; see ClearInterrupt.
func (vm *VM) Interrupt(err error) {
	if err == nil {
		err = ErrInterrupted
	}
	vm.interrupt.Store(&interruption{err})
}

// ClearInterrupt withdraws an interrupt that has not struck yet and says
// whether there was one.
func (vm *VM) ClearInterrupt() bool { return vm.interrupt.Swap(nil) != nil }

// Identity is the address that a value is shown with, zero for plain values.
func Identity(v lua.LValue) uintptr {
	switch v.(type) {
	case lua.LNumber, lua.LString, lua.LBool, *lua.LNilType:
		return 0
	}
	return uintptr((*interfaceWords)(unsafe.Pointer(&v)).data)
}
