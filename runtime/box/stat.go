package box

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/sys"
)

// Stat names a counter of box.stat.
type Stat int

// The counters, in the order of box.stat and box.stat.net.
const (
	StatSelect Stat = iota
	StatInsert
	StatReplace
	StatUpdate
	StatUpsert
	StatDelete
	StatCall
	StatEval
	StatAuth
	StatError
	StatExecute
	StatPrepare
	StatSent
	StatReceived
	StatConnections
	StatRequests
	statCount
)

// statOrder is an order of the counters of box.stat in which a table prints them as Tarantool does.
var statOrder = []Stat{StatDelete, StatCall, StatUpsert, StatSelect, StatError, StatInsert, StatAuth, StatReplace,
	StatEval, StatExecute, StatPrepare, StatUpdate}

// netOrder is that of box.stat.net.
var netOrder = []Stat{StatSent, StatConnections, StatRequests, StatReceived}

var statNames = [statCount]string{"SELECT", "INSERT", "REPLACE", "UPDATE", "UPSERT", "DELETE", "CALL", "EVAL", "AUTH",
	"ERROR", "EXECUTE", "PREPARE", "SENT", "RECEIVED", "CONNECTIONS", "REQUESTS"}

// statWindow is how many seconds the rates are averaged over.
const statWindow = 5

// counters count events, in all and for each of the last seconds.
type counters struct {
	clock  sys.Clock
	total  [statCount]int64
	second [statCount][statWindow + 1]int64
	now    int64 // the second that second is up to date for
	// current are the gauges of CONNECTIONS and REQUESTS.
	current [statCount]int64
}

// Count adds n events, for box.stat. The caller has the baton.
func (b *Box) Count(s Stat, n int64) { b.inst.stat.add(s, n) }

// Gauge changes how many connections or requests there are at the moment.
func (b *Box) Gauge(s Stat, change int64) { b.inst.stat.current[s] += change }

// refused counts an error that a script gets.
func (b *Box) refused(e *boxerr.Error) {
	switch e.Type {
	case boxerr.ClassAccessDenied, boxerr.ClassClientError, boxerr.ClassCustomError:
		b.Count(StatError, 1)
	}
}

func (c *counters) add(s Stat, n int64) {
	c.total[s] += n
	c.second[s][c.roll()%(statWindow+1)] += n
}

// roll forgets the seconds that have passed out of the window.
func (c *counters) roll() int64 {
	now := int64(c.clock.Monotonic() / time.Second)
	if now == c.now {
		return now
	}
	if now-c.now > statWindow {
		c.second = [statCount][statWindow + 1]int64{}
		c.now = now
	}
	for c.now < now {
		c.now++
		for s := range c.second {
			c.second[s][c.now%(statWindow+1)] = 0
		}
	}
	return now
}

// rate is how many events there were per second, in the whole seconds of the window.
func (c *counters) rate(s Stat) int64 {
	now := c.roll()
	sum := int64(0)
	for i := int64(1); i <= statWindow; i++ {
		if now >= i {
			sum += c.second[s][(now-i)%(statWindow+1)]
		}
	}
	return sum / statWindow
}

func (c *counters) reset() {
	c.total, c.second = [statCount]int64{}, [statCount][statWindow + 1]int64{}
}

func (c *counters) table(L *lua.LState, s Stat) *lua.LTable {
	list := []figure{{"rps", c.rate(s)}, {"total", c.total[s]}}
	if s >= StatConnections {
		list = append(list, figure{"current", c.current[s]})
	}
	return figures(L, list...)
}

// openStat makes box.stat and box.stat.net.
func (b *Box) openStat(L *lua.LState) {
	stat := b.statTable(L, statOrder)
	for name, fn := range map[string]lua.LGFunction{
		"reset": func(*lua.LState) int { b.inst.stat.reset(); return 0 },
		"vinyl": b.statVinyl,
		"sql":   b.statSQL,
	} {
		stat.RawSetString(name, L.NewFunction(fn))
	}
	stat.RawSetString("net", b.statTable(L, netOrder))
	b.exports.RawSetString("stat", stat)
}

// statTable makes a table that shows the counters of the list.
func (b *Box) statTable(L *lua.LState, list []Stat) *lua.LTable {
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(func(L *lua.LState) int {
		t := L.NewTable()
		for _, s := range list {
			t.RawSetString(statNames[s], b.inst.stat.table(L, s))
		}
		L.Push(t)
		return 1
	}))
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		for _, s := range list {
			if L.Get(2) == lua.LString(statNames[s]) {
				L.Push(b.inst.stat.table(L, s))
				return 1
			}
		}
		return 0
	}))
	t := L.NewTable()
	t.Metatable = meta
	return t
}

// statSQL is box.stat.sql(): there is no SQL.
func (b *Box) statSQL(L *lua.LState) int {
	L.Push(zeros(L, "sql_xfer_count", "sql_sort_count", "sql_search_count", "sql_found_count"))
	return 1
}

// statVinyl is box.stat.vinyl() and box.info.vinyl(): an engine that nobody uses.
func (b *Box) statVinyl(L *lua.LState) int {
	t := L.NewTable()
	t.RawSetString("memory", zeros(L, "tuple_cache", "tx", "level0", "page_index", "bloom_filter"))
	t.RawSetString("scheduler", zeros(L, "tasks_failed", "dump_output", "dump_input", "dump_time", "dump_count",
		"tasks_completed", "compaction_time", "compaction_input", "compaction_output", "compaction_queue",
		"tasks_inprogress"))
	t.RawSetString("tx", zeros(L, "conflict", "commit", "rollback", "statements", "transactions", "gap_locks",
		"read_views"))
	t.RawSetString("disk", zeros(L, "data_compacted", "data", "index"))
	t.RawSetString("regulator", figures(L, figure{"dump_bandwidth", 10485760}, figure{"dump_watermark", 134217715},
		figure{"rate_limit", 10485760}, figure{"write_rate", 0}))
	L.Push(t)
	return 1
}
