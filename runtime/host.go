package runtime

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime/fiber"
	"shardlua/runtime/internals"
	"shardlua/runtime/iproto/procedure"
	"shardlua/runtime/module"
	"shardlua/runtime/reload"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/session"
	"shardlua/runtime/sys"
	"shardlua/runtime/vm"
)

// closeTimeout is how long Close waits for the fibers to end.
const closeTimeout = 10 * time.Second

// Options set up a Host. The zero value is an instance on the real machine with the process's standard streams.
type Options struct {
	// Args is the command line that scripts see as arg: the program, the script, its arguments. Empty means the
	// process's own program without a script.
	Args []string
	// Stdin, Stdout and Stderr are the standard streams of scripts and of the log; nil means the process's.
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Machine is time, disk and network; the zero value is the real ones.
	Machine sys.Machine
	// Modules are Lua modules of the embedder's own. One with the name of a built-in module replaces it.
	Modules []module.Module
	// Evolution are the migrations of the embedder's own modules, beside those that the host brings.
	Evolution []*evolution.List
	// ReloadOnHangup makes Hangup reload the modules that have state and have changed, as a script can with
	// shardlua.reload_on_sighup(true).
	ReloadOnHangup bool
}

// Host is one instance: a Lua VM, its fibers, its database and its servers.
type Host struct {
	vm      *vm.VM
	sched   *sched.Scheduler
	machine sys.Machine
	log     *say.Logger
	clients *session.Registry
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	args    []string
	script  string
	home    string
	// homeKnown tells whether the environment names a home directory; an empty one counts.
	homeKnown bool

	modules  map[string]module.Module
	embedder []module.Module       // Options.Modules
	opened   map[string]lua.LValue // the values of the modules
	services map[any]any
	pkg      *lua.LTable // package
	loaded   *lua.LTable // package.loaded as it was made
	root     string      // package.setsearchroot
	reloader *reload.Reloader
	loaders  []*lua.LFunction // package.loaders as it was made
	starting bool             // the built-in modules are being opened

	mu       sync.Mutex
	holds    int
	shutdown []func()
	ending   bool
	code     int
	changed  chan struct{} // told when holds or the number of fibers may have become zero
	done     chan struct{} // closed when the instance has ended
	closing  chan struct{} // closed when Close begins
	closed   sync.Once
}

var _ module.Host = (*Host)(nil)

// New makes an instance. Close it when it is not needed any more.
func New(opts Options) (*Host, error) {
	h := &Host{
		machine: opts.Machine, args: opts.Args,
		stdin: opts.Stdin, stdout: opts.Stdout, stderr: opts.Stderr,
		modules: make(map[string]module.Module), opened: make(map[string]lua.LValue), embedder: opts.Modules,
		services: make(map[any]any),
		changed:  make(chan struct{}, 1), done: make(chan struct{}), closing: make(chan struct{}),
	}
	h.fillDefaults()
	if len(h.args) > 1 {
		h.script = h.args[1]
	}
	h.clients = session.NewRegistry()
	h.log = say.New(h.stderr)
	h.sched = sched.New(h.machine.Clock)
	h.sched.OnPanic = func(f *sched.Fiber, value any, stack []byte) {
		h.log.Sayf(say.Crit, "fiber %d %q ended by an internal error, please report it: %v\n%s", f.ID(), f.Name(), value, stack)
	}
	for _, list := range [][]module.Module{builtins(), opts.Modules} {
		for _, m := range list {
			h.modules[m.Name] = m
		}
	}
	for _, list := range append(evolution.Builtin(), opts.Evolution...) {
		internals.Of(h).Register(list)
	}
	h.vm = vm.New(vm.Options{})
	h.reloader = reload.New(h, h)
	if opts.ReloadOnHangup {
		h.reloader.OnHangup(&reload.Request{})
	}
	procedure.Plug(h)
	if err := h.Do(func(L *lua.LState) error { return h.openGlobals(L) }); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot make the Lua globals: %w", err), h.Close())
	}
	return h, nil
}

func (h *Host) fillDefaults() {
	if len(h.args) == 0 {
		h.args = os.Args[:1]
	}
	if h.stdin == nil {
		h.stdin = os.Stdin
	}
	if h.stdout == nil {
		h.stdout = os.Stdout
	}
	if h.stderr == nil {
		h.stderr = os.Stderr
	}
	machine := sys.Real()
	if h.machine.Clock == nil {
		h.machine.Clock = machine.Clock
	}
	if h.machine.Disk == nil {
		h.machine.Disk = machine.Disk
	}
	if h.machine.Network == nil {
		h.machine.Network = machine.Network
	}
	h.home, h.homeKnown = os.LookupEnv("HOME")
}

// VM implements module.Host.
func (h *Host) VM() *vm.VM { return h.vm }

// Sched implements module.Host.
func (h *Host) Sched() *sched.Scheduler { return h.sched }

// Machine implements module.Host.
func (h *Host) Machine() sys.Machine { return h.machine }

// Sessions implements module.Host.
func (h *Host) Sessions() *session.Registry { return h.clients }

// Log implements module.Host.
func (h *Host) Log() *say.Logger { return h.log }

// Stdin implements module.Host.
func (h *Host) Stdin() io.Reader { return h.stdin }

// Stdout implements module.Host.
func (h *Host) Stdout() io.Writer { return h.stdout }

// Stderr implements module.Host.
func (h *Host) Stderr() io.Writer { return h.stderr }

// Version implements module.Host.
func (h *Host) Version() string { return Version }

// Args implements module.Host.
func (h *Host) Args() []string { return h.args }

// Script implements module.Host.
func (h *Host) Script() string { return h.script }

// Service implements module.Host.
func (h *Host) Service(key any) any { return h.services[key] }

// SetService implements module.Host.
func (h *Host) SetService(key, value any) { h.services[key] = value }

// Thread implements module.Host.
func (h *Host) Thread(f *sched.Fiber) *lua.LState { return fiber.Thread(h, f) }

// Spawn implements module.Host.
func (h *Host) Spawn(name string, fn *lua.LFunction, args ...lua.LValue) *sched.Fiber {
	return fiber.Spawn(h, name, fn, args...)
}

// Require implements module.Host.
func (h *Host) Require(L *lua.LState, name string) lua.LValue {
	L.Push(L.GetGlobal("require"))
	L.Push(lua.LString(name))
	L.Call(1, 1)
	value := L.Get(-1)
	L.Pop(1)
	return value
}

// Do runs fn with the baton, on a fiber and a Lua thread of its own, and waits for it. A Lua error that fn raises is
// returned. It is the only way into the instance for a goroutine that is not one of its fibers; calling it from inside
// would wait for ever.
func (h *Host) Do(fn func(L *lua.LState) error) error {
	return h.DoNamed("lua", fn)
}

// DoNamed is Do on a fiber with a name of the caller's choice.
func (h *Host) DoNamed(name string, fn func(L *lua.LState) error) error {
	return h.sched.Do(name, func(f *sched.Fiber) error {
		L := h.Thread(f)
		return h.protected(L, func() error { return fn(L) })
	})
}

// Reload loads modules anew as one transaction: all of them, or, when it returns an error, none. It must not be called
// from inside the instance.
func (h *Host) Reload(req reload.Request) (*reload.Report, error) {
	var report *reload.Report
	err := h.DoNamed("reload", func(L *lua.LState) error {
		var err error
		report, err = h.reloader.Reload(L, req)
		return err
	})
	return report, err
}

// Hold implements module.Host.
func (h *Host) Hold() (release func()) {
	h.mu.Lock()
	h.holds++
	h.mu.Unlock()
	var once sync.Once
	return func() {
		once.Do(func() {
			h.mu.Lock()
			h.holds--
			h.mu.Unlock()
			h.wake()
		})
	}
}

func (h *Host) wake() {
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// held tells whether something besides fibers keeps the instance alive.
func (h *Host) held() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.holds > 0
}

// OnShutdown implements module.Host.
func (h *Host) OnShutdown(fn func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shutdown = append(h.shutdown, fn)
}

// Exit implements module.Host.
func (h *Host) Exit(code int) {
	h.end(code)
	if f := h.sched.Current(); f != nil {
		// The baton stays here, so that no other fiber goes on after the end; Close takes it.
		<-h.closing
		f.Abandon()
	}
}

// end runs what OnShutdown collected, once, and lets Done happen. The caller holds the baton.
func (h *Host) end(code int) {
	h.mu.Lock()
	if h.ending {
		h.mu.Unlock()
		return
	}
	h.ending, h.code = true, code
	h.mu.Unlock()
	for {
		h.mu.Lock()
		n := len(h.shutdown)
		if n == 0 {
			h.mu.Unlock()
			break
		}
		fn := h.shutdown[n-1]
		h.shutdown = h.shutdown[:n-1]
		h.mu.Unlock()
		h.protect(fn)
	}
	close(h.done)
}

func (h *Host) protect(fn func()) {
	defer func() {
		if v := recover(); v != nil {
			h.log.Sayf(say.Error, "error at shutdown: %v", v)
		}
	}()
	fn()
}

// Done is closed when the instance has ended: by os.exit, Stop or Close. ExitCode then tells its code.
func (h *Host) Done() <-chan struct{} { return h.done }

// ExitCode is the code that the instance ended with; it is valid once Done is closed.
func (h *Host) ExitCode() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.code
}

// Stop ends the instance with that code, as os.exit in a script does, and waits for it. It is for goroutines that are
// no fibers: a signal handler, an embedder.
func (h *Host) Stop(code int) {
	h.mu.Lock()
	ending := h.ending
	h.mu.Unlock()
	if !ending {
		begun := make(chan struct{})
		go h.interruptUntil(begun)
		err := h.sched.Do("shutdown", func(*sched.Fiber) error {
			close(begun)
			h.vm.ClearInterrupt()
			h.end(code)
			return nil
		})
		if err != nil {
			return
		}
	}
	<-h.done
}

// stopPatience is how long Stop waits for the baton before it interrupts the Lua code that does not give it away.
const stopPatience = 2 * time.Second

var errStopping = errors.New("the instance is stopping")

func (h *Host) interruptUntil(begun <-chan struct{}) {
	for {
		late := make(chan struct{})
		timer := h.machine.Clock.AfterFunc(stopPatience, func() { close(late) })
		select {
		case <-begun:
			timer.Stop()
			return
		case <-late:
			h.vm.Interrupt(errStopping)
		}
	}
}

// StopBySignal ends the instance as the operator's signal asks: with exit code 0, as Tarantool does.
func (h *Host) StopBySignal(s os.Signal) {
	h.log.Sayf(say.Crit, "got signal %d - %s", signalNumber(s), signalText(s))
	h.Stop(ExitOK)
}

// RotateLog opens the log's file anew, after somebody has moved it.
func (h *Host) RotateLog() {
	if err := h.log.Rotate(); err != nil {
		h.log.Sayf(say.Error, "can't rotate the log: %v", err)
	}
}

// Hangup is what the signal of that name asks for: the log's file is opened anew, and modules are reloaded when the
// instance was told so (shardlua.reload_on_sighup).
func (h *Host) Hangup() {
	h.RotateLog()
	err := h.DoNamed("hangup", func(L *lua.LState) error {
		h.reloader.Hangup(L)
		return nil
	})
	if err != nil && !errors.Is(err, sched.ErrClosed) {
		h.log.Sayf(say.Error, "reload by signal failed: %v", err)
	}
}

// Leave ends the instance and writes what its log still holds, but leaves the fibers where they are: for a process that
// is about to end.
func (h *Host) Leave() error {
	h.Stop(0)
	return h.log.Close()
}

// Close ends the instance, cancels its fibers and frees what it holds. It may be called more than once.
func (h *Host) Close() error {
	h.Stop(0)
	h.closed.Do(func() { close(h.closing) })
	h.sched.Close()
	expired := make(chan struct{})
	timer := h.machine.Clock.AfterFunc(closeTimeout, func() { close(expired) })
	defer timer.Stop()
	select {
	case <-h.sched.Drained():
	case <-expired:
		return errors.Join(fmt.Errorf("%d fibers do not end", h.sched.Count()), h.log.Close())
	}
	return h.log.Close()
}

// errText is an error of the operating system in C's words, without Go's path and operation.
func errText(err error) string {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	text := err.Error()
	if text != "" && text[0] >= 'a' && text[0] <= 'z' {
		text = string(text[0]-'a'+'A') + text[1:]
	}
	return text
}

// scriptName is how the main fiber is called: the base name of the script.
func (h *Host) scriptName() string {
	if h.script == "" || h.script == "-" {
		return "interactive"
	}
	return filepath.Base(h.script)
}
