package popen

import (
	"errors"
	"os"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/vm"
)

// What a standard stream of the child is.
const (
	pipe    = "pipe"
	devnull = "devnull"
	inherit = "inherit"
	closed  = "close"
)

var streamNames = [...]string{"stdin", "stdout", "stderr"}

// options are those of popen.new.
type options struct {
	streams                                                         [3]string
	env                                                             []string // nil for the instance's own
	shell, setsid, closeFDs, restoreSignals, groupSignal, keepChild bool
}

// flags are the boolean options by name, and how they are unless given.
func (o *options) flags() []flag {
	return []flag{
		{"shell", &o.shell}, {"setsid", &o.setsid}, {"close_fds", &o.closeFDs},
		{"restore_signals", &o.restoreSignals}, {"group_signal", &o.groupSignal}, {"keep_child", &o.keepChild},
	}
}

type flag struct {
	name  string
	value *bool
}

func defaultOptions() options {
	return options{streams: [3]string{inherit, inherit, inherit}, closeFDs: true, restoreSignals: true}
}

// typeName is how the messages call a value's type.
func typeName(L *lua.LState, n int) string {
	if L.GetTop() < n {
		return "no value"
	}
	return vm.TypeName(L.Get(n))
}

func (lib *library) new(L *lua.LState) int {
	list, ok := L.Get(1).(*lua.LTable)
	if !ok {
		lib.illegal(L, `popen.new: wrong parameter "argv": expected table, got %s`, typeName(L, 1))
	}
	o := defaultOptions()
	switch t := L.Get(2).(type) {
	case *lua.LNilType:
	case *lua.LTable:
		lib.readOptions(L, t, &o)
	default:
		lib.illegal(L, `popen.new: wrong parameter "opts": expected table or nil, got %s`, vm.TypeName(t))
	}
	var argv []string
	for i := 1; i <= vm.Length(list); i++ {
		s, ok := vm.RawGet(list, lua.LNumber(i)).(lua.LString)
		if !ok {
			lib.illegal(L, `popen.new: wrong parameter "argv[%d]": expected string, got %s`, i,
				vm.TypeName(vm.RawGet(list, lua.LNumber(i))))
		}
		argv = append(argv, string(s))
	}
	if o.groupSignal && !o.setsid {
		lib.illegal(L, "popen: group signal without setting sid")
	}
	return lib.start(L, argv, o)
}

func (lib *library) readOptions(L *lua.LState, t *lua.LTable, o *options) {
	for i, name := range streamNames {
		v := t.RawGetString(name)
		if vm.IsNil(v) {
			continue
		}
		s, ok := v.(lua.LString)
		if !ok {
			lib.illegal(L, `popen.new: wrong parameter "opts.%s": expected string or nil, got %s`, name, vm.TypeName(v))
		}
		switch string(s) {
		case pipe, devnull, inherit, closed:
			o.streams[i] = string(s)
		default:
			lib.illegal(L, `popen.new: wrong parameter "opts.%s": expected popen.opts.<...> constant, got %s`, name, string(s))
		}
	}
	switch env := t.RawGetString("env").(type) {
	case *lua.LNilType:
	case *lua.LTable:
		o.env = []string{}
		env.ForEach(func(key, value lua.LValue) {
			k, ok1 := key.(lua.LString)
			v, ok2 := value.(lua.LString)
			if !ok1 || !ok2 {
				lib.illegal(L, `popen.new: wrong parameter "opts.env": expected {[<string>] = <string>, ...}, got a `+
					"non-string key or value")
			}
			o.env = append(o.env, string(k)+"="+string(v))
		})
	default:
		lib.illegal(L, `popen.new: wrong parameter "opts.env": expected table or nil, got %s`, vm.TypeName(env))
	}
	for _, f := range o.flags() {
		switch v := t.RawGetString(f.name).(type) {
		case *lua.LNilType:
		case lua.LBool:
			*f.value = bool(v)
		default:
			lib.illegal(L, `popen.new: wrong parameter "opts.%s": expected boolean or nil, got %s`, f.name, vm.TypeName(v))
		}
	}
}

func (lib *library) shell(L *lua.LState) int {
	command, ok := L.Get(1).(lua.LString)
	if !ok {
		lib.illegal(L, `popen.shell: wrong parameter "command": expected string, got %s`, typeName(L, 1))
	}
	o := defaultOptions()
	o.shell, o.setsid, o.groupSignal = true, true, true
	switch mode := L.Get(2).(type) {
	case *lua.LNilType:
	case lua.LString:
		for _, c := range string(mode) {
			i := strings.IndexRune("wrR", c)
			if i < 0 {
				lib.illegal(L, `popen.shell: wrong parameter "mode": expected 'r', 'w', 'R' or its combination, got %s`,
					string(mode))
			}
			o.streams[i] = pipe
		}
	default:
		lib.illegal(L, `popen.shell: wrong parameter "mode": expected string or nil, got %s`, vm.TypeName(mode))
	}
	return lib.start(L, []string{string(command)}, o)
}

func (lib *library) start(L *lua.LState, argv []string, o options) int {
	if o.shell {
		argv = append([]string{"/bin/sh", "-c"}, argv...)
	}
	h := &handle{lib: lib, options: o, command: commandLine(argv, o.shell), exited: make(chan struct{})}
	if err := h.start(argv); err != nil {
		return lib.fail(L, err)
	}
	lib.living[h] = struct{}{}
	u := L.NewUserData()
	u.Value, u.Metatable = h, lib.meta
	L.Push(u)
	return 1
}

// commandLine is the command as info shows it: words with spaces are quoted.
func commandLine(argv []string, shell bool) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		if strings.ContainsAny(word, " \t") {
			word = "'" + word + "'"
		}
		words[i] = word
	}
	if shell {
		words[0] = "sh"
	}
	return strings.Join(words, " ")
}

// start makes the process. One whose program cannot be run is a process that ended with the error's number.
func (h *handle) start(argv []string) *boxerr.Error {
	attr := &os.ProcAttr{Env: h.options.env, Sys: &syscall.SysProcAttr{Setsid: h.options.setsid}}
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			f.Close()
		}
	}()
	for i, own := range [...]*os.File{os.Stdin, os.Stdout, os.Stderr} {
		switch h.options.streams[i] {
		case inherit:
			attr.Files = append(attr.Files, own)
		case closed:
			attr.Files = append(attr.Files, nil)
		default:
			f, err := h.stream(i)
			if err != nil {
				h.closeStreams()
				return boxerr.NewSystem(boxerr.ClassSystemError, errnoOf(err), "popen: %v", err)
			}
			theirs = append(theirs, f)
			attr.Files = append(attr.Files, f)
		}
	}
	name := ""
	if len(argv) > 0 {
		name = argv[0]
	}
	process, err := os.StartProcess(name, argv, attr)
	if err != nil {
		h.state = state{ended: true, code: errnoOf(err)}
		close(h.exited)
		return nil
	}
	h.process, h.pid = process, process.Pid
	go h.reap()
	return nil
}

// stream opens the child's end of a stream that is a pipe or nothing.
func (h *handle) stream(i int) (*os.File, error) {
	if h.options.streams[i] == devnull {
		return os.OpenFile(os.DevNull, os.O_RDWR, 0)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	if i == 0 {
		h.pipes[i] = w
		return r, nil
	}
	h.pipes[i] = r
	return w, nil
}

func errnoOf(err error) int {
	var n syscall.Errno
	if errors.As(err, &n) {
		return int(n)
	}
	return int(syscall.EIO)
}
