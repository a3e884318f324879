package runtime

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/fiber"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
)

// Chunk is a piece of the program that an instance runs at its start.
type Chunk struct {
	// Source is Lua text. It gets no arguments.
	Source string
	// File, instead of Source, names a file to read it from, "-" meaning the standard input. Script tells that it is a
	// file even if the name is empty.
	File   string
	Script bool
	// Name is how messages call a chunk that is no file, in Lua's form: "=(command line)".
	Name string
	// Module, instead of both, is the name of a module to require into a global variable, as `-l` does.
	Module string
}

// errNoScript is the error of a main script that cannot be opened. Its exit code differs from that of a failed script.
var errNoScript = errors.New("can't open script")

// Exit codes of an instance, as Tarantool's.
const (
	ExitOK       = 0
	ExitFailed   = 1  // a script threw
	ExitNoScript = 2  // the script could not be opened
	ExitUsage    = 64 // wrong options
)

// Run runs the chunks one after another on the main fiber; args are the `...` of those that are files. When they have ended and something
// goes on (fibers, a configured database, a server), the instance stays alive until it is stopped; otherwise, or when a
// chunk fails, it ends. Run returns the exit code.
func (h *Host) Run(chunks []Chunk, args ...string) int {
	h.start(chunks, args)
	<-h.done
	return h.ExitCode()
}

// RunChunks runs the chunks on a fiber and waits for their end only. It returns ExitOK, or the code of the chunk that
// failed; the instance lives on in both cases.
func (h *Host) RunChunks(chunks []Chunk, args ...string) int {
	code := ExitOK
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = h.sched.Do(h.scriptName(), func(f *sched.Fiber) error {
			for _, c := range chunks {
				if code = h.runChunk(h.Thread(f), c, stringValues(args)); code != ExitOK {
					break
				}
			}
			return nil
		})
	}()
	select {
	case <-ended:
		return code
	case <-h.done:
		return h.ExitCode()
	}
}

// RunScript runs a Lua file and waits for its end; args are its `...`. The instance lives on, with the fibers, spaces and
// servers that the script started, whether it ended well or with an error.
func (h *Host) RunScript(file string, args ...string) error {
	return h.DoNamed(filepath.Base(file), func(L *lua.LState) error {
		return h.callChunk(L, Chunk{File: file, Script: true}, stringValues(args))
	})
}

func stringValues(args []string) []lua.LValue {
	values := make([]lua.LValue, len(args))
	for i, a := range args {
		values[i] = lua.LString(a)
	}
	return values
}

// start begins to run the chunks on the main fiber and returns at once.
func (h *Host) start(chunks []Chunk, args []string) {
	values := stringValues(args)
	h.sched.Go(h.scriptName(), func(f *sched.Fiber) {
		L := h.Thread(f)
		h.vm.SetScript(L)
		defer h.vm.SetScript(nil) // another fiber gets the thread
		for _, c := range chunks {
			if code := h.runChunk(L, c, values); code != ExitOK {
				h.end(code)
				return
			}
		}
		if !h.held() && h.sched.Count() == 1 {
			h.end(ExitOK)
			return
		}
		h.log.Sayf(say.Crit, "entering the event loop")
	})
}

func (h *Host) runChunk(L *lua.LState, c Chunk, args []lua.LValue) int {
	err := h.callChunk(L, c, args)
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, errNoScript):
		h.log.Sayf(say.Error, "Can't open script %s: %s", c.File, errText(errors.Unwrap(err)))
		return ExitNoScript
	}
	fiber.LogError(h, err)
	h.log.Sayf(say.Fatal, "fatal error, exiting the event loop")
	return ExitFailed
}

func (h *Host) callChunk(L *lua.LState, c Chunk, args []lua.LValue) error {
	isFile := c.Script || c.File != ""
	if !isFile {
		args = nil
	}
	if c.Module != "" {
		require, ok := L.GetGlobal("require").(*lua.LFunction)
		if !ok {
			return errors.New("require is not a function any more")
		}
		values, err := h.vm.Call(L, require, 1, lua.LString(c.Module))
		if err == nil {
			L.SetGlobal(c.Module, values[0])
		}
		return err
	}
	source, name := []byte(c.Source), c.Name
	if isFile {
		var err error
		if source, err = h.readScript(c.File); errors.Is(err, syscall.EISDIR) {
			return fmt.Errorf("cannot read %s: %s", c.File, errText(err))
		}
		if err != nil {
			return &scriptError{err}
		}
		name = "@" + c.File
		if c.File == "-" {
			name = "=stdin"
		}
	}
	fn, err := h.vm.Load(source, name)
	if err != nil {
		return err
	}
	_, err = h.vm.Call(L, fn, 0, args...)
	return err
}

// scriptError is errNoScript with the reason.
type scriptError struct{ reason error }

func (e *scriptError) Error() string        { return errNoScript.Error() + ": " + e.reason.Error() }
func (e *scriptError) Unwrap() error        { return e.reason }
func (e *scriptError) Is(target error) bool { return target == errNoScript }

func (h *Host) readScript(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(h.stdin)
	}
	return h.readFile(file)
}
