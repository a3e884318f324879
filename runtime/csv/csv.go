// Package csv is the Lua module `csv`: tables read from and written as comma-separated values.
package csv

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/say"
	"shardlua/runtime/vm"
)

// Module is the Lua module `csv`: load(source[, options]) returns all records, iterate(source[, options]) yields them
// with their numbers, dump(records[, options[, writable]]) writes them. A source is a text, or an object with
// read(self, size). Options: delimiter, quote_char, chunk_size, skip_head_lines.
var Module = module.Module{Name: "csv", Open: open}

// chunkSize is how much is read at once unless told.
const chunkSize = 4096

func open(h module.Host, L *lua.LState) lua.LValue {
	lib := &library{h}
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{"load": lib.load, "iterate": lib.iterate, "dump": dump})
}

type library struct{ host module.Host }

type options struct {
	delimiter, quote byte
	chunk, skip      int
}

func readOptions(L *lua.LState, n, line int) options {
	o := options{delimiter: ',', quote: '"', chunk: chunkSize}
	v := L.Get(n)
	if vm.IsNil(v) {
		return o
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 0, "builtin/csv.lua:%d: attempt to index local 'opts' (a %s value)", line, vm.TypeName(v))
	}
	for name, char := range map[string]*byte{"delimiter": &o.delimiter, "quote_char": &o.quote} {
		if s, ok := t.RawGetString(name).(lua.LString); ok && s != "" {
			*char = s[0]
		}
	}
	if n, ok := t.RawGetString("chunk_size").(lua.LNumber); ok && n >= 1 {
		o.chunk = int(n)
	}
	if n, ok := t.RawGetString("skip_head_lines").(lua.LNumber); ok {
		o.skip = int(n)
	}
	return o
}

// source returns a function that gives the next piece of text, "" at the end.
func source(L *lua.LState, o options) func(L *lua.LState) string {
	switch v := L.Get(1).(type) {
	case lua.LString:
		rest := string(v)
		return func(*lua.LState) string {
			n := min(len(rest), o.chunk)
			piece := rest[:n]
			rest = rest[n:]
			return piece
		}
	case *lua.LTable, *lua.LUserData, vm.Cdata:
		read := L.GetField(v, "read")
		if vm.IsNil(read) {
			vm.RaiseString(L, 0,
				"builtin/csv.lua:103: Usage: load(string or object with method read(num)returns string)")
		}
		return func(L *lua.LState) string {
			L.Push(read)
			L.Push(v)
			L.Push(lua.LNumber(o.chunk))
			L.Call(2, 1)
			piece, _ := L.Get(-1).(lua.LString)
			L.Pop(1)
			return string(piece)
		}
	default:
		vm.RaiseString(L, 0, "builtin/csv.lua:102: attempt to index local 'readable' (a %s value)", vm.TypeName(v))
	}
	return nil
}

// reader gives records one after another.
type reader struct {
	lib     *library
	parser  parser
	next    func(L *lua.LState) string
	waiting [][]string
	ended   bool
	number  int
	skip    int
}

func (lib *library) newReader(L *lua.LState) *reader {
	source(L, options{chunk: chunkSize}) // raises for a bad source before the options are looked at
	o := readOptions(L, 2, 106)
	next := source(L, o)
	return &reader{lib: lib, parser: parser{delimiter: o.delimiter, quote: o.quote}, next: next, skip: o.skip}
}

func (r *reader) emit(fields []string) { r.waiting = append(r.waiting, fields) }

// record returns the next record as a table and its number; nil at the end.
func (r *reader) record(L *lua.LState) (int, *lua.LTable) {
	for {
		for len(r.waiting) > 0 {
			fields := r.waiting[0]
			r.waiting = r.waiting[1:]
			r.number++
			if r.skip > 0 {
				r.skip--
				r.number = 0
				continue
			}
			t := L.CreateTable(len(fields), 0)
			for _, f := range fields {
				t.Append(lua.LString(f))
			}
			return r.number, t
		}
		if r.ended {
			return 0, nil
		}
		piece := r.next(L)
		if piece != "" {
			r.parser.feed(piece, r.emit)
			continue
		}
		r.ended = true
		if err := r.parser.finish(r.emit); err != nil {
			r.lib.host.Log().Sayf(say.Warn, "%s", err)
		}
	}
}

func (lib *library) load(L *lua.LState) int {
	r := lib.newReader(L)
	all := L.NewTable()
	for {
		_, t := r.record(L)
		if t == nil {
			L.Push(all)
			return 1
		}
		all.Append(t)
	}
}

func (lib *library) iterate(L *lua.LState) int {
	r := lib.newReader(L)
	L.Push(L.NewFunction(func(L *lua.LState) int {
		n, t := r.record(L)
		if t == nil {
			return 0
		}
		L.Push(lua.LNumber(n))
		L.Push(t)
		return 2
	}))
	L.Push(L.NewTable())
	L.Push(lua.LNumber(0))
	return 3
}

// dump returns the text, or writes each record with writable:write.
func dump(L *lua.LState) int {
	records, ok := L.Get(1).(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 0, "builtin/csv.lua:174: Usage: dump(table[, opts, writable])")
	}
	o := readOptions(L, 2, 165)
	writable := L.Get(3)
	if _, nested := vm.GetInt(records, 1).(*lua.LTable); !nested {
		only := L.NewTable()
		only.Append(records)
		records = only
	}
	var out strings.Builder
	for i := 1; i <= records.Len(); i++ {
		record, ok := vm.GetInt(records, i).(*lua.LTable)
		if !ok {
			vm.RaiseString(L, 0, "builtin/csv.lua:189: bad argument #1 to 'ipairs' (table expected, got %s)",
				vm.TypeName(vm.GetInt(records, i)))
		}
		line := o.line(L, record)
		if vm.IsNil(writable) {
			out.WriteString(line)
			continue
		}
		L.Push(L.GetField(writable, "write"))
		L.Push(writable)
		L.Push(lua.LString(line))
		L.Call(2, 0)
	}
	if !vm.IsNil(writable) {
		return 0
	}
	L.Push(lua.LString(out.String()))
	return 1
}

// line is one record; fields that hold a delimiter or a line's end stand in quotes, and quotes are doubled.
func (o options) line(L *lua.LState, record *lua.LTable) string {
	var b strings.Builder
	first := true
	record.ForEach(func(_, value lua.LValue) {
		if !first {
			b.WriteByte(o.delimiter)
		}
		first = false
		text := L.ToStringMeta(value).String()
		quoted := strings.ContainsAny(text, "\n\r") || strings.IndexByte(text, o.delimiter) >= 0
		text = strings.ReplaceAll(text, string(o.quote), string(o.quote)+string(o.quote))
		if quoted {
			text = string(o.quote) + text + string(o.quote)
		}
		b.WriteString(text)
	})
	b.WriteByte('\n')
	return b.String()
}
