package reload

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The scenarios are reports of users of vshard; the numbers are those of the reports.

// routed is a load of calls through the router of an instance.
func routed(buckets int) func(caller, n int) (Request, error) {
	return func(caller, n int) (Request, error) {
		id := (caller*37+n)%buckets + 1
		return CallRequest("vshard.router.callrw", id, "put", []any{id, id, "value"}, map[string]any{"timeout": 60})
	}
}

// tarantool/vshard #182: a reload before the first cfg() looked into internals that are not there yet.
func TestVshard182ReloadBeforeTheFirstCfg(t *testing.T) {
	c := newCluster(t, Topology{Shards: 1, Replicas: 1, Buckets: 10})
	before := `
		local broken = ...
		for _, role in ipairs({'storage', 'router'}) do
			local module = 'vshard.' .. role
			local internal = vshard[role].internal
			for _ = 1, 3 do
				reload(module)
				assert(vshard[role].internal == internal and internal.module_version == 0)
			end
			-- A refused version leaves the old one, which is as unconfigured as before.
			local old = vshard[role]
			package.preload[module] = function() internal.is_spoilt = true error('this version does not work') end
			local ok, err = pcall(reload, module)
			assert(not ok and tostring(err):find('this version does not work'), err)
			package.preload[module] = nil
			assert(package.loaded[module] == old and internal.is_spoilt == nil)
			reload(module)
		end
		local ok, err = pcall(vshard.storage.call, 1, 'read', 'echo', {1})
		assert(not ok and err.name == 'STORAGE_IS_DISABLED')
		assert(not pcall(vshard.router.callro, 1, 'echo', {1}))`
	if err := os.WriteFile(filepath.Join(c.Dir, "before.lua"), []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	m := c.host("storage_1_a", Both)
	m.eval(`assert(vshard.router.bootstrap({timeout = 60}))`)
	m.want(`return vshard.router.callrw(1, 'echo', {5}, {timeout = 60})`, "5")
	m.reload("vshard.storage")
	m.reload("vshard.router")
	m.want(`return vshard.router.callrw(1, 'echo', {6}, {timeout = 60})`, "6")
	m.want(`return vshard.storage.internal.module_version, vshard.router.internal.module_version`, "1 1")
}

// tarantool/cartridge #1835: with a storage and a router in one instance, every call failed with "fiber is cancelled"
// after a reload.
func TestCartridge1835StorageAndRouterInOneInstance(t *testing.T) {
	const buckets = 40
	m, peer := newPair(t, buckets)
	since := m.LogText()
	remote := m.load(4, routed(buckets))
	m.eval(`
		stop, callers, calls, failures = false, {}, 0, {}
		for i = 1, 4 do
			callers[i] = fiber.new(function()
				while not stop do
					local id = math.random(cfg.bucket_count)
					local row, err = vshard.router.callro(id, 'get', {id}, {timeout = 60})
					calls = calls + 1
					if row == nil then
						table.insert(failures, tostring(err))
					end
				end
			end)
			callers[i]:set_joinable(true)
		end`)
	for round := range 12 {
		m.reload("vshard.storage")
		m.reload("vshard.router")
		if round%4 == 3 {
			m.refused("vshard.router", throwing)
			m.refused("vshard.storage", stillborn)
			peer.reload("vshard.storage")
		}
	}
	remote()
	m.want(`stop = true for _, f in ipairs(callers) do assert(f:join()) end
		return calls > 0, #failures, failures[1]`, "true 0 <nil>")
	if strings.Contains(m.LogText(), "fiber is cancelled") {
		t.Error("fibers were cancelled")
	}
	m.noErrors(since, "this version does not work")
}

// tarantool/cartridge #1562: after a reload, the discovery logged errors for ever.
func TestCartridge1562DiscoveryAndRebalancerGoOn(t *testing.T) {
	const buckets = 40
	c := newCluster(t, Topology{Shards: 2, Replicas: 1, Buckets: buckets})
	peer := c.host("storage_2_a", Storage)
	m := c.host("storage_1_a", Both)
	m.eval(`assert(vshard.router.bootstrap({timeout = 60}))`)
	m.await(`vshard.storage.rebalancer_wakeup() vshard.router.discovery_wakeup() return vshard.router.info().bucket.unknown == 0`)
	since := map[*member]string{m: m.LogText(), peer: peer.LogText()}
	for range 5 {
		m.reload("vshard.router")
		m.reload("vshard.storage")
		peer.reload("vshard.storage")
		m.refused("vshard.router", stillborn)
		m.refused("vshard.storage", stillborn)
	}
	for _, fiber := range []string{"^vshard%.discovery%.", "^vshard%.failover%.", "^vshard%.rebalancer$", "^vshard%.gc$", "^vshard%.recovery$"} {
		m.await("return count_fibers('" + fiber + "') == 1")
	}
	for round := range 2 {
		// Buckets move by hand; the discovery finds them, and the rebalancer brings the balance back.
		m.eval(fmt.Sprintf(`for id = 1, cfg.bucket_count do
				if box.space._bucket.index.status:count('active') <= cfg.bucket_count / 4 then break end
				local row = box.space._bucket:get(id)
				if row ~= nil and row.status == 'active' then
					assert(vshard.storage.bucket_send(id, '%s', {timeout = 60}))
				end
			end
			vshard.router._route_map_clear()`, ReplicasetUUID(2)))
		m.await(`vshard.router.discovery_wakeup() return vshard.router.info().bucket.unknown == 0`)
		m.await(fmt.Sprintf(`vshard.storage.rebalancer_wakeup() vshard.storage.garbage_collector_wakeup()
			return box.space._bucket.index.status:count('active') == %d and not vshard.storage.rebalancing_is_in_progress()`, buckets/2))
		if round == 0 {
			m.reload("vshard.router")
			m.reload("vshard.storage")
		}
	}
	for side, log := range since {
		side.noErrors(log, "this version does not work")
	}
}

// tarantool/vshard #656: new code has a background service, or an internal function, that the old version did not have.
func TestVshard656NewServiceIsStartedOnce(t *testing.T) {
	m, _ := newPair(t, 20)
	old := ""
	m.c.edit("vshard.storage.config", func(text string) string {
		old = text
		return strings.Replace(text, "    start_services(sharding)\n", `    start_services(sharding)
    M.pulse = M.pulse or {beats = 0, began = fiber.clock()}
    service.start(M.services, 'pulse', 'vshard.pulse', function()
        if M.pulse.beats == 0 then
            M.pulse.late = fiber.clock() - M.pulse.began
        end
        M.pulse.beats = M.pulse.beats + 1
        return 0.01
    end)
`, 1)
	})
	stop := m.load(4, calls("echo", "write", 10)) // half of the buckets are there
	m.refused("vshard.storage", throwing)
	m.refused("vshard.storage", stillborn)
	m.want(`return vshard.storage.internal.pulse, vshard.storage.internal.services.pulse`, "<nil> <nil>")
	m.await(`return count_fibers('^vshard%.pulse') == 0`)
	m.reload("vshard.storage")
	m.await(`return vshard.storage.internal.pulse.beats >= 3`)
	m.want(`return count_fibers('^vshard%.pulse$')`, "1")
	if late := number(m.eval(`return vshard.storage.internal.pulse.late`)[0]); late >= 1 {
		t.Errorf("the new service made its first step after %v seconds", late)
	}
	for range 3 {
		m.reload("vshard.storage")
	}
	m.await(`return count_fibers('^vshard%.pulse$') == 1`)
	m.eval(`beats = vshard.storage.internal.pulse.beats`)
	m.await(`return vshard.storage.internal.pulse.beats > beats`)
	// Code that knows nothing of the service leaves it running as it was; whoever takes it away must stop it.
	m.c.edit("vshard.storage.config", func(string) string {
		return strings.Replace(old, "    start_services(sharding)\n", "    start_services(sharding)\n    service.stop(M.services, 'pulse')\n", 1)
	})
	m.reload("vshard.storage")
	m.await(`return count_fibers('^vshard%.pulse$') == 0`)
	stop()
}

// before is the sharding module of the commit before the one that brought its migrations, from the project's history.
func before(t *testing.T, dir string) {
	t.Helper()
	git := func(args ...string) []byte {
		t.Helper()
		out, err := exec.Command("git", append([]string{"-C", "../.."}, args...)...).Output()
		if err != nil {
			t.Skipf("the sources are not a git checkout with its history, so there is no older version: git %v: %v", args, err)
		}
		return bytes.TrimSpace(out)
	}
	commits := strings.Fields(string(git("log", "--reverse", "--format=%H", "--diff-filter=A", "--", "lua/vshard/storage/reload_evolution.lua")))
	if string(git("rev-parse", "--is-shallow-repository")) != "false" || len(commits) == 0 {
		t.Skip("the checkout is shallow, so there is no older version")
	}
	archive := filepath.Join(t.TempDir(), "old.tar")
	git("archive", "-o", archive, commits[0]+"~1:lua")
	if out, err := exec.Command("tar", "-x", "-f", archive, "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("tar: %v: %s", err, out)
	}
}

// tarantool/vshard #654: nobody was sure in which order the instances of a cluster may be upgraded. Here both are right,
// from the version that knew no migrations to the present one, while calls run.
func TestVshard654ClusterUpgradedInBothOrders(t *testing.T) {
	const buckets = 30
	storages := []string{"storage_2_b", "storage_2_a", "storage_1_b", "storage_1_a"}
	orders := map[string][]string{
		"storages first": append(append([]string{}, storages...), "router"),
		"router first":   append([]string{"router"}, storages...),
		"masters first":  {"storage_1_a", "storage_2_a", "router", "storage_1_b", "storage_2_b"},
	}
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, Topology{Shards: 2, Replicas: 2, Buckets: buckets})
			current := c.Source
			members := make(map[string]*member)
			sources := make(map[string]string)
			start := func(name, roles string) {
				c.Source = filepath.Join(c.Dir, "source_"+name)
				if err := os.Mkdir(c.Source, 0o700); err != nil {
					t.Fatal(err)
				}
				before(t, c.Source)
				sources[name] = c.Source
				members[name] = c.host(name, roles)
			}
			for _, name := range []string{"storage_1_a", "storage_1_b", "storage_2_a", "storage_2_b"} {
				start(name, Storage)
			}
			start("router", Router)
			router := members["router"]
			router.eval(`assert(vshard.router.bootstrap({timeout = 60}))`)
			stop := router.load(4, routed(buckets))
			for _, name := range order {
				m := members[name]
				if err := os.RemoveAll(sources[name]); err != nil {
					t.Fatal(err)
				}
				if err := os.CopyFS(sources[name], os.DirFS(current)); err != nil {
					t.Fatal(err)
				}
				module := "vshard.storage"
				if name == "router" {
					module = "vshard.router"
				}
				m.reload(module)
				// Whatever the mixture, buckets move and calls follow them.
				from, to, which := members["storage_1_a"], 2, "min"
				if text(from.eval(`return box.space._bucket.index.status:count('active') > cfg.bucket_count / 2`)) != "true" {
					from, to, which = members["storage_2_a"], 1, "max"
				}
				from.await(fmt.Sprintf(`local id = box.space._bucket.index.status:%s('active').id
					local ok, err = vshard.storage.bucket_send(id, '%s', {timeout = 60})
					return ok == true`, which, ReplicasetUUID(to)))
			}
			time.Sleep(10 * time.Millisecond)
			stop()
			for name, m := range members {
				if name == "router" {
					continue
				}
				m.want(`return vshard.storage.internal.reload_version, vshard.storage.internal.module_version`, "1 1")
				m.await(`vshard.storage.recovery_wakeup() vshard.storage.garbage_collector_wakeup()
					return box.space._bucket.index.status:count('active') == box.space._bucket:len()`)
			}
			router.want(`return vshard.router.internal.module_version`, "1")
			router.want(`local n = 0 for id = 1, cfg.bucket_count do
				local row = vshard.router.callro(id, 'get', {id}, {timeout = 60}) if row ~= nil then n = n + 1 end end return n`, fmt.Sprint(buckets))
		})
	}
}
