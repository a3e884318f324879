// Package xloglib is the Lua module `xlog`: the rows of snapshots and write-ahead logs.
//
// The one idea: a file is read row by row as a script iterates, and what is broken is skipped, so that a script sees
// what a recovery by force would.
package xloglib

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/box"
	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
	"shardlua/runtime/luamp"
	"shardlua/runtime/module"
	"shardlua/runtime/say"
	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
	"shardlua/runtime/xlog"
)

// Module is the Lua module `xlog`: pairs(path) iterates over the LSNs of a file and its rows, each a table of HEADER and
// BODY.
var Module = module.Module{Name: "xlog", Open: open}

type library struct {
	host  module.Host
	ctype vm.CTypeID
	codec *luamp.Codec
	step  *lua.LFunction
}

// cursor is a file that is being read: `struct xlog_cursor &` in scripts.
type cursor struct {
	lib    *library
	reader *xlog.Reader
	rows   []xlog.Row // of the transaction at hand, those that were not shown yet
	done   bool
}

// String is how tostring shows the cursor.
func (c *cursor) String() string { return fmt.Sprintf("cdata<struct xlog_cursor &>: %p", c) }

// Type implements lua.LValue.
func (c *cursor) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (c *cursor) CType() vm.CTypeID { return c.lib.ctype }

func open(h module.Host, L *lua.LState) lua.LValue {
	lib := &library{host: h, ctype: h.VM().NewCType("struct xlog_cursor &"), codec: luamp.Of(L)}
	lib.step = L.NewFunction(lib.next)
	exports := L.NewTable()
	exports.RawSetString("pairs", L.NewFunction(lib.pairs))
	return exports
}

func (lib *library) pairs(L *lua.LState) int {
	path, ok := vm.Text(L.Get(1))
	if !ok {
		vm.RaiseString(L, 0, "builtin/box/xlog.lua:4: Usage: parser.open(log_filename)")
	}
	c := &cursor{lib: lib}
	reader, err := xlog.OpenReader(lib.host.Machine().Disk, path, xlog.ReaderOptions{Force: true, Events: lib.tell})
	if err != nil {
		vm.Raise(L, errno.Value(lib.host, openError(path, err)))
	}
	c.reader = reader
	runtime.SetFinalizer(c, func(c *cursor) {
		if !c.done {
			c.reader.Close()
		}
	})
	fun, _ := lib.host.Require(L, "fun").(*lua.LTable)
	L.Push(fun.RawGetString("wrap"))
	L.Push(lib.step)
	L.Push(c)
	L.Push(lua.LNumber(0))
	L.Call(3, 3)
	return 3
}

// tell logs what is skipped.
func (lib *library) tell(e xlog.Event) {
	level := say.Warn
	if e.Level == xlog.Error {
		level = say.Error
	}
	lib.host.Log().Sayf(level, "%s", e.Text)
}

// openError is the error object for a file that cannot be read from.
func openError(path string, err error) *boxerr.Error {
	var meta *xlog.MetaError
	var file *fs.PathError
	switch {
	case errors.As(err, &meta):
		return boxerr.Newf(boxerr.ClassXlogError, "%s", meta.Reason)
	case errors.As(err, &file) && file.Op != "open":
		return boxerr.NewSystem(boxerr.ClassSystemError, errno.Number(err), "failed to read '' file")
	}
	return boxerr.NewSystem(boxerr.ClassSystemError, errno.Number(err), "failed to open '%s' file", path)
}

// next is the iterator's step: the LSN and the row that follow.
func (lib *library) next(L *lua.LState) int {
	c, ok := L.Get(1).(*cursor)
	if !ok {
		vm.RaiseString(L, 0, "Usage: xlog.next_row(xlog_cursor)")
	}
	for len(c.rows) == 0 {
		if c.done {
			return 0
		}
		rows, err := c.reader.Next()
		var unclosed *xlog.UnclosedError
		switch {
		case err == nil:
			c.rows = rows
		case err == io.EOF || errors.As(err, &unclosed):
			c.close()
			return 0
		default:
			c.close()
			vm.Raise(L, errno.Value(lib.host, boxerr.Newf(boxerr.ClassXlogError, "%v", err)))
		}
	}
	row := &c.rows[0]
	c.rows = c.rows[1:]
	L.Push(lua.LNumber(row.LSN))
	L.Push(lib.table(L, row))
	return 2
}

func (c *cursor) close() {
	c.done, c.rows = true, nil
	c.reader.Close()
}

func (lib *library) table(L *lua.LState, row *xlog.Row) *lua.LTable {
	t, header := L.NewTable(), L.NewTable()
	for _, f := range row.HeaderFields() {
		header.RawSetString(f.Name, headerValue(f))
	}
	t.RawSetString("HEADER", header)
	fields := row.BodyFields()
	if len(fields) == 0 {
		return t
	}
	body := L.NewTable()
	for _, f := range fields {
		body.RawSetString(f.Name, lib.bodyValue(L, f))
	}
	t.RawSetString("BODY", body)
	return t
}

func headerValue(f xlog.HeaderField) lua.LValue {
	if f.Quote {
		return lua.LString(f.Value)
	}
	if f.Value == "true" {
		return lua.LTrue
	}
	n, err := strconv.ParseFloat(f.Value, 64)
	if err != nil {
		return lua.LString(f.Value)
	}
	return lua.LNumber(n)
}

// bodyValue shows keys and tuples as tuples.
func (lib *library) bodyValue(L *lua.LState, f xlog.BodyField) lua.LValue {
	if f.Name == "key" || f.Name == "tuple" {
		if t, err := tuple.New(nil, append([]byte(nil), f.Value...)); err == nil {
			return box.NewTuple(t)
		}
	}
	o := luamp.Default()
	v, _, err := lib.codec.Decode(L, f.Value, &o)
	if err != nil {
		return lua.LNil
	}
	return v
}
