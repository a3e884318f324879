package box

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/say"
	"shardlua/runtime/vm"
)

// settings are values of options by name.
type settings map[string]lua.LValue

// option is one option of box.cfg, as of Tarantool 2.6.
type option struct {
	name  string
	types string // the types it may have, separated by ", "; empty for options of the log, which check their own
	value lua.LValue
	// dynamic options can be changed later.
	dynamic bool
	// grows is set for sizes of arenas, which cannot shrink.
	grows bool
}

const (
	str     = "string"
	num     = "number"
	boolean = "boolean"
)

// options are in the order of their names. Those of what this instance does not have (vinyl, feedback, threads) are
// accepted, checked and reported, and change nothing.
var options = []*option{
	{name: "background", types: boolean, value: lua.LFalse},
	{name: "checkpoint_count", types: num, value: lua.LNumber(2), dynamic: true},
	{name: "checkpoint_interval", types: num, value: lua.LNumber(3600), dynamic: true},
	{name: "checkpoint_wal_threshold", types: num, value: lua.LNumber(1e18), dynamic: true},
	{name: "coredump", types: boolean, value: lua.LFalse},
	{name: "custom_proc_title", types: str, dynamic: true},
	{name: "feedback_enabled", types: boolean, value: lua.LTrue, dynamic: true},
	{name: "feedback_host", types: str, value: lua.LString("https://feedback.tarantool.io"), dynamic: true},
	{name: "feedback_interval", types: num, value: lua.LNumber(3600), dynamic: true},
	{name: "force_recovery", types: boolean, value: lua.LFalse, dynamic: true},
	{name: "hot_standby", types: boolean, value: lua.LFalse},
	{name: "instance_uuid", types: str},
	{name: "io_collect_interval", types: num, dynamic: true},
	{name: "listen", types: "string, number", dynamic: true},
	{name: "log"},
	{name: "log_format", value: lua.LString("plain"), dynamic: true},
	{name: "log_level", value: lua.LNumber(5), dynamic: true},
	{name: "log_nonblock"},
	{name: "memtx_dir", types: str, value: lua.LString(".")},
	{name: "memtx_max_tuple_size", types: num, value: lua.LNumber(1 << 20), dynamic: true},
	{name: "memtx_memory", types: num, value: lua.LNumber(256 << 20), dynamic: true, grows: true},
	{name: "memtx_min_tuple_size", types: num, value: lua.LNumber(16)},
	{name: "net_msg_max", types: num, value: lua.LNumber(768), dynamic: true},
	{name: "pid_file", types: str},
	{name: "read_only", types: boolean, value: lua.LFalse, dynamic: true},
	{name: "readahead", types: num, value: lua.LNumber(16320), dynamic: true},
	{name: "replicaset_uuid", types: str},
	{name: "replication", types: "string, number, table", dynamic: true},
	{name: "replication_anon", types: boolean, value: lua.LFalse, dynamic: true},
	{name: "replication_connect_quorum", types: num, dynamic: true},
	{name: "replication_connect_timeout", types: num, value: lua.LNumber(30), dynamic: true},
	{name: "replication_skip_conflict", types: boolean, value: lua.LFalse, dynamic: true},
	{name: "replication_sync_lag", types: num, value: lua.LNumber(10), dynamic: true},
	{name: "replication_sync_timeout", types: num, value: lua.LNumber(300), dynamic: true},
	{name: "replication_synchro_quorum", types: num, value: lua.LNumber(1), dynamic: true},
	{name: "replication_synchro_timeout", types: num, value: lua.LNumber(5), dynamic: true},
	{name: "replication_timeout", types: num, value: lua.LNumber(1), dynamic: true},
	{name: "slab_alloc_factor", types: num, value: lua.LNumber(1.05)},
	{name: "snap_io_rate_limit", types: num, dynamic: true},
	{name: "sql_cache_size", types: num, value: lua.LNumber(5 << 20), dynamic: true},
	{name: "strip_core", types: boolean, value: lua.LTrue},
	{name: "too_long_threshold", types: num, value: lua.LNumber(0.5), dynamic: true},
	{name: "username", types: str},
	{name: "vinyl_bloom_fpr", types: num, value: lua.LNumber(0.05)},
	{name: "vinyl_cache", types: num, value: lua.LNumber(128 << 20), dynamic: true},
	{name: "vinyl_dir", types: str, value: lua.LString(".")},
	{name: "vinyl_max_tuple_size", types: num, value: lua.LNumber(1 << 20), dynamic: true},
	{name: "vinyl_memory", types: num, value: lua.LNumber(128 << 20), dynamic: true, grows: true},
	{name: "vinyl_page_size", types: num, value: lua.LNumber(8 << 10)},
	{name: "vinyl_range_size", types: num},
	{name: "vinyl_read_threads", types: num, value: lua.LNumber(1)},
	{name: "vinyl_run_count_per_level", types: num, value: lua.LNumber(2)},
	{name: "vinyl_run_size_ratio", types: num, value: lua.LNumber(3.5)},
	{name: "vinyl_timeout", types: num, value: lua.LNumber(60), dynamic: true},
	{name: "vinyl_write_threads", types: num, value: lua.LNumber(4)},
	{name: "wal_dir", types: str, value: lua.LString(".")},
	{name: "wal_dir_rescan_delay", types: num, value: lua.LNumber(2), dynamic: true},
	{name: "wal_max_size", types: num, value: lua.LNumber(256 << 20)},
	{name: "wal_mode", types: str, value: lua.LString("write")},
	{name: "work_dir", types: str},
	{name: "worker_pool_threads", types: num, value: lua.LNumber(4), dynamic: true},
}

func optionByName(name string) *option {
	for _, o := range options {
		if o.name == name {
			return o
		}
	}
	return nil
}

func defaults() settings {
	all := settings{}
	for _, o := range options {
		if o.value != nil {
			all[o.name] = o.value
		}
	}
	return all
}

// checkType returns what is wrong with the type of a value.
func (o *option) checkType(value lua.LValue) string {
	if o.types == "" {
		return ""
	}
	for _, t := range strings.Split(o.types, ", ") {
		if vm.TypeName(value) == t {
			return ""
		}
	}
	if strings.Contains(o.types, ",") {
		return "should be one of types " + o.types
	}
	return "should be of type " + o.types
}

// renames are the names that options had before Tarantool 1.7.
var renames = map[string]string{
	"slab_alloc_arena":    "memtx_memory",
	"slab_alloc_minimal":  "memtx_min_tuple_size",
	"slab_alloc_maximal":  "memtx_max_tuple_size",
	"snap_dir":            "memtx_dir",
	"logger":              "log",
	"logger_nonblock":     "log_nonblock",
	"panic_on_snap_error": "force_recovery",
	"panic_on_wal_error":  "force_recovery",
	"replication_source":  "replication",
	"snapshot_period":     "checkpoint_interval",
	"snapshot_count":      "checkpoint_count",
	"rows_per_wal":        "wal_max_size",
}

// renamed gives an option of old its new name and value, with a warning.
func (b *Box) renamed(L *lua.LState, name string, value lua.LValue) (string, lua.LValue, error) {
	now, ok := renames[name]
	if !ok {
		return name, value, nil
	}
	b.sayf(say.Warn, "Deprecated option %s, please use %s instead", name, now)
	switch name {
	case "rows_per_wal":
		return name, value, nil // there is no telling how many bytes that is: an unexpected option
	case "slab_alloc_arena":
		size, ok := value.(lua.LNumber)
		if !ok {
			vm.RaiseString(L, -1, "builtin/box/load_cfg.lua:19: builtin/box/load_cfg.lua:373: "+
				"attempt to perform arithmetic on local 'size' (a %s value)", vm.TypeName(value))
		}
		return now, lua.LNumber(int64(size * (1 << 30))), nil
	case "panic_on_snap_error", "panic_on_wal_error":
		return now, lua.LBool(!vm.Truth(value)), nil
	}
	return now, value, nil
}
