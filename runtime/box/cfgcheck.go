package box

import (
	"errors"
	"strings"

	"github.com/google/uuid"
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/log"
	"shardlua/runtime/say"
	"shardlua/runtime/uri"
	"shardlua/runtime/vm"
	"shardlua/runtime/xlog/wal"
)

// rule is what the value of one option must fulfil; it returns what is wrong, or nothing.
type rule struct {
	option string
	wrong  func(b *Box, all settings) string
}

// quota is how large Tarantool's arenas can be, in bytes.
const quota = 4398046510080

// rules are in the order in which Tarantool checks.
var rules = []rule{
	{"log", logRule("log")},
	{"log_level", logRule("log_level")},
	{"log_nonblock", nonblockRule},
	{"log_format", logRule("log_format")},
	{"listen", uriRule("listen")},
	{"instance_uuid", uuidRule("instance_uuid")},
	{"replicaset_uuid", uuidRule("replicaset_uuid")},
	{"replication", replicationRule},
	{"replication_timeout", above("replication_timeout", 0, "the value must be greather than 0")},
	{"replication_connect_timeout", above("replication_connect_timeout", 0, "the value must be greather than 0")},
	{"replication_connect_quorum", least("replication_connect_quorum", 0, "the value must be greater or equal to 0")},
	{"replication_sync_lag", above("replication_sync_lag", 0, "the value must be greater than 0")},
	{"replication_synchro_quorum", quorumRule},
	{"replication_synchro_timeout", above("replication_synchro_timeout", 0, "the value must be greater than zero")},
	{"replication_sync_timeout", above("replication_sync_timeout", 0, "the value must be greater than 0")},
	{"readahead", between("readahead", 128, 1<<31-1, "specified value is out of bounds")},
	{"checkpoint_count", least("checkpoint_count", 1, "the value must not be less than one")},
	{"wal_max_size", above("wal_max_size", 1, "the value must be greater than one")},
	{"wal_mode", walModeRule},
	{"memtx_memory", quotaRule("memtx_memory")},
	{"memtx_min_tuple_size", between("memtx_min_tuple_size", 8, 1<<20-16, "specified value is out of bounds")},
	{"vinyl_memory", quotaRule("vinyl_memory")},
	{"vinyl_read_threads", least("vinyl_read_threads", 1, "must be greater than or equal to 1")},
	{"vinyl_write_threads", least("vinyl_write_threads", 2, "must be greater than or equal to 2")},
	{"vinyl_page_size", pageSizeRule},
	{"vinyl_run_count_per_level", least("vinyl_run_count_per_level", 1, "must be greater than 0")},
	{"vinyl_run_size_ratio", above("vinyl_run_size_ratio", 1, "must be greater than 1")},
	{"vinyl_bloom_fpr", bloomRule},
	{"sql_cache_size", least("sql_cache_size", 0, "must be non-negative")},
	{"background", backgroundRule},
}

// check applies all rules.
func (b *Box) check(all settings) error { return b.checkRules(all, func(string) bool { return true }) }

// checkChanged applies the rules of options that change.
func (b *Box) checkChanged(all settings, changed []*option) error {
	return b.checkRules(all, func(name string) bool {
		for _, o := range changed {
			if o.name == name {
				return true
			}
		}
		return false
	})
}

func (b *Box) checkRules(all settings, want func(name string) bool) error {
	for _, r := range rules {
		if _, ok := all[r.option]; !ok || !want(r.option) {
			continue
		}
		if reason := r.wrong(b, all); reason != "" {
			return badOption(r.option, reason)
		}
	}
	return nil
}

func (s settings) number(name string) float64 {
	n, _ := s[name].(lua.LNumber)
	return float64(n)
}

func (s settings) text(name string) string {
	switch v := s[name].(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return vm.FormatNumber(float64(v))
	}
	return ""
}

func (s settings) flag(name string) bool { return s[name] == lua.LTrue }

func demand(name, reason string, ok func(n float64) bool) func(*Box, settings) string {
	return func(_ *Box, all settings) string {
		if ok(all.number(name)) {
			return ""
		}
		return reason
	}
}

func above(name string, low float64, reason string) func(*Box, settings) string {
	return demand(name, reason, func(n float64) bool { return n > low })
}

func least(name string, low float64, reason string) func(*Box, settings) string {
	return demand(name, reason, func(n float64) bool { return n >= low })
}

func between(name string, low, high float64, reason string) func(*Box, settings) string {
	return demand(name, reason, func(n float64) bool { return n >= low && n <= high })
}

func quotaRule(name string) func(*Box, settings) string {
	return func(_ *Box, all settings) string {
		n := int64(all.number(name))
		if all.number(name) >= 1<<63 {
			n = -1 << 63 // what C makes of a number that is too large
		}
		if n >= 0 && n <= quota {
			return ""
		}
		return sprintf("must be >= 0 and <= %d, but it is %d", []any{int64(quota), n})
	}
}

func pageSizeRule(_ *Box, all settings) string {
	size := all.number("vinyl_page_size")
	limit, ok := all["vinyl_range_size"].(lua.LNumber)
	if size > 0 && (!ok || size <= float64(limit)) {
		return ""
	}
	return "must be greater than 0 and less than or equal to vinyl_range_size"
}

func bloomRule(_ *Box, all settings) string {
	if rate := all.number("vinyl_bloom_fpr"); rate > 0 && rate <= 1 {
		return ""
	}
	return "must be greater than 0 and less than or equal to 1"
}

func quorumRule(_ *Box, all settings) string {
	if n := all.number("replication_synchro_quorum"); n > 0 && n < 32 {
		return ""
	}
	return "the value must be greater than zero and less than maximal number of replicas"
}

func walModeRule(_ *Box, all settings) string {
	if _, err := wal.ParseMode(all.text("wal_mode")); err != nil {
		return all.text("wal_mode")
	}
	return ""
}

func uuidRule(name string) func(*Box, settings) string {
	return func(_ *Box, all settings) string {
		text := all.text(name)
		if _, err := uuid.Parse(text); err != nil || len(text) != 36 {
			return text
		}
		return ""
	}
}

// isAddress says whether text names somewhere to listen or to connect to.
func isAddress(text string) bool {
	u, ok := uri.Parse(text)
	return ok && (u.Service != nil || u.Unix != nil)
}

const badAddress = "expected host:service or /unix.socket"

func uriRule(name string) func(*Box, settings) string {
	return func(_ *Box, all settings) string {
		// An empty text stands for no address.
		if text := all.text(name); text == "" || isAddress(text) {
			return ""
		}
		return badAddress
	}
}

// replicationRule looks at each address: one, several separated by commas, or a table of them.
func replicationRule(_ *Box, all settings) string {
	for _, address := range addresses(all["replication"]) {
		if !isAddress(address) {
			return badAddress
		}
	}
	return ""
}

// addresses are the members of the option replication.
func addresses(value lua.LValue) []string {
	var list []string
	switch v := value.(type) {
	case lua.LString:
		for _, address := range strings.Split(string(v), ",") {
			if address = strings.TrimSpace(address); address != "" {
				list = append(list, address)
			}
		}
	case lua.LNumber:
		list = append(list, vm.FormatNumber(float64(v)))
	case *lua.LTable:
		for i := 1; i <= v.Len(); i++ {
			switch item := vm.GetInt(v, i).(type) {
			case lua.LString:
				list = append(list, string(item))
			case lua.LNumber:
				list = append(list, vm.FormatNumber(float64(item)))
			default:
				list = append(list, "")
			}
		}
	}
	return list
}

// logRule asks the log.
func logRule(name string) func(*Box, settings) string {
	return func(b *Box, all settings) string {
		o := log.OptionsOf(b.host)
		if (name == "log") && b.host.Log().Configured() && sameValue(o.Get(log.BoxName(name)), all[name]) {
			return ""
		}
		reason := words(o.Check(log.BoxName(name), all[name]))
		if reason == "" && name == "log_format" && all.text("log_format") == "json" && !b.host.Log().Configured() {
			target, _ := say.ParseTarget(all.text("log"))
			reason = words(say.CheckFormat(target, say.JSON))
		}
		return reason
	}
}

func words(err error) string {
	var e *boxerr.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Message
	}
	return err.Error()
}

func nonblockRule(b *Box, all settings) string {
	if reason := logRule("log_nonblock")(b, all); reason != "" {
		return reason
	}
	target, err := say.ParseTarget(all.text("log"))
	if err == nil && all.flag("log_nonblock") && (target.Kind == say.File || target.Kind == say.Stderr) {
		return "the option is incompatible with file/stderr logger"
	}
	return ""
}

// backgroundRule refuses what a Go program cannot do: it has threads from its first moment, and fork takes only one of
// them along.
func backgroundRule(_ *Box, all settings) string {
	if all.flag("background") {
		return "this build cannot leave the terminal by itself; start it with setsid or from a service manager"
	}
	return ""
}
