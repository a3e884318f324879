package box

import (
	"github.com/google/uuid"
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/db"
	"shardlua/runtime/replication"
	"shardlua/runtime/store"
	"shardlua/runtime/xlog/vclock"
	"shardlua/runtime/xlog/wal"
)

// Replicaset is the instance's part in its replica set, nil before box.cfg.
func (b *Box) Replicaset() *replication.Set { return b.inst.set }

// InstanceUUID is the instance's own, known before its database is.
func (b *Box) InstanceUUID() string { return b.inst.uuid.String() }

// masters lets the store of an instance have its database from the masters of box.cfg.replication.
type masters struct {
	box *Box
	all settings
}

var _ store.Masters = (*masters)(nil)

// Bootstrap implements store.Masters. The server answers votes from now on: that is how several new instances find out
// who makes the replica set.
func (m *masters) Bootstrap(id uuid.UUID, fill *db.DB) (at vclock.VClock, joined bool, err error) {
	b := m.box
	if err := b.openSet(id, m.all); err != nil {
		return at, false, err
	}
	if err := m.listen(); err != nil {
		return at, false, err
	}
	return b.inst.set.Bootstrap(b.host.Sched().Current(), fill)
}

// Rejoin implements store.Masters.
func (m *masters) Rejoin(id uuid.UUID, at vclock.VClock, empty func() *db.DB) (vclock.VClock, bool, error) {
	b := m.box
	if err := b.openSet(id, m.all); err != nil {
		return at, false, err
	}
	if err := m.listen(); err != nil {
		return at, false, err
	}
	return b.inst.set.Rejoin(b.host.Sched().Current(), at, empty)
}

func (m *masters) listen() error {
	if m.box.OnLoading != nil {
		m.box.OnLoading(true)
	}
	if value, ok := m.all["listen"]; ok {
		return m.box.applyListen(value)
	}
	return nil
}

// openSet makes the Set of an instance whose uuid is known.
func (b *Box) openSet(id uuid.UUID, all settings) error {
	mode, err := wal.ParseMode(all.text("wal_mode"))
	if err != nil {
		return err
	}
	b.inst.uuid = id
	b.inst.set = replication.New(replication.Config{
		Sched: b.host.Sched(), Machine: b.host.Machine(), InstanceUUID: id, WALDir: all.text("wal_dir"), WALMode: mode,
		Log: b.say, ReadOnlyChanged: b.modeChanged, SchemaChanged: b.refresh,
	})
	return b.inst.set.Configure(replicationOptions(all))
}

// modeChanged wakes those who wait for the instance to be writable, or not to be.
func (b *Box) modeChanged() {
	b.inst.changed.Broadcast()
	if b.inst.status == "running" {
		b.applyTitleStatus(b.statusText(), b.current())
	}
}

// statusText is box.info.status.
func (b *Box) statusText() string {
	if b.inst.status == "running" && b.inst.set.Orphan() {
		return "orphan"
	}
	return b.inst.status
}

func replicationOptions(all settings) replication.Options {
	return replication.Options{
		URIs: addresses(all["replication"]), Anon: all.flag("replication_anon"), ReadOnly: all.flag("read_only"),
		ConnectTimeout: all.duration("replication_connect_timeout"), ConnectQuorum: all.quorum(),
		Timeout: all.duration("replication_timeout"), SyncLag: all.duration("replication_sync_lag"),
		SyncTimeout: all.duration("replication_sync_timeout"), SkipConflict: all.flag("replication_skip_conflict"),
	}
}

// startReplication lets replicas come, and follows the masters.
func (b *Box) startReplication(all settings) error {
	if b.OnLoading != nil {
		b.OnLoading(false)
	}
	if err := b.inst.set.Attach(b.inst.store); err != nil {
		return err
	}
	b.keepURIs()
	return b.inst.set.Start(b.host.Sched().Current())
}

// keepURIs makes box.cfg.replication a table of addresses, in whatever form they were given.
func (b *Box) keepURIs() {
	if value := b.inst.options.RawGetString("replication"); value == lua.LNil || value.Type() == lua.LTTable {
		return
	}
	list := b.host.VM().State().NewTable()
	for _, address := range addresses(b.inst.options.RawGetString("replication")) {
		list.Append(lua.LString(address))
	}
	b.inst.options.RawSetString("replication", list)
}

// applyReplication puts a changed option into effect.
func (b *Box) applyReplication(name string) error {
	f, set, all := b.host.Sched().Current(), b.inst.set, b.current()
	o := replicationOptions(all)
	switch anonymous := set.Options().Anon; {
	case name == "read_only" && anonymous && !o.ReadOnly:
		return badOption(name, "the value may be set to false only when replication_anon is false")
	case name == "replication_anon" && o.Anon && !o.ReadOnly:
		return badOption(name, "the value may be set to true only when the instance is read-only")
	case name == "replication_anon" && o.Anon && !anonymous:
		return badOption(name, "cannot be turned on after bootstrap has finished")
	}
	set.SetOptions(o)
	switch name {
	case "replication":
		b.keepURIs()
		return set.SetURIs(f, o.URIs)
	case "replication_anon":
		return set.SetAnon(f, o.Anon)
	}
	return nil
}

// infoReplication is box.info.replication.
func (b *Box) infoReplication(L *lua.LState) lua.LValue {
	list := L.NewTable()
	for _, info := range b.inst.set.Infos() {
		list.RawSetInt(int(info.ID), replicaTable(L, info))
	}
	// Ids may have gaps: never an array.
	list.Metatable = serialized(L, "mapping")
	return list
}

// infoReplicationAnon is box.info.replication_anon, which tells more when it is called.
func (b *Box) infoReplicationAnon(L *lua.LState) lua.LValue {
	t := L.NewTable()
	t.RawSetString("count", lua.LNumber(len(b.inst.set.AnonInfos())))
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(func(L *lua.LState) int {
		list := L.NewTable()
		for _, info := range b.inst.set.AnonInfos() {
			list.RawSetString(info.UUID.String(), replicaTable(L, info))
		}
		list.Metatable = serialized(L, "mapping")
		L.Push(list)
		return 1
	}))
	t.Metatable = meta
	return t
}

func serialized(L *lua.LState, as string) *lua.LTable {
	meta := L.NewTable()
	meta.RawSetString("__serialize", lua.LString(as))
	return meta
}

func replicaTable(L *lua.LState, info replication.Info) *lua.LTable {
	t := L.NewTable()
	t.RawSetString("id", lua.LNumber(info.ID))
	t.RawSetString("uuid", lua.LString(info.UUID.String()))
	t.RawSetString("lsn", luaInteger(info.LSN))
	if up := info.Upstream; up != nil {
		u := L.NewTable()
		u.RawSetString("status", lua.LString(up.Status))
		u.RawSetString("idle", lua.LNumber(up.Idle))
		u.RawSetString("peer", lua.LString(up.Peer))
		u.RawSetString("lag", lua.LNumber(up.Lag))
		setMessages(u, up.Message, up.SystemMessage)
		t.RawSetString("upstream", u)
	}
	if down := info.Downstream; down != nil {
		d := L.NewTable()
		d.RawSetString("status", lua.LString(down.Status))
		if down.Status == "follow" {
			d.RawSetString("idle", lua.LNumber(down.Idle))
			d.RawSetString("vclock", vclockTable(L, down.VClock))
		}
		setMessages(d, down.Message, down.SystemMessage)
		t.RawSetString("downstream", d)
	}
	return t
}

func setMessages(t *lua.LTable, message, system string) {
	if message != "" {
		t.RawSetString("message", lua.LString(message))
	}
	if system != "" {
		t.RawSetString("system_message", lua.LString(system))
	}
}
