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
	t := numberTable(L, map[string]int64{"total": c.total[s], "rps": c.rate(s)})
	if s >= StatConnections {
		t.RawSetString("current", lua.LNumber(c.current[s]))
	}
	return t
}

// openStat makes box.stat and box.stat.net.
func (b *Box) openStat(L *lua.LState) {
	stat := b.statTable(L, StatSelect, StatSent)
	for name, fn := range map[string]lua.LGFunction{
		"reset": func(*lua.LState) int { b.inst.stat.reset(); return 0 },
		"vinyl": b.statVinyl,
		"sql":   b.statSQL,
	} {
		stat.RawSetString(name, L.NewFunction(fn))
	}
	stat.RawSetString("net", b.statTable(L, StatSent, statCount))
	b.exports.RawSetString("stat", stat)
}

// statTable makes a table that shows the counters from first up to end.
func (b *Box) statTable(L *lua.LState, first, end Stat) *lua.LTable {
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(func(L *lua.LState) int {
		t := L.NewTable()
		for s := first; s < end; s++ {
			t.RawSetString(statNames[s], b.inst.stat.table(L, s))
		}
		L.Push(t)
		return 1
	}))
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		for s := first; s < end; s++ {
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
	return pushNumbers(L, map[string]int64{
		"sql_xfer_count": 0, "sql_sort_count": 0, "sql_search_count": 0, "sql_found_count": 0,
	})
}

// statVinyl is box.stat.vinyl() and box.info.vinyl(): an engine that nobody uses.
func (b *Box) statVinyl(L *lua.LState) int {
	t := L.NewTable()
	for name, numbers := range map[string]map[string]int64{
		"tx":        {"conflict": 0, "commit": 0, "rollback": 0, "statements": 0, "transactions": 0, "gap_locks": 0, "read_views": 0},
		"regulator": {"dump_bandwidth": 10485760, "rate_limit": 10485760, "dump_watermark": 134217715, "write_rate": 0},
		"memory":    {"tuple_cache": 0, "tx": 0, "level0": 0, "page_index": 0, "bloom_filter": 0},
		"disk":      {"data_compacted": 0, "data": 0, "index": 0},
		"scheduler": {"dump_time": 0, "tasks_inprogress": 0, "dump_output": 0, "compaction_queue": 0,
			"compaction_output": 0, "compaction_time": 0, "dump_count": 0, "tasks_failed": 0, "tasks_completed": 0,
			"dump_input": 0, "compaction_input": 0},
	} {
		t.RawSetString(name, numberTable(L, numbers))
	}
	L.Push(t)
	return 1
}
