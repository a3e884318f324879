package ioext

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/errno"
	"shardlua/runtime/vm"
)

// file is what io.open, io.popen and the standard streams are.
type file struct {
	lib      *library
	disk     *os.File // nil for the host's streams, which may be no files
	in       io.Reader
	out      io.Writer
	buf      *bufio.Reader // over in, made by the first read
	standard bool
	closed   bool
	slow     bool      // reading may take for ever, so it is done off the baton
	process  *exec.Cmd // of popen
}

// String is how tostring shows the file.
func (f *file) String() string {
	if f.closed {
		return "file (closed)"
	}
	return fmt.Sprintf("file (%p)", f)
}

// reader is the buffered input.
func (f *file) reader() *bufio.Reader {
	if f.buf == nil {
		in := f.in
		if in == nil {
			in = refuse{}
		}
		f.buf = bufio.NewReader(in)
	}
	return f.buf
}

// refuse is the input of a stream that is for writing only, and the output of one that is for reading only.
type refuse struct{}

func (refuse) Read([]byte) (int, error)  { return 0, unix.EBADF }
func (refuse) Write([]byte) (int, error) { return 0, unix.EBADF }

// wait runs work, off the baton when it may take for ever.
func (f *file) wait(work func()) {
	if !f.slow {
		work()
		return
	}
	f.lib.host.Sched().Current().Await(func(done func()) {
		go func() {
			defer done()
			work()
		}()
	})
}

// result pushes true, or nil, the text and the errno; name goes in front when it is not empty.
func (lib *library) result(L *lua.LState, name string, err error) int {
	if err == nil {
		L.Push(lua.LTrue)
		return 1
	}
	n := errno.Number(err)
	errno.Set(lib.host, n)
	text := errno.Text(n)
	if name != "" {
		text = name + ": " + text
	}
	L.Push(lua.LNil)
	L.Push(lua.LString(text))
	L.Push(lua.LNumber(n))
	return 3
}

func (f *file) close(L *lua.LState) int {
	if f.standard {
		L.Push(lua.LNil)
		L.Push(lua.LString("cannot close standard file"))
		return 2
	}
	f.closed = true
	var err error
	if f.disk != nil {
		err = f.disk.Close()
	}
	if f.process != nil {
		f.slow = true
		f.wait(func() { _ = f.process.Wait() }) // the exit code is not told, as in Lua 5.1
	}
	return f.lib.result(L, "", err)
}

// write pushes true, or the error. A file that was read ahead of goes back to where the script thinks it is.
func (f *file) write(L *lua.LState, first int) int {
	var data []byte
	for i := first; i <= L.GetTop(); i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			data = append(data, v...)
		case lua.LNumber:
			data = append(data, v.String()...)
		default:
			vm.TypeError(L, i, "string")
		}
	}
	err := f.unread()
	if err == nil && len(data) > 0 {
		out := f.out
		if out == nil {
			out = refuse{}
		}
		_, err = out.Write(data)
	}
	return f.lib.result(L, "", err)
}

// unread forgets what was read ahead.
func (f *file) unread() error {
	if f.buf == nil || f.disk == nil || f.slow {
		return nil
	}
	ahead := f.buf.Buffered()
	f.buf = nil
	if ahead == 0 {
		return nil
	}
	_, err := f.disk.Seek(int64(-ahead), io.SeekCurrent)
	return err
}

var whences = map[string]int{"set": io.SeekStart, "cur": io.SeekCurrent, "end": io.SeekEnd}

func (f *file) seek(L *lua.LState) int {
	whence, ok := whences[vm.OptString(L, 2, "cur")]
	if !ok {
		vm.ArgError(L, 2, "invalid option '"+vm.CheckString(L, 2)+"'")
	}
	offset := vm.OptNumber(L, 3, 0)
	if f.disk == nil {
		return f.lib.result(L, "", unix.ESPIPE)
	}
	if err := f.unread(); err != nil {
		return f.lib.result(L, "", err)
	}
	position, err := f.disk.Seek(int64(offset), whence)
	if err != nil {
		return f.lib.result(L, "", err)
	}
	L.Push(lua.LNumber(position))
	return 1
}

// read reads what the arguments from first on ask for, and pushes it. What is not there is nil and ends the read.
func (f *file) read(L *lua.LState, formats []lua.LValue, first int) int {
	if len(formats) == 0 {
		formats = []lua.LValue{lua.LString("*l")}
	}
	for i, format := range formats {
		value, err := f.readOne(L, format, first+i)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return f.lib.result(L, "", err)
		}
		L.Push(value)
		if value == lua.LNil {
			return i + 1
		}
	}
	return len(formats)
}

// readOne reads one format; n is its place among the arguments.
func (f *file) readOne(L *lua.LState, format lua.LValue, n int) (value lua.LValue, err error) {
	value = lua.LNil
	if size, ok := format.(lua.LNumber); ok {
		f.wait(func() { value, err = f.bytes(int(size)) })
		return value, err
	}
	text, ok := format.(lua.LString)
	if !ok {
		vm.ArgError(L, n, "invalid option")
	}
	var read func() (lua.LValue, error)
	switch letter, _ := strings.CutPrefix(string(text), "*"); {
	case strings.HasPrefix(letter, "n"):
		read = f.number
	case strings.HasPrefix(letter, "l"):
		read = func() (lua.LValue, error) { return f.line(false) }
	case strings.HasPrefix(letter, "L"):
		read = func() (lua.LValue, error) { return f.line(true) }
	case strings.HasPrefix(letter, "a"):
		read = func() (lua.LValue, error) {
			all, err := io.ReadAll(f.reader())
			return lua.LString(all), err
		}
	default:
		vm.ArgError(L, n, "invalid format")
	}
	f.wait(func() { value, err = read() })
	return value, err
}

// bytes reads up to n bytes; of none, it tells whether there are more.
func (f *file) bytes(n int) (lua.LValue, error) {
	if n <= 0 {
		if _, err := f.reader().Peek(1); err != nil {
			return lua.LNil, err
		}
		return lua.LString(""), nil
	}
	var b strings.Builder
	_, err := io.CopyN(&b, f.reader(), int64(n))
	if b.Len() == 0 {
		return lua.LNil, err
	}
	return lua.LString(b.String()), nil
}

func (f *file) line(keep bool) (lua.LValue, error) {
	line, err := f.reader().ReadString('\n')
	if line == "" && err != nil {
		return lua.LNil, err
	}
	if !keep {
		line = strings.TrimSuffix(line, "\n")
	}
	return lua.LString(line), nil
}

// maxNumber is how long the text of a number may be.
const maxNumber = 200

// number reads what scanf's %lf takes.
func (f *file) number() (lua.LValue, error) {
	r := f.reader()
	var c byte
	var err error
	for c, err = r.ReadByte(); err == nil && strings.IndexByte(" \t\n\v\f\r", c) >= 0; c, err = r.ReadByte() {
	}
	var text []byte
	for ; err == nil && len(text) < maxNumber && continues(text, c); c, err = r.ReadByte() {
		text = append(text, c)
	}
	if err == nil {
		_ = r.UnreadByte()
	}
	s := string(text)
	if lower := strings.ToLower(s); strings.Contains(lower, "0x") && !strings.Contains(lower, "p") {
		s += "p0"
	}
	value, parseErr := strconv.ParseFloat(s, 64)
	if parseErr != nil && !errors.Is(parseErr, strconv.ErrRange) {
		return lua.LNil, nil
	}
	return lua.LNumber(value), nil
}

// continues tells whether c may follow text in a number.
func continues(text []byte, c byte) bool {
	lower := strings.ToLower(string(text))
	hex := strings.HasPrefix(strings.TrimLeft(lower, "+-"), "0x")
	c |= 0x20 * b2i(c >= 'A' && c <= 'Z')
	switch {
	case c >= '0' && c <= '9':
		return true
	case c == '.':
		return !strings.ContainsAny(lower, ".") && (hex || !strings.Contains(lower, "e"))
	case c == '+' || c == '-':
		return lower == "" || !hex && strings.HasSuffix(lower, "e") || strings.HasSuffix(lower, "p")
	case c == 'x':
		return strings.TrimLeft(lower, "+-") == "0"
	case hex && c >= 'a' && c <= 'f':
		return !strings.Contains(lower, "p")
	case c == 'e':
		return lower != "" && !strings.Contains(lower, "e")
	case c == 'p':
		return hex && !strings.Contains(lower, "p")
	}
	return false
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}
