package box

import (
	"os"
	"runtime/metrics"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/db"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
	"shardlua/runtime/xlog/vclock"
)

// openInfo makes box.info, whose fields are computed when they are read, and box.runtime.
func (b *Box) openInfo(L *lua.LState) {
	functions := map[string]*lua.LTable{
		"memory": callable(L, b.infoMemory), "gc": callable(L, b.infoGC),
		"vinyl": callable(L, b.statVinyl), "sql": callable(L, b.infoSQL),
	}
	all := func(L *lua.LState) int {
		t := L.NewTable()
		for _, name := range infoOrder {
			if fn := functions[name]; fn != nil {
				t.RawSetString(name, fn)
			} else if v := infoFields[name](b, L); v != lua.LNil {
				t.RawSetString(name, v)
			}
		}
		L.Push(t)
		return 1
	}
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(all))
	meta.RawSetString("__serialize", L.NewFunction(all))
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		name := lua.LVAsString(L.Get(2))
		if get := infoFields[name]; get != nil {
			L.Push(get(b, L))
		} else if fn := functions[name]; fn != nil {
			L.Push(fn)
		} else {
			L.Push(lua.LNil)
		}
		return 1
	}))
	info := L.NewTable()
	info.Metatable = meta
	b.exports.RawSetString("info", info)
	b.exports.RawSetString("runtime", methods(L, map[string]lua.LGFunction{"info": b.runtimeInfo}))
}

// callable makes an empty table that calls fn.
func callable(L *lua.LState, fn lua.LGFunction) *lua.LTable {
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(fn))
	t := L.NewTable()
	t.Metatable = meta
	return t
}

// infoOrder is an order of the fields in which a table prints them as Tarantool does.
var infoOrder = []string{"vclock", "replication", "vinyl", "pid", "status", "uptime", "signature", "replication_anon",
	"uuid", "id", "lsn", "cluster", "memory", "package", "version", "ro", "listen", "sql", "gc"}

// infoFields are the fields of box.info, as of Tarantool 2.6.
var infoFields = map[string]func(b *Box, L *lua.LState) lua.LValue{
	"version": func(b *Box, _ *lua.LState) lua.LValue { return lua.LString(b.host.Version()) },
	"package": func(*Box, *lua.LState) lua.LValue { return lua.LString("Tarantool") },
	"id": func(b *Box, _ *lua.LState) lua.LValue {
		return lua.LNumber(b.inst.store.InstanceID())
	},
	"uuid":   func(b *Box, _ *lua.LState) lua.LValue { return lua.LString(b.inst.store.InstanceUUID().String()) },
	"ro":     func(b *Box, _ *lua.LState) lua.LValue { return lua.LBool(b.db.ReadOnly()) },
	"status": func(b *Box, _ *lua.LState) lua.LValue { return lua.LString(b.statusText()) },
	"pid":    func(*Box, *lua.LState) lua.LValue { return lua.LNumber(os.Getpid()) },
	"uptime": func(b *Box, _ *lua.LState) lua.LValue {
		// Whole seconds, the one that has begun included.
		return lua.LNumber(int64((b.host.Machine().Clock.Monotonic() - b.inst.started).Seconds()) + 1)
	},
	"lsn": func(b *Box, _ *lua.LState) lua.LValue {
		v, id := b.inst.store.VClock(), b.inst.store.InstanceID()
		if id == 0 {
			return lua.LNumber(-1)
		}
		return lua.LNumber(v.Get(id))
	},
	"signature": func(b *Box, _ *lua.LState) lua.LValue {
		v := b.inst.store.VClock()
		return lua.LNumber(v.Signature())
	},
	"vclock": func(b *Box, L *lua.LState) lua.LValue { return vclockTable(L, b.inst.store.VClock()) },
	"cluster": func(b *Box, L *lua.LState) lua.LValue {
		t := L.NewTable()
		t.RawSetString("uuid", lua.LString(b.db.ClusterUUID()))
		return t
	},
	"listen": func(b *Box, _ *lua.LState) lua.LValue {
		if b.inst.listening == "" {
			return lua.LNil
		}
		return lua.LString(b.inst.listening)
	},
	"replication":      (*Box).infoReplication,
	"replication_anon": (*Box).infoReplicationAnon,
}

// vclockTable is a clock as box.info shows it: on one line in YAML.
func vclockTable(L *lua.LState, v vclock.VClock) *lua.LTable {
	t := L.NewTable()
	for id, lsn := range v.All() {
		t.RawSetInt(int(id), luaInteger(lsn))
	}
	t.Metatable = serial.HintsOf(L).Map
	return t
}

// luaInteger is an integer as luamp shows it: cdata beyond what a double holds.
func luaInteger(n int64) lua.LValue {
	if n > -1<<53 && n < 1<<53 {
		return lua.LNumber(n)
	}
	return vm.Int64(n)
}

// Replicas lists _cluster.
func (b *Box) Replicas() []db.Replica {
	cluster := b.db.SpaceByName("_cluster")
	rows, err := cluster.Select(b.db.NewContext(db.AdminID), 0, db.ALL, 0, vclock.Size, nil)
	if err != nil {
		return nil
	}
	var list []db.Replica
	for _, t := range rows {
		data := t.Data()
		_, size := mp.ArrayHeader(data)
		data = data[size:]
		size = mp.Skip(data)
		id, _ := mp.Uint64(data[:size])
		list = append(list, db.Replica{ID: uint32(id), UUID: string(mp.Bytes(data[size:]))})
	}
	return list
}

// sizes are the bytes of all tuples and of all indexes.
func (b *Box) sizes() (data, index int64) {
	for _, s := range b.db.Spaces() {
		data += s.BSize()
		for _, x := range s.Indexes() {
			index += x.BSize()
		}
	}
	return data, index
}

// heapBytes is the memory that live objects take. Lua's part cannot be told from Go's, so what Tarantool reports as
// Lua's is all of it.
func heapBytes() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

func totalBytes() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

func (b *Box) infoMemory(L *lua.LState) int {
	data, index := b.sizes()
	return pushFigures(L, figure{"index", index}, figure{"tx", 0}, figure{"cache", 0}, figure{"data", data},
		figure{"net", 0}, figure{"lua", max(0, heapBytes()-data-index)})
}

func (b *Box) infoSQL(L *lua.LState) int {
	t := L.NewTable()
	t.RawSetString("cache", zeros(L, "size", "stmt_count"))
	L.Push(t)
	return 1
}

func (b *Box) infoGC(L *lua.LState) int {
	t := L.NewTable()
	checkpoints := L.NewTable()
	var oldest *vclock.VClock
	for _, c := range b.inst.store.Files().Checkpoints() {
		if oldest == nil {
			oldest = &c.VClock
		}
		row := L.NewTable()
		references := L.NewTable()
		for _, name := range c.Pins {
			references.Append(lua.LString(name))
		}
		row.RawSetString("references", references)
		row.RawSetString("vclock", vclockTable(L, c.VClock))
		row.RawSetString("signature", luaInteger(c.VClock.Signature()))
		checkpoints.Append(row)
	}
	consumers := L.NewTable()
	for name, v := range b.inst.store.Files().Pins() {
		row := L.NewTable()
		row.RawSetString("name", lua.LString(name))
		row.RawSetString("vclock", vclockTable(L, v))
		row.RawSetString("signature", luaInteger(v.Signature()))
		consumers.Append(row)
		if oldest == nil || v.Signature() < oldest.Signature() {
			oldest = &v
		}
	}
	if oldest == nil {
		oldest = &vclock.VClock{}
	}
	t.RawSetString("checkpoints", checkpoints)
	t.RawSetString("consumers", consumers)
	t.RawSetString("vclock", vclockTable(L, *oldest))
	t.RawSetString("signature", luaInteger(oldest.Signature()))
	t.RawSetString("checkpoint_is_in_progress", lua.LBool(b.inst.store.CheckpointInProgress()))
	L.Push(t)
	return 1
}

func (b *Box) runtimeInfo(L *lua.LState) int {
	return pushFigures(L, figure{"lua", heapBytes()}, figure{"maxalloc", quota}, figure{"used", totalBytes()})
}
