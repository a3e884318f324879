package vm

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// workloads are run n times by each host; the loop is in Lua.
var workloads = []struct{ name, body string }{
	{"call", "local function f(a) return a end for i = 1, n do f(i) end"},
	{"arithmetic", "local s = 0 for i = 1, n do s = s + i % 7 * 2 end"},
	{"array", "local t = {} for i = 1, n do t[i] = i end for i = 1, n do t[i] = t[i] + 1 end"},
	{"field", "local t = {x = 0} for i = 1, n do t.x = t.x + 1 end"},
	{"method", "local C = {} C.__index = C function C:m() self.n = self.n + 1 end local o = setmetatable({n = 0}, C) for i = 1, n do o:m() end"},
	{"closure", "for i = 1, n do local f = function() return i end f() end"},
	{"newtable", "for i = 1, n do local t = {a = 1, b = i} end"},
	{"concat", "local t = {} for i = 1, n do t[i] = 'item' .. i end table.concat(t, ',')"},
	{"pairs", "local t = {} for i = 1, n do t['k' .. i] = i end for k, v in pairs(t) do t[k] = nil end"},
	{"insert", "local t = {} for i = 1, n do table.insert(t, i) end for i = 1, n do table.remove(t) end"},
	{"sort", "local t = {} for i = 1, n do t[i] = i * 7919 % 10007 end table.sort(t)"},
	{"pcall", "local f = function() end for i = 1, n do pcall(f) end"},
	{"error", "for i = 1, n do pcall(error, 'x') end"},
	{"format", "for i = 1, n do string.format('%d %s %5.2f', i, 'x', i / 3) end"},
	{"find", "local s = ('x'):rep(50) .. 'abc' for i = 1, n do s:find('a%w+') end"},
	{"gsub", "for i = 1, n do ('hello world'):gsub('%w+', '<%0>') end"},
	{"sub", "local s = 'hello world' for i = 1, n do s:sub(2, 5) s:byte(3) end"},
	{"tostring", "for i = 1, n do tostring(i) tonumber('12') end"},
	{"math", "for i = 1, n do math.floor(i / 3) math.max(i, 5) end"},
	{"bit", "for i = 1, n do bit.band(i, 255) bit.bxor(i, 3) end"},
	{"uint64", "local x = 0ULL for i = 1, n do x = x + 1ULL end"},
	{"coroutine", "local c = coroutine.wrap(function() while true do coroutine.yield() end end) for i = 1, n do c() end"},
}

// BenchmarkLua runs each workload here and, where stock Tarantool is
// installed, on LuaJIT with its compiler off: the metric "x-luajit" is how many
// times longer this VM takes, in processor time.
func BenchmarkLua(b *testing.B) {
	const times = 200000
	oracle, _ := exec.LookPath("tarantool")
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			v := New(Options{})
			chunk := "local n, clock = ..., os.clock local start = clock() do " + w.body + " end return clock() - start"
			fn, err := v.Load([]byte(chunk), "="+w.name)
			if err != nil {
				b.Fatal(err)
			}
			best := 0.0
			for i := range max(b.N, 3) {
				got, err := v.Call(v.State(), fn, 1, lua.LNumber(times))
				if err != nil {
					b.Fatal(err)
				}
				if t := float64(got[0].(lua.LNumber)); i == 0 || t < best {
					best = t
				}
			}
			b.ReportMetric(best/times*1e9, "ns/item")
			if oracle != "" {
				b.ReportMetric(best/stockSeconds(b, oracle, chunk, times), "x-luajit")
			}
		})
	}
}

func stockSeconds(b *testing.B, oracle, chunk string, n int) float64 {
	script := "jit.off() local f = function(...) " + chunk + " end local t = f(" + strconv.Itoa(n) +
		") t = math.min(t, f(" + strconv.Itoa(n) + ")) io.write(t) os.exit()"
	cmd := exec.Command(oracle, "-e", script)
	cmd.Dir = b.TempDir()
	cmd.Env = os.Environ()
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	t, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatal(err)
	}
	return max(t, 1e-6)
}
