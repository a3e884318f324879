package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// openBackup makes box.backup.
func (b *Box) openBackup(L *lua.LState) {
	b.exports.RawSetString("backup", methods(L, map[string]lua.LGFunction{
		"start": b.backupStart,
		"stop": func(*lua.LState) int {
			b.inst.store.BackupStop()
			return 0
		},
	}))
}

// backupStart is box.backup.start([checkpoint]): the files of a checkpoint, which stay until box.backup.stop().
func (b *Box) backupStart(L *lua.LState) int {
	age := vm.OptInt(L, 1, 0)
	if age < 0 {
		vm.RaiseString(L, 1, "invalid checkpoint index")
	}
	files, err := b.inst.store.BackupStart(age)
	if err != nil {
		b.raise(L, err)
	}
	list := L.NewTable()
	for _, name := range files {
		list.Append(lua.LString(name))
	}
	L.Push(list)
	return 1
}
