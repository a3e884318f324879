package reload_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	embedded "shardlua/lua"
	"shardlua/runtime"
)

// cluster is one instance that is a storage and a router, on sources of vshard that the test may spoil.
type cluster struct {
	*app
	sources string
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	a := &app{t: t, dir: t.TempDir()}
	c := &cluster{app: a, sources: t.TempDir()}
	c.restoreSources()
	var err error
	if a.Host, err = runtime.New(runtime.Options{Stderr: &a.log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	a.want(`package.path = '`+c.sources+`/?.lua;`+c.sources+`/?/init.lua;' .. package.path
		fiber = require('fiber')
		vshard = require('vshard')
		cfg = {bucket_count = 10, discovery_mode = 'on', sharding = {
			['cbf06940-0790-498b-948d-042b62cf3d29'] = {replicas = {
				['8a274925-a26d-47fc-9e1b-af88ce939412'] = {
					uri = 'storage:storage@unix/:`+filepath.Join(a.dir, "s.sock")+`', name = 'storage', master = true}}}}}
		local options = table.deepcopy(cfg)
		options.work_dir, options.memtx_memory, options.log_level = '`+a.dir+`', 64 * 1024 * 1024, 5
		vshard.storage.cfg(options, '8a274925-a26d-47fc-9e1b-af88ce939412')
		vshard.router.cfg(cfg)
		assert(vshard.router.bootstrap())
		function echo(...) return ... end
		function within(condition)
			local deadline = fiber.clock() + 20
			while not condition() do
				if fiber.clock() > deadline then error('it did not happen') end
				fiber.sleep(0.005)
			end
			return true
		end`, "")
	c.works("at first")
	return c
}

// restoreSources writes the sources as they are in the binary.
func (c *cluster) restoreSources() {
	c.t.Helper()
	err := fs.WalkDir(embedded.Files, "vshard", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(c.sources, path), 0o755)
		}
		text, err := fs.ReadFile(embedded.Files, path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(c.sources, path), text, 0o644)
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// spoil replaces a text in a source.
func (c *cluster) spoil(file, old, new string) {
	c.t.Helper()
	name := filepath.Join(c.sources, file)
	text, err := os.ReadFile(name)
	if err != nil {
		c.t.Fatal(err)
	}
	spoilt := strings.Replace(string(text), old, new, 1)
	if spoilt == string(text) {
		c.t.Fatalf("%s lacks %q", file, old)
	}
	if err := os.WriteFile(name, []byte(spoilt), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// works tells that calls are served and that each background service does its work, one fiber of each.
func (c *cluster) works(when string) {
	c.t.Helper()
	for what, chunk := range map[string]string{
		"call": `local here, err = vshard.router.callrw(1, 'echo', {'here'}) return err or '', here`,
		"gc": `vshard.storage.bucket_force_drop(10)
			box.space._bucket:replace{10, 'garbage'}
			vshard.storage.garbage_collector_wakeup()
			within(function() return box.space._bucket:get{10} == nil end)
			vshard.storage.bucket_force_create(10)
			return 'here'`,
		"discovery": `vshard.router._route_map_clear()
			vshard.router.discovery_wakeup()
			within(function() return vshard.router.info().bucket.available_rw == 10 end)
			return 'here'`,
	} {
		if got := c.eval(chunk); !strings.HasSuffix(got, "here") {
			c.t.Errorf("%s, %s: %s", when, what, got)
		}
	}
	// Each service has one fiber, which goes on when it is woken.
	got := c.eval(`
		local function switches(id)
			local row = fiber.info()[id]
			return row and row.csw or error('fiber ' .. id .. ' is gone')
		end
		local names = {}
		for _, records in ipairs{vshard.storage.internal.services, vshard.router.internal.static_router.services} do
			for key, record in pairs(records) do
				if not record.stopped then
					assert(record.fiber:status() ~= 'dead', key .. ' is dead')
					within(function() return record.sleeping end)
					local before = switches(record.fiber:id())
					record.fiber:wakeup()
					within(function() return switches(record.fiber:id()) > before end)
					table.insert(names, record.fiber:name())
				end
			end
		end
		table.sort(names)
		for _, name in ipairs(names) do
			within(function()
				local n = 0
				for _, row in pairs(fiber.info()) do n = n + (row.name == name and 1 or 0) end
				return n == 1
			end)
		end
		return table.concat(names, ' ')`)
	if want := "vshard.discovery._static_router vshard.failover._static_router vshard.gc vshard.rebalancer vshard.recovery"; got != want {
		c.t.Errorf("%s\ngot  %s\nwant %s", when, got, want)
	}
}

// plainReload is the reload that everybody types.
func plainReload(module string) string {
	short := module[strings.LastIndex(module, ".")+1:]
	return fmt.Sprintf("package.loaded['%s'] = nil vshard.%s = require('%s')", module, short, module)
}

// remotes are the ways by which a chunk may come to an instance; each returns what the chunk returned, or its error.
func (c *cluster) remotes() map[string]func(chunk string) string {
	c.want(`box.schema.user.grant('guest', 'super', nil, nil, {if_not_exists = true})
		conn = require('net.box').connect('unix/:`+filepath.Join(c.dir, "s.sock")+`')
		assert(conn:ping())
		require('console').listen('unix/:`+filepath.Join(c.dir, "admin.sock")+`')
		function tell(chunk)
			local s = assert(require('socket').tcp_connect('unix/', '`+filepath.Join(c.dir, "admin.sock")+`'))
			s:read('\n') s:read('\n')
			s:write(chunk:gsub('%s+', ' ') .. '\n')
			local answer = s:read('...\n')
			s:close()
			return answer
		end`, "")
	quoted := func(chunk string) string { return "[==[" + chunk + "]==]" }
	return map[string]func(string) string{
		"script": c.eval,
		"binary protocol": func(chunk string) string {
			return c.eval("local ok, err = pcall(conn.eval, conn, " + quoted(chunk) + ") return not ok and tostring(err) or err")
		},
		"console": func(chunk string) string { return c.eval("return tell(" + quoted(chunk) + ")") },
	}
}

func TestOldServicesServeOnAfterALateFailure(t *testing.T) {
	c := newCluster(t)
	remotes := c.remotes()
	for name, broken := range map[string]struct {
		module, file, old, new, want string
	}{
		"the configuration of the storage throws": {"vshard.storage", "vshard/storage/config.lua",
			"    if is_reload then\n        routes_applier.resume()", "    error('too late') if is_reload then\n        routes_applier.resume()",
			"vshard/storage/config.lua:"},
		"a service of the storage dies": {"vshard.storage", "vshard/storage/init.lua",
			"return storage\n", "require('fiber').create(function() error('too late') end) return storage\n", "vshard/storage/init.lua:"},
		"a service of the router dies": {"vshard.router", "vshard/router/init.lua",
			"\nreturn router\n", "\nrequire('fiber').create(function() error('too late') end) return router\n", "vshard/router/init.lua:"},
		"the configuration of the router throws": {"vshard.router", "vshard/router/config.lua",
			"    start_services(router, sharding)\n    if", "    start_services(router, sharding) error('too late')\n    if", "vshard/router/config.lua:"},
		"a part does not compile": {"vshard.storage", "vshard/storage/gc.lua", "return {", "return {{", "vshard/storage/gc.lua:"},
	} {
		for way, tell := range remotes {
			t.Run(name+" by "+way, func(t *testing.T) {
				old := c.eval("return vshard.storage.internal.module_version, tostring(vshard.storage), tostring(vshard.router)")
				c.spoil(broken.file, broken.old, broken.new)
				if got := tell(plainReload(broken.module)); !strings.Contains(got, broken.want) ||
					!strings.Contains(got, "too late") && !strings.Contains(got, "expected") {
					t.Errorf("error %s", got)
				}
				if want := "reload of " + broken.module + " rolled back: "; !strings.Contains(c.log.String(), want) {
					t.Errorf("the log lacks %q", want)
				}
				if now := c.eval("return vshard.storage.internal.module_version, tostring(require('vshard.storage')), tostring(require('vshard.router'))"); now != old {
					t.Errorf("%s, was %s", now, old)
				}
				c.works("after the refusal")
				c.restoreSources()
				if got := tell(plainReload(broken.module)); strings.Contains(got, "error") {
					t.Errorf("the correct reload: %s", got)
				}
				c.works("after the correct reload")
			})
		}
	}
}

func TestOldServicesServeOnAfterAnUnhealthyVersion(t *testing.T) {
	c := newCluster(t)
	for range 3 {
		// The new version's services have taken over all of the work when it is refused.
		got := c.eval(`local elders = {}
			for _, records in ipairs{vshard.storage.internal.services, vshard.router.internal.static_router.services} do
				for _, record in pairs(records) do table.insert(elders, record.fiber) end
			end
			return pcall(require('shardlua').reload, {'vshard.storage', 'vshard.router', timeout = 5, health = function()
				for _, elder in ipairs(elders) do within(function() return elder:status() == 'dead' end) end
				return false, 'it is slow'
			end})`)
		if want := "false the new version is not healthy: it is slow"; got != want {
			t.Errorf("got %s", got)
		}
		c.works("after the refusal")
	}
	began := time.Now()
	c.want(`local report = require('shardlua').reload{'vshard.storage', 'vshard.router'}
		return #report.modules, report.modules[1].reapplied[1], report.modules[2].reapplied[1]`,
		"2 configuration of router _static_router configuration of storage 8a274925-a26d-47fc-9e1b-af88ce939412")
	t.Logf("the reload took %v", time.Since(began))
	c.works("after the correct reload")
}
