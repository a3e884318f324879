package box

import (
	"context"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/log"
	"shardlua/runtime/replication"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/store"
	"shardlua/runtime/title"
	"shardlua/runtime/vm"
	"shardlua/runtime/xlog/wal"
)

// instance is what box.cfg has made.
type instance struct {
	store   *store.Store
	options *lua.LTable // box.cfg, nil before
	hidden  *lua.LTable // what box has only after box.cfg, nil after
	started time.Duration
	status  string
	busy    bool // a fiber is in box.cfg
	idle    sched.Cond
	changed sched.Cond // read_only has changed
	// listening is the address that the server is bound to, empty when there is none.
	listening string
	set       *replication.Set
	uuid      uuid.UUID
	ctl       ctlTriggers
	session   sessionTriggers
	stat      counters
}

func (i *instance) init(b *Box) {
	i.started = b.host.Machine().Clock.Monotonic()
	i.status = "loading"
	i.stat.clock = b.host.Machine().Clock
}

// Store is the database with its files, nil before box.cfg.
func (b *Box) Store() *store.Store { return b.inst.store }

// DB is the database, nil before box.cfg.
func (b *Box) DB() *db.DB { return b.db }

// start does what the first box.cfg does beyond checking. An error is raised to the caller; a database that cannot be
// opened ends the instance, as in Tarantool.
func (b *Box) start(L *lua.LState, all settings) error {
	logOptions := log.OptionsOf(b.host)
	for _, name := range []string{"log", "log_level", "log_format", "log_nonblock"} {
		if value, ok := all[name]; ok {
			logOptions.Set(log.BoxName(name), value)
		}
	}
	if err := b.changeDir(all); err != nil {
		b.die("%s", err.Error())
	}
	if err := b.changeUser(all.text("username")); err != nil {
		b.sayf(say.SysError, "%s", err.Error())
		b.host.Exit(67) // EX_NOUSER of sysexits.h
	}
	// The log is not open yet: whoever starts the instance is to see what is wrong.
	if err := b.writePID(all.text("pid_file")); err != nil {
		b.die("%s", err.Error())
	}
	if err := logOptions.Apply(); err != nil {
		e := boxerr.From(err)
		b.sayf(say.Error, "%s %s: %s", e.Type, e.Message, syscall.Errno(e.Errno).Error())
		b.die("failed to initialize logging subsystem")
	}
	logOptions.OnChange = func(name string, value lua.LValue) {
		if b.inst.options != nil {
			b.inst.options.RawSetString(log.InBox(name), value)
		}
	}
	b.applyTitleStatus("loading", all)
	b.sayf(say.Crit, "Tarantool %s", b.host.Version())
	b.sayf(say.Crit, "log level %d", int(b.host.Log().Level()))
	if all.flag("replication_anon") && !all.flag("read_only") {
		b.failStorage(badOption("replication_anon", "the value may be set to true only when the instance is read-only"))
	}
	if all.number("net_msg_max") < 2 {
		b.failStorage(badOption("net_msg_max", "minimal value is 2"))
	}
	s, err := b.openStore(all)
	if errors.Is(err, boxerr.AlreadyRunning) && all.flag("hot_standby") {
		err = boxerr.New(boxerr.Unsupported, "shardlua", "hot_standby, and another instance uses the directory "+all.text("wal_dir"))
	}
	if err != nil {
		b.failStorage(err)
	}
	b.inst.store = s
	b.db = s.DB()
	b.refresh()
	return nil
}

func (b *Box) openStore(all settings) (*store.Store, error) {
	mode, err := wal.ParseMode(all.text("wal_mode"))
	if err != nil {
		return nil, err
	}
	b.inst.status = "recovering"
	config := store.Config{
		MemtxDir: all.text("memtx_dir"), WALDir: all.text("wal_dir"), WALMode: mode,
		WALMaxSize: int64(all.number("wal_max_size")), ForceRecovery: all.flag("force_recovery"),
		Checkpoints: checkpointPolicy(all), SnapRate: snapRate(all), TooLong: tooLong(all), ReadOnly: all.flag("read_only"),
		Machine: b.host.Machine(), Sched: b.host.Sched(), Log: b.say, Procedures: b.procedures(),
		Prepare: func(d *db.DB) { setMemory(d, all); b.prepareDB(d) }, Masters: &masters{b, all},
	}
	if text := all.text("instance_uuid"); text != "" {
		config.InstanceUUID = uuid.MustParse(text)
	}
	if text := all.text("replicaset_uuid"); text != "" {
		config.ReplicasetUUID = uuid.MustParse(text)
	}
	return store.Open(context.Background(), config)
}

// prepareDB runs the on_schema_init triggers on a database that has only its empty system spaces.
func (b *Box) prepareDB(d *db.DB) {
	b.db = d
	d.OnDenied = func(access, kind, name string) {
		// The refusal stands whatever the triggers say.
		_ = b.AccessDenied(access, kind, name)
	}
	b.runSchemaInit()
}

// setMemory limits what tuples may take.
func setMemory(d *db.DB, all settings) {
	largest := all.number("memtx_max_tuple_size")
	switch {
	case largest < 0:
		largest = math.MaxInt64 / 2 // as a C program takes it for a size
	case largest < 1 || largest >= 1<<63:
		largest = 1
	}
	d.SetMemory(int64(all.number("memtx_memory")), int64(largest))
}

// afterStart puts into effect what needs the database.
func (b *Box) afterStart(all settings) {
	b.inst.store.StartDaemon()
	release := b.host.Hold()
	b.host.OnShutdown(func() {
		b.runShutdown()
		b.closeStore()
		release()
	})
	for _, name := range []string{"net_msg_max", "readahead", "listen"} {
		if value, ok := all[name]; ok && (name != "listen" || b.inst.listening == "") {
			if err := b.apply(name, value); err != nil {
				b.failStorage(err)
			}
		}
	}
	if err := b.startReplication(all); err != nil {
		b.failStorage(err)
	}
	b.inst.status = "running"
	b.applyTitleStatus(b.statusText(), all)
}

func (b *Box) closeStore() {
	b.inst.set.Close()
	if b.OnListen != nil && b.inst.options.RawGetString("listen") != lua.LNil {
		_, _ = b.OnListen("")
	}
	if err := b.inst.store.Close(); err != nil {
		b.sayf(say.Error, "cannot end the write-ahead log: %v", err)
	}
	if name := lua.LVAsString(b.inst.options.RawGetString("pid_file")); name != "" {
		_ = b.host.Machine().Disk.Remove(name)
	}
}

// failStorage ends the instance because of its database.
func (b *Box) failStorage(err error) {
	e := boxerr.From(err)
	entry := say.Entry{Level: say.Error, Message: e.Type, Error: e.Message}
	switch e.Type {
	case boxerr.ClassClientError:
		entry.Message = "ER_" + boxerr.Code(e.Code).Name()
	case boxerr.ClassSystemError:
		entry.Level, entry.Message, entry.Error = say.SysError, e.Type+" "+e.Message, errnoText(syscall.Errno(e.Errno))
	}
	b.say(entry)
	b.die("can't initialize storage: %s", e.Message)
}

// die logs and ends the instance with exit code 1. It does not return.
func (b *Box) die(format string, args ...any) {
	b.sayf(say.Fatal, format, args...)
	b.host.Exit(1)
}

func (b *Box) changeDir(all settings) error {
	dir := all.text("work_dir")
	if dir == "" {
		return nil
	}
	if err := os.Chdir(dir); err != nil {
		var errno syscall.Errno
		if pe, ok := err.(*os.PathError); ok {
			errno, _ = pe.Err.(syscall.Errno)
		}
		return boxerr.Newf(boxerr.ClassSystemError, "can't chdir to `%s': %s", dir, errnoText(errno))
	}
	return nil
}

// writePID makes the file that tells service managers the process's number. A file that names a process which lives
// is not overwritten.
func (b *Box) writePID(name string) error {
	if name == "" {
		return nil
	}
	disk := b.host.Machine().Disk
	if old, err := os.ReadFile(name); err == nil {
		if pid, err := strconv.Atoi(string(trimSpace(old))); err == nil && pid != os.Getpid() && syscall.Kill(pid, 0) == nil {
			return boxerr.Newf(boxerr.ClassSystemError, "the daemon is already running: PID %d", pid)
		}
	}
	f, err := disk.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		var errno syscall.Errno
		errors.As(err, &errno)
		return boxerr.Newf(boxerr.ClassSystemError, "failed to create pid file '%s': %s", name, errnoText(errno))
	}
	_, err = f.Write(strconv.AppendInt(nil, int64(os.Getpid()), 10))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}

func checkpointPolicy(all settings) store.CheckpointPolicy {
	interval := all.number("checkpoint_interval")
	p := store.CheckpointPolicy{Count: int(all.number("checkpoint_count"))}
	if interval > 0 {
		p.Interval = time.Duration(math.Min(interval*float64(time.Second), math.MaxInt64/4))
	}
	if limit := all.number("checkpoint_wal_threshold"); limit > 0 {
		p.WALThreshold = int64(math.Min(limit, 1<<62))
	}
	return p
}

func snapRate(all settings) int64 {
	return int64(math.Max(0, all.number("snap_io_rate_limit")) * (1 << 20))
}

func tooLong(all settings) time.Duration {
	seconds := math.Max(0, all.number("too_long_threshold"))
	return time.Duration(math.Min(seconds*float64(time.Second), math.MaxInt64/4))
}

// current are the options as they are.
func (b *Box) current() settings {
	all := settings{}
	b.inst.options.ForEach(func(k, v lua.LValue) { all[k.String()] = v })
	return all
}

// apply puts a new value of a dynamic option into effect; lua.LNil takes the option back.
func (b *Box) apply(name string, value lua.LValue) error {
	switch name {
	case "checkpoint_count", "checkpoint_interval", "checkpoint_wal_threshold":
		b.inst.store.SetPolicy(checkpointPolicy(b.current()))
	case "too_long_threshold":
		b.inst.store.SetTooLong(tooLong(b.current()))
	case "snap_io_rate_limit":
		b.inst.store.SetSnapRate(snapRate(b.current()))
	case "custom_proc_title":
		b.applyTitleStatus(b.inst.status, b.current())
	case "log_level", "log_format":
		b.applyLog(name, value)
	case "memtx_memory", "memtx_max_tuple_size":
		setMemory(b.db, b.current())
	case "net_msg_max":
		return b.applyNetMsgMax(value)
	case "readahead":
		return b.applyReadahead(value)
	case "listen":
		return b.applyListen(value)
	}
	if name == "read_only" || strings.HasPrefix(name, "replication") {
		return b.applyReplication(name)
	}
	return nil
}

func (b *Box) applyTitleStatus(status string, all settings) {
	t := title.Of(b.host)
	t.Status, t.Custom = status, all.text("custom_proc_title")
	t.Update()
}

func (b *Box) applyLog(name string, value lua.LValue) {
	shown := value
	if value == lua.LNil {
		value = optionByName(name).value
	}
	log.OptionsOf(b.host).Set(log.BoxName(name), value)
	// box.cfg shows a level as it was given, not as the number that the module log knows.
	b.inst.options.RawSetString(name, shown)
}

// applyListen hands the address to the server; an empty one ends it. Without a server the address is only kept.
func (b *Box) applyListen(value lua.LValue) error {
	address := ""
	switch v := value.(type) {
	case lua.LString:
		address = string(v)
	case lua.LNumber:
		address = vm.FormatNumber(float64(v))
	}
	b.inst.listening = ""
	if b.OnListen == nil {
		return nil
	}
	bound, err := b.OnListen(address)
	if err == nil {
		b.inst.listening = bound
	}
	return err
}

// applyNetMsgMax and applyReadahead hand their options to the server.
func (b *Box) applyNetMsgMax(value lua.LValue) error {
	n := lua.LVAsNumber(value)
	if n < 2 {
		return badOption("net_msg_max", "minimal value is 2")
	}
	if b.OnNetMsgMax != nil {
		b.OnNetMsgMax(int(n))
	}
	return nil
}

func (b *Box) applyReadahead(value lua.LValue) error {
	if b.OnReadahead != nil {
		b.OnReadahead(int(lua.LVAsNumber(value)))
	}
	return nil
}
