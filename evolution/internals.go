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
	table *lua.LTable
}

// Over makes the Internals of a Lua table.
func Over(table *lua.LTable) Internals { return Internals{table} }

// Table is the Lua table itself.
func (in Internals) Table() *lua.LTable { return in.table }

// Version is how many migrations were applied; 0 when the internals do not say.
func (in Internals) Version() int {
	n, ok := in.table.RawGetString(VersionField).(lua.LNumber)
	if !ok {
		return 0
	}
	return int(n)
}

func (in Internals) setVersion(version int) {
	if version == 0 {
		in.table.RawSetString(VersionField, lua.LNil)
		return
	}
	in.table.RawSetString(VersionField, lua.LNumber(version))
}

// Get returns a field, lua.LNil when it is not there.
func (in Internals) Get(field string) lua.LValue { return in.table.RawGetString(field) }

// Set gives a field a value; lua.LNil removes it.
func (in Internals) Set(field string, value lua.LValue) { in.table.RawSetString(field, value) }

// Rename moves a value from one field to another. It does nothing when there is none.
func (in Internals) Rename(from, to string) {
	value := in.Get(from)
	if value == lua.LNil {
		return
	}
	in.Set(to, value)
	in.Set(from, lua.LNil)
}

// Default gives a field a value unless it has one.
func (in Internals) Default(field string, value lua.LValue) {
	if in.Get(field) == lua.LNil {
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
	return golua.Decode(in.table, target)
}

// Encode writes the fields of a struct, or of a pointer to one, into the internals, by the rules of Decode. Fields of
// the internals that the struct does not have stay.
func (in Internals) Encode(source any) error {
	if err := golua.EncodeFields(source, in.table); err != nil {
		return fmt.Errorf("encode internals: %w", err)
	}
	return nil
}
