package format

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/serial"
	"shardlua/runtime/serial/yamltext"
	"shardlua/runtime/vm"
)

// Mode is how tables are laid out.
type Mode uint8

// The modes.
const (
	Line  Mode = iota // all on one line
	Block             // each item on a line of its own
)

// Lua writes values in Lua's syntax, with commas between them, and then the end of
// statement, with no line break after it.
func Lua(L *lua.LState, values []lua.LValue, mode Mode, eos string) string {
	var row strings.Builder
	for i, v := range values {
		if i > 0 {
			row.WriteString(", ")
		}
		text, err := luaValue(L, v, mode)
		if err != nil {
			text = "console: exception while formatting output: \"" + serial.ErrorValue(L, err).String() + "\""
			text, _ = luaValue(L, Failure(L, lua.LString(text)), mode)
		}
		row.WriteString(text)
	}
	return row.String() + eos
}

func luaValue(L *lua.LState, v lua.LValue, mode Mode) (string, error) {
	o := options()
	o.SparseRatio = 0 // positive integers make an array, however sparse
	w := luaWriter{L: L, o: &o, block: mode == Block, met: map[*lua.LTable]bool{}}
	if err := w.value(v, 0); err != nil {
		return "", err
	}
	return w.out.String(), nil
}

// luaWriter writes one value.
type luaWriter struct {
	L     *lua.LState
	o     *serial.Options
	block bool
	out   strings.Builder
	met   map[*lua.LTable]bool // tables that were written already
}

func (w *luaWriter) inspect(v lua.LValue, f *serial.Field) error {
	if err := serial.Inspect(w.L, w.o, v, f); err != nil {
		return err
	}
	if f.Kind == serial.Raw {
		return serial.InspectText(w.L, w.o, f.Cdata, f)
	}
	return nil
}

func (w *luaWriter) value(v lua.LValue, depth int) error {
	if v == nil || v == lua.LNil {
		w.out.WriteString("nil")
		return nil
	}
	var f serial.Field
	if err := w.inspect(v, &f); err != nil {
		return err
	}
	return w.field(&f, depth)
}

// depthLimit bounds what __serialize functions can nest.
const depthLimit = 4096

func (w *luaWriter) field(f *serial.Field, depth int) error {
	if f.Kind != serial.Array && f.Kind != serial.Map {
		w.out.WriteString(scalar(f, w.o))
		return nil
	}
	if depth++; depth > depthLimit {
		return &serial.Error{Text: fmt.Sprintf("Too high nest level - %d", depth)}
	}
	if w.met[f.Table] {
		// Lua has no way to name a table again.
		w.open()
		w.item(true, depth)
		w.out.WriteString("nil")
		w.shut(depth)
		return nil
	}
	w.met[f.Table] = true
	w.open()
	var err error
	if f.Kind == serial.Array {
		err = w.items(f.Table, f.Size, depth)
	} else {
		err = w.pairs(f.Table, depth)
	}
	w.shut(depth)
	return err
}

func (w *luaWriter) open() {
	w.out.WriteByte('{')
	if w.block {
		w.out.WriteByte('\n')
	}
}

func (w *luaWriter) item(first bool, depth int) {
	switch {
	case first:
	case w.block:
		w.out.WriteString(",\n")
	default:
		w.out.WriteString(", ")
	}
	if w.block {
		w.indent(depth)
	}
}

func (w *luaWriter) shut(depth int) {
	if w.block {
		w.out.WriteByte('\n')
		w.indent(depth - 1)
	}
	w.out.WriteByte('}')
}

func (w *luaWriter) indent(depth int) { w.out.WriteString(strings.Repeat("  ", depth)) }

func (w *luaWriter) items(t *lua.LTable, size, depth int) error {
	for i := range size {
		w.item(i == 0, depth)
		if err := w.value(vm.GetInt(t, i+1), depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *luaWriter) pairs(t *lua.LTable, depth int) error {
	first := true
	for walk := serial.Walk(t); walk.Next(); first = false {
		val := walk.Val
		w.item(first, depth)
		if err := w.key(walk.Key, depth); err != nil {
			return err
		}
		if err := w.value(val, depth); err != nil {
			return err
		}
	}
	return nil
}

// key writes a key and what separates it from its value. A table cannot be
// named, so it is written as an item of its own, and so is the key 0, which
// Tarantool leaves out.
func (w *luaWriter) key(v lua.LValue, depth int) error {
	var f serial.Field
	if err := w.inspect(v, &f); err != nil {
		return err
	}
	switch f.Kind {
	case serial.Array, serial.Map:
		if err := w.field(&f, depth); err != nil {
			return err
		}
		w.item(false, depth)
		return nil
	case serial.Uint, serial.Int:
		if f.Uint() == 0 {
			return nil
		}
		w.out.WriteString("[" + scalar(&f, w.o) + "]")
	case serial.String:
		if isBareKey(f.Str) {
			w.out.WriteString(f.Str)
		} else {
			w.out.WriteString("[" + scalar(&f, w.o) + "]")
		}
	default:
		w.out.WriteString(scalar(&f, w.o))
	}
	w.out.WriteString(" = ")
	return nil
}

// isBareKey tells whether Tarantool writes a key without quotes. It looks for
// letters, digits and underscores, and minds keywords, but not a leading digit.
func isBareKey(s string) bool {
	switch s {
	case "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local",
		"nil", "not", "or", "repeat", "return", "then", "true", "until", "while":
		return false
	}
	for _, c := range []byte(s) {
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func scalar(f *serial.Field, o *serial.Options) string {
	switch f.Kind {
	case serial.Bool:
		return strconv.FormatBool(f.Bool)
	case serial.Uint:
		return strconv.FormatUint(f.Uint(), 10)
	case serial.Int:
		return strconv.FormatInt(f.Int(), 10)
	case serial.Float, serial.Double:
		return serial.FormatNumber(f.Real(), o.NumberPrecision)
	case serial.String:
		return quote(f.Str)
	}
	return "box.NULL"
}

// quote writes a string in Tarantool's escapes, which leave a backslash alone.
// What is no text shows as base64.
func quote(s string) string {
	if !yamltext.IsText(s) {
		return `"` + base64.StdEncoding.EncodeToString([]byte(s)) + `"`
	}
	const special, letters = "\a\b\f\n\r\t\v\x00\"'", `abfnrtv0"'`
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		if i := strings.IndexByte(special, c); i >= 0 {
			b.WriteByte('\\')
			b.WriteByte(letters[i])
			continue
		}
		if c < ' ' || c > '~' {
			fmt.Fprintf(&b, `\x%02x`, c)
			continue
		}
		b.WriteByte(c)
	}
	b.WriteByte('"')
	return b.String()
}
