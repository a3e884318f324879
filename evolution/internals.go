package evolution

import (
	"fmt"
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/golua"
)

// VersionField is the name under which internals carry their version.
const VersionField = "reload_version"

// Internals is the state table of a module, as a migration sees it. It is used with the baton held.
type Internals struct {
	table   *lua.LTable
	watcher Watcher
}

// Watcher is told what migrations do to internals, so that it can be taken back.
type Watcher interface {
	// Writes is called before a key of a table is written.
	Writes(t *lua.LTable, key lua.LValue)
	// Exposes is called before a migration gets hold of a table: it, and all that it leads to, may be written
	// without a further word.
	Exposes(t *lua.LTable)
}

// Watched makes the Internals of a Lua table, and tells a Watcher what migrations do to them.
func Watched(table *lua.LTable, w Watcher) Internals { return Internals{table, w} }

func (in Internals) writes(t *lua.LTable, key lua.LValue) {
	if in.watcher != nil {
		in.watcher.Writes(t, key)
	}
}

// exposed is a value on its way to a migration.
func (in Internals) exposed(v lua.LValue) lua.LValue {
	if t, ok := v.(*lua.LTable); ok && in.watcher != nil {
		in.watcher.Exposes(t)
	}
	return v
}

// Over makes the Internals of a Lua table.
func Over(table *lua.LTable) Internals { return Internals{table: table} }

// Table is the Lua table itself. In a reload a migration that asks for it costs a look at all of the internals; Get and
// Set cost what they touch.
func (in Internals) Table() *lua.LTable {
	in.exposed(in.table)
	return in.table
}

// Version is how many migrations were applied; 0 when the internals do not say.
func (in Internals) Version() int {
	n, ok := in.table.RawGetString(VersionField).(lua.LNumber)
	if !ok {
		return 0
	}
	return int(n)
}

func (in Internals) setVersion(version int) {
	in.writes(in.table, lua.LString(VersionField))
	if version == 0 {
		in.table.RawSetString(VersionField, lua.LNil)
		return
	}
	in.table.RawSetString(VersionField, lua.LNumber(version))
}

// Get returns a field, lua.LNil when it is not there.
func (in Internals) Get(field string) lua.LValue { return in.exposed(in.table.RawGetString(field)) }

// Set gives a field a value; lua.LNil removes it.
func (in Internals) Set(field string, value lua.LValue) {
	in.writes(in.table, lua.LString(field))
	in.table.RawSetString(field, value)
}

// Rename moves a value from one field to another. It does nothing when there is none.
func (in Internals) Rename(from, to string) {
	value := in.table.RawGetString(from)
	if value == lua.LNil {
		return
	}
	in.Set(to, value)
	in.Set(from, lua.LNil)
}

// Default gives a field a value unless it has one.
func (in Internals) Default(field string, value lua.LValue) {
	if in.table.RawGetString(field) == lua.LNil {
		in.Set(field, value)
	}
}

// NewTable makes an empty Lua table.
func (in Internals) NewTable() *lua.LTable { return golua.NewTable() }

// Decode fills a Go struct from the fields of the internals, so that a migration can be typed. Package golua says how
// names and types correspond. An error names the field.
func (in Internals) Decode(target any) error {
	if v := reflect.ValueOf(target); v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("decode internals: the target must be a pointer to a struct, got %T", target)
	}
	return golua.DecodeTelling(in.table, target, func(v lua.LValue) { in.exposed(v) })
}

// Encode writes the fields of a struct, or of a pointer to one, into the internals, by the rules of Decode. Fields of
// the internals that the struct does not have stay.
func (in Internals) Encode(source any) error {
	if err := golua.EncodeFields(source, in.table, func(name string) { in.writes(in.table, lua.LString(name)) }); err != nil {
		return fmt.Errorf("encode internals: %w", err)
	}
	return nil
}
