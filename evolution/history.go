package evolution

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// HistoryField is the name under which internals keep a record of the migrations that ran.
const HistoryField = "reload_history"

// Entry is one line of the record.
type Entry struct {
	Version int
	Name    string
	At      time.Time
	Down    bool
}

// record notes that a step was made.
func (in Internals) record(step Step, at time.Time) {
	history, ok := in.table.RawGetString(HistoryField).(*lua.LTable)
	if !ok {
		history = in.NewTable()
		in.Set(HistoryField, history)
	}
	entry := in.NewTable()
	entry.RawSetString("version", lua.LNumber(step.Version))
	entry.RawSetString("name", lua.LString(step.Name))
	entry.RawSetString("time", lua.LNumber(float64(at.UnixMicro())/1e6))
	if step.Down {
		entry.RawSetString("down", lua.LTrue)
	}
	in.writes(history, lua.LNumber(history.Len()+1))
	history.Append(entry)
}

// History lists the migrations that ran, the oldest first.
func (in Internals) History() []Entry {
	history, ok := in.table.RawGetString(HistoryField).(*lua.LTable)
	if !ok {
		return nil
	}
	var entries []Entry
	for i := 1; i <= history.Len(); i++ {
		line, ok := vm.GetInt(history, i).(*lua.LTable)
		if !ok {
			continue
		}
		version, _ := line.RawGetString("version").(lua.LNumber)
		name, _ := line.RawGetString("name").(lua.LString)
		at, _ := line.RawGetString("time").(lua.LNumber)
		entries = append(entries, Entry{
			Version: int(version), Name: string(name), At: time.UnixMicro(int64(at * 1e6)),
			Down: line.RawGetString("down") == lua.LTrue,
		})
	}
	return entries
}
