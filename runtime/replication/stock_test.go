package replication_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/xlog/vclock"
)

// stock is a process of stock Tarantool that is steered through its console.
type stock struct {
	t       *testing.T
	dir     string
	listen  string
	cmd     *exec.Cmd
	console net.Conn
	reader  *bufio.Reader
}

// newStock prepares an instance of stock Tarantool; the test is skipped where that is not installed.
func newStock(t *testing.T, dir, name string) *stock {
	t.Helper()
	if _, err := exec.LookPath("tarantool"); err != nil {
		t.Skip("tarantool is not installed")
	}
	s := &stock{t: t, dir: filepath.Join(dir, name), listen: filepath.Join(dir, name+".sock")}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			t.Logf("log of stock %s:\n%s", name, text)
		}
	})
	return s
}

// start runs box.cfg with further options and waits until the console answers.
func (s *stock) start(cfg string) *stock {
	s.t.Helper()
	console := filepath.Join(s.dir, "console")
	_ = os.Remove(console)
	script := fmt.Sprintf(`require('console').listen(%q)
box.cfg{listen=%q, work_dir=%q, log='log', replication_timeout=0.05, replication_connect_timeout=10, %s}
ready = true`, console, s.listen, s.dir, cfg)
	path := filepath.Join(s.dir, "start.lua")
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command("tarantool", path)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "console of stock", func() bool {
		conn, err := net.Dial("unix", console)
		if err != nil {
			return false
		}
		s.console, s.reader = conn, bufio.NewReader(conn)
		_, err = s.reader.Discard(128)
		return err == nil
	})
	return s
}

// startReady also waits until box.cfg has returned.
func (s *stock) startReady(cfg string) *stock {
	s.t.Helper()
	s.start(cfg)
	eventually(s.t, "box.cfg of stock", func() bool { return s.eval("ready") == "- true" })
	return s
}

// eval returns what the console prints, without the frame.
func (s *stock) eval(line string) string {
	s.t.Helper()
	_ = s.console.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := s.console.Write([]byte(line + "\n")); err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for {
		text, err := s.reader.ReadString('\n')
		if err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		text = strings.TrimRight(text, "\n")
		if text == "..." {
			break
		}
		if text != "---" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

func (s *stock) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.console.Close()
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// vclock is box.info.vclock.
func (s *stock) vclock() vclock.VClock {
	text := strings.Trim(strings.TrimPrefix(s.eval("require('json').encode(box.info.vclock)"), "- "), "'")
	var v vclock.VClock
	if strings.HasPrefix(text, "[") { // a dense table
		for i, part := range strings.Split(strings.Trim(text, "[]"), ",") {
			var lsn int64
			_, _ = fmt.Sscan(part, &lsn)
			v.Set(uint32(i+1), lsn)
		}
		return v
	}
	for _, part := range strings.Split(strings.Trim(text, "{}"), ",") {
		var id uint32
		var lsn int64
		if _, err := fmt.Sscanf(strings.ReplaceAll(part, `"`, ""), "%d:%d", &id, &lsn); err == nil {
			v.Set(id, lsn)
		}
	}
	return v
}

const stockData = `s = box.schema.space.create('t') s:create_index('pk') ` +
	`l = box.schema.space.create('mine', {is_local = true}) l:create_index('pk') s:insert{1, 'x'} l:insert{1}`

func TestFollowsStockMaster(t *testing.T) {
	dir := socketDir(t)
	master := newStock(t, dir, "m").startReady("")
	master.eval("box.schema.user.grant('guest', 'replication')")
	master.eval(stockData)
	replica := newInstance(t, dir, "r", setup{options: options(master.listen)}).mustStart()
	if replica.rows("t") != 1 || replica.rows("mine") != 0 {
		t.Fatalf("%d and %d rows after JOIN", replica.rows("t"), replica.rows("mine"))
	}
	master.eval("for i = 2, 5000 do s:replace{i, tostring(i)} end")
	master.eval("box.begin() for i = 1, 100 do s:update(i, {{'=', 2, 'tx'}}) end l:replace{2} box.commit()")
	master.eval("s:delete{7} s:upsert({8, 'no'}, {{'=', 2, 'ups'}}) s:upsert({9000, 'new'}, {{'=', 2, 'ups'}})")
	eventually(t, "rows", func() bool { return replica.rows("t") == 4999+1 })
	same := func() bool {
		v := replica.vclock()
		w := master.vclock()
		return v.CompareReplicated(&w) == vclock.Equal
	}
	eventually(t, "the same vclock", same)
	eventually(t, "downstream", func() bool {
		return strings.HasSuffix(master.eval("box.info.replication[2].downstream.status"), "follow")
	})
	if got := master.eval("box.info.replication[2].uuid"); !strings.Contains(got, "-") {
		t.Error(got)
	}
	// NOPs, from a trigger that keeps what is there.
	master.eval("s:before_replace(function(old) return old end) s:replace{1, 'ignored'}")
	eventually(t, "NOP", same)
	// The master dies in the middle of its work, and comes back.
	master.eval("require('fiber').create(function() for i = 10000, 1e9 do l:replace{i} s:before_replace(nil, s:before_replace()[1]) s:replace{i} end end)")
	time.Sleep(50 * time.Millisecond)
	master.kill()
	eventually(t, "disconnected", func() bool { return replica.upstream(1).Status == "disconnected" })
	if up := replica.upstream(1); up.Message == "" || up.SystemMessage == "" {
		t.Errorf("%+v", up)
	}
	master.startReady("")
	eventually(t, "the same vclock", same)
	eventually(t, "following again", func() bool { return replica.upstream(1).Status == "follow" })
	n := strings.TrimPrefix(master.eval("box.space.t:len()"), "- ")
	if got := fmt.Sprint(replica.rows("t")); got != n {
		t.Errorf("%s rows, stock has %s", got, n)
	}
	replica.stop()
	master.eval("box.space.t:truncate() box.snapshot()")
	replica.mustStart()
	eventually(t, "the same vclock", same)
	if replica.rows("t") != 0 {
		t.Error("truncate did not come over")
	}
}

func TestStockFollowsUs(t *testing.T) {
	dir := socketDir(t)
	master := newInstance(t, dir, "m", setup{options: options()}).mustStart().grant()
	master.createSpace(512, "t", map[string]any{})
	master.createSpace(513, "mine", map[string]any{"group_id": 1})
	for i := range 2000 {
		master.put("t", i, "before")
	}
	master.put("mine", 1)
	replica := newStock(t, dir, "r").startReady(fmt.Sprintf("replication=%q", master.config.listen))
	if got := replica.eval("box.space.t:len() .. ' ' .. box.space.mine:len() .. ' ' .. box.info.id .. ' ' .. box.info.status"); got != "- 2000 0 2 running" {
		t.Error(got)
	}
	for i := 2000; i < 3000; i++ {
		master.put("t", i, "after")
		master.put("mine", i)
	}
	same := func() bool {
		v := master.vclock()
		w := replica.vclock()
		return v.CompareReplicated(&w) == vclock.Equal
	}
	eventually(t, "rows", same)
	if got := replica.eval("box.info.replication[1].upstream.status"); got != "- follow" {
		t.Error(got)
	}
	eventually(t, "ack", func() bool {
		v, w := master.vclock(), master.downstream(2).VClock
		return v.CompareReplicated(&w) == vclock.Equal
	})
	replica.kill()
	eventually(t, "downstream stopped", func() bool { return master.downstream(2).Status == "stopped" })
	if d := master.downstream(2); d.Message == "" {
		t.Errorf("%+v", d)
	}
	master.put("t", 5000, "meanwhile")
	replica.startReady(fmt.Sprintf("replication=%q", master.config.listen))
	eventually(t, "rows", same)
	// The master restarts.
	master.stop()
	master.mustStart()
	master.put("t", 5001, "meanwhile")
	eventually(t, "rows", same)
	if got := replica.eval("box.space.t:len()"); got != "- 3002" {
		t.Error(got)
	}
}

// A stock instance and one of ours make a replica set together, whoever leads, and write to each other.
func TestMeshWithStock(t *testing.T) {
	low, high := uuid.MustParse("10000000-0000-4000-8000-000000000000"), uuid.MustParse("20000000-0000-4000-8000-000000000000")
	for _, stockLeads := range []bool{true, false} {
		t.Run(fmt.Sprintf("stock leads %v", stockLeads), func(t *testing.T) {
			dir := socketDir(t)
			ids := map[bool]uuid.UUID{stockLeads: low, !stockLeads: high}
			a := newStock(t, dir, "a")
			b := newInstance(t, dir, "b", setup{instanceUUID: ids[false]})
			b.config.options = options(a.listen, b.config.listen)
			done := make(chan error, 1)
			go func() { done <- b.start() }()
			a.start(fmt.Sprintf("instance_uuid='%s', replication={%q, %q}", ids[true], a.listen, b.config.listen))
			if stockLeads {
				eventually(t, "box.cfg of stock", func() bool { return a.eval("ready") == "- true" })
				a.eval("box.schema.user.grant('guest', 'replication')")
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if !stockLeads {
				b.grant()
				eventually(t, "box.cfg of stock", func() bool { return a.eval("ready") == "- true" })
			}
			if got, want := a.eval("box.info.cluster.uuid"), b.store.DB().ClusterUUID(); got != "- "+want {
				t.Fatalf("clusters %s and %s", got, want)
			}
			b.createSpace(512, "t", map[string]any{})
			eventually(t, "space", func() bool { return a.eval("box.space.t ~= nil and box.space.t.index[0] ~= nil") == "- true" })
			a.eval("require('fiber').create(function() for i = 1, 2000 do box.space.t:replace{i * 2, 'a'} end end)")
			for i := range 2000 {
				b.put("t", i*2+1, "b")
			}
			eventually(t, "rows", func() bool { return b.rows("t") == 4000 && a.eval("box.space.t:len()") == "- 4000" })
			ours, theirs := "1", "2"
			if stockLeads {
				ours, theirs = theirs, ours
			}
			for _, what := range []string{"[" + ours + "].upstream.status", "[" + ours + "].downstream.status"} {
				eventually(t, what, func() bool { return a.eval("box.info.replication"+what) == "- follow" })
			}
			if got := a.eval("box.info.replication[" + theirs + "].upstream"); got != "" && got != "- null" {
				t.Error(got)
			}
			for _, info := range b.infos() {
				if self := info.UUID == ids[false]; self != (info.Upstream == nil) || self != (info.Downstream == nil) {
					t.Errorf("%+v", info)
				}
			}
		})
	}
}
