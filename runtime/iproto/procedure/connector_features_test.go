package procedure_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/tarantool/go-iproto"
	"github.com/tarantool/go-tarantool/v2"
	"github.com/tarantool/go-tarantool/v2/box"
	"github.com/tarantool/go-tarantool/v2/pool"
	_ "github.com/tarantool/go-tarantool/v2/uuid"
)

// testPushes takes what a function pushes before it returns, in order, whatever else runs on the connection.
func testPushes(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "", "")
	one := c.Do(tarantool.NewCall17Request("pushes").Args([]any{100}))
	other := c.Do(tarantool.NewCall17Request("pushes").Args([]any{3}))
	for _, f := range []struct {
		future *tarantool.Future
		want   int
	}{{one, 100}, {other, 3}} {
		got := 0
		//lint:ignore SA1019 pushes are what a server of 2.6 offers
		it := f.future.GetIterator().WithTimeout(5 * time.Second)
		for it.Next() {
			data, err := it.Value().Decode()
			if err != nil || len(data) != 1 {
				t.Fatal(data, err)
			}
			if !it.IsPush() {
				if data[0] != "done" {
					t.Error("the result is", data)
				}
				continue
			}
			if got++; fmt.Sprint(data[0]) != fmt.Sprint(got) {
				t.Errorf("push %d is %v", got, data[0])
			}
		}
		if err := it.Err(); err != nil || got != f.want {
			t.Errorf("%d pushes, %v", got, err)
		}
	}
	// Who does not look at the pushes gets the result alone.
	if data := do(t, c, tarantool.NewCall17Request("pushes").Args([]any{2})); len(data) != 1 || data[0] != "done" {
		t.Error(data)
	}
}

// testTypes sends a type that is an extension of MessagePack, and numbers at the edge, there and back.
func testTypes(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "", "")
	id := uuid.New()
	data := do(t, c, tarantool.NewEvalRequest("local u = ... return u, type(u), u:str()").Args([]any{id}))
	if len(data) != 3 || data[0] != id || data[1] != "cdata" || data[2] != id.String() {
		t.Fatal(data)
	}
	big := do(t, c, tarantool.NewEvalRequest("return ...").Args([]any{uint64(1<<64 - 1), int64(-1 << 63), 1.5, nil, []byte{0, 255}}))
	if fmt.Sprint(big) != "[18446744073709551615 -9223372036854775808 1.5 <nil> [0 255]]" &&
		fmt.Sprint(big) != "[18446744073709551615 -9223372036854775808 1.5 <nil> \x00\xff]" {
		t.Errorf("%v", big)
	}
	var typed []struct {
		_msgpack struct{} `msgpack:",asArray"`
		ID       uint
		Name     string
	}
	if err := c.Do(tarantool.NewSelectRequest("test").Iterator(tarantool.IterGe).Key([]any{uint(4)}).Limit(10)).GetTyped(&typed); err != nil ||
		len(typed) < 2 || typed[0].Name != "n4" || typed[1].ID != 5 {
		t.Errorf("%+v, %v", typed, err)
	}
}

// testErrors shows what the connector makes of errors, their stack included.
func testErrors(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "", "")
	for _, tc := range []struct {
		request tarantool.Request
		code    iproto.Error
		text    string
	}{
		{tarantool.NewCall17Request("custom"), 4711, "my own"},
		{tarantool.NewCall17Request("fail"), iproto.ER_PROC_LUA, "boo"},
		{tarantool.NewCall17Request("absent"), iproto.ER_NO_SUCH_PROC, "Procedure 'absent' is not defined"},
		{tarantool.NewSelectRequest(999).Key([]any{}).Limit(1), iproto.ER_NO_SUCH_SPACE, "Space '999' does not exist"},
		{tarantool.NewSelectRequest(512).Index(7).Key([]any{}).Limit(1), iproto.ER_NO_SUCH_INDEX_ID, "No index #7 is defined in space 'test'"},
		{tarantool.NewReplaceRequest(512).Tuple([]any{"x"}), iproto.ER_FIELD_TYPE, "Tuple field 1 type does not match one required by operation: expected unsigned"},
		{tarantool.NewEvalRequest("syntax error"), iproto.ER_PROC_LUA, "eval:1: '=' expected near 'error'"},
		{tarantool.NewEvalRequest(
			"local a = box.error.new{code = 1, reason = 'inner'} local b = box.error.new{code = 2, reason = 'outer'} b:set_prev(a) box.error(b)"),
			2, "outer"},
	} {
		_, err := c.Do(tc.request).Get()
		var failure tarantool.Error
		if !errors.As(err, &failure) || failure.Code != tc.code || failure.Msg != tc.text {
			t.Errorf("%#v, want %d: %s", err, tc.code, tc.text)
			continue
		}
		if failure.ExtendedInfo == nil || failure.ExtendedInfo.Msg != tc.text {
			t.Errorf("no stack: %#v", failure)
		}
		if tc.text == "outer" && (failure.ExtendedInfo.Prev == nil || failure.ExtendedInfo.Prev.Msg != "inner") {
			t.Errorf("the stack is %#v", failure.ExtendedInfo)
		}
	}
	do(t, c, tarantool.NewPingRequest())
}

func testSchemaOfConnector(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "", "")
	schema, err := tarantool.GetSchema(c)
	if err != nil {
		t.Fatal(err)
	}
	space, ok := schema.Spaces["test"]
	if !ok || space.Id != 512 || space.Engine != "memtx" || len(space.Indexes) != 1 || space.Indexes["pk"].Type != "tree" {
		t.Errorf("%+v", space)
	}
	for _, name := range []string{"_space", "_vspace", "_index", "_user", "_func"} {
		if _, ok := schema.Spaces[name]; !ok {
			t.Error("no space", name)
		}
	}
}

// proxy hands connections on, until they are cut.
type proxy struct {
	path string
	mu   sync.Mutex
	all  []net.Conn
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	p := &proxy{path: filepath.Join(t.TempDir(), "p.sock")}
	l, err := net.Listen("unix", p.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
	})
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("unix", to)
			if err != nil {
				_ = from.Close()
				continue
			}
			p.mu.Lock()
			p.all = append(p.all, from, there)
			p.mu.Unlock()
			go func() { _, _ = io.Copy(there, from) }()
			go func() { _, _ = io.Copy(from, there) }()
		}
	}()
	return p
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.all {
		_ = c.Close()
	}
	p.all = nil
}

// testReconnect lets a connection that the server has ended come back.
func testReconnect(t *testing.T, path string) {
	events := make(chan tarantool.ConnEvent, 64)
	between := newProxy(t, path)
	c := connect(t, between.path, tarantool.Opts{Reconnect: 10 * time.Millisecond, Notify: events}, "bob", "secret")
	if got := do(t, c, tarantool.NewEvalRequest("return box.session.user()")); got[0] != "bob" {
		t.Fatal(got)
	}
	slow := c.Do(tarantool.NewCall17Request("sleep").Args([]any{5}))
	between.cut()
	if _, err := slow.Get(); err == nil {
		t.Error("a request outlived its connection")
	}
	deadline := time.After(5 * time.Second)
	for connected := false; !connected; {
		select {
		case e := <-events:
			connected = e.Kind == tarantool.Connected && c.ConnectedNow() && len(events) == 0
		case <-deadline:
			t.Fatal("no new connection")
		}
	}
	if got := do(t, c, tarantool.NewEvalRequest("return box.session.user()")); got[0] != "bob" {
		t.Error("the login is lost:", got)
	}
}

// testSQL expects rows of stock and one clear refusal of ours; both leave the connection alone.
func testSQL(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "", "")
	host := do(t, c, tarantool.NewEvalRequest("return box.info.version"))
	_, direct := c.Do(tarantool.NewExecuteRequest("SELECT 1")).Get()
	_, prepared := c.NewPrepared("SELECT 1")
	stock := !strings.Contains(fmt.Sprint(host[0]), "shardlua")
	for _, err := range []error{direct, prepared} {
		refused := err != nil && strings.Contains(err.Error(), "shardlua does not support SQL (ClientError, code 0x5)")
		if refused == stock || stock && err != nil {
			t.Errorf("on %v: %v", host[0], err)
		}
	}
	do(t, c, tarantool.NewPingRequest())
}

func testInfo(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "", "")
	b := box.New(c)
	info, err := b.Info()
	if err != nil || info.Status != "running" || info.RO || info.PID == 0 || info.ID == nil || *info.ID != 1 || info.Replication[1].UUID != info.UUID {
		t.Errorf("%+v, %v", info, err)
	}
}

// testRoles lets a pool find out which instance may be written to, also when that changes.
func testRoles(t *testing.T, path string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	opts := tarantool.Opts{Timeout: 5 * time.Second}
	p, err := pool.ConnectWithOpts(ctx, []pool.Instance{
		{Name: "a", Dialer: tarantool.NetDialer{Address: path}, Opts: opts},
		{Name: "dead", Dialer: tarantool.NetDialer{Address: path + ".none"}, Opts: opts},
	}, pool.Opts{CheckTimeout: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	admin := connect(t, path, tarantool.Opts{}, "", "")
	role := func(want pool.Role) {
		t.Helper()
		for deadline := time.Now().Add(5 * time.Second); p.GetInfo()["a"].ConnRole != want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%+v", p.GetInfo())
			}
		}
	}
	role(pool.MasterRole)
	if _, err := p.Do(tarantool.NewReplaceRequest("test").Tuple([]any{uint(300), "pool"}), pool.RW).Get(); err != nil {
		t.Error(err)
	}
	if _, err := p.Do(tarantool.NewPingRequest(), pool.RO).Get(); err == nil {
		t.Error("a read-only instance out of nowhere")
	}
	do(t, admin, tarantool.NewEvalRequest("box.cfg{read_only = true}"))
	role(pool.ReplicaRole)
	if _, err := p.Do(tarantool.NewPingRequest(), pool.RW).Get(); err == nil {
		t.Error("a master out of nowhere")
	}
	if data, err := p.Do(tarantool.NewSelectRequest("test").Key([]any{uint(300)}).Limit(1), pool.PreferRW).Get(); err != nil || first(data) != "pool" {
		t.Error(data, err)
	}
	do(t, admin, tarantool.NewEvalRequest("box.cfg{read_only = false}"))
	role(pool.MasterRole)
	if err := p.Remove("a"); err != nil {
		t.Error(err)
	}
	if ok, _ := p.ConnectedNow(pool.ANY); ok {
		t.Error("the pool has connections left")
	}
	if err := p.Add(ctx, pool.Instance{Name: "again", Dialer: tarantool.NetDialer{Address: path}, Opts: opts}); err != nil {
		t.Error(err)
	}
	s, err := p.NewStream(pool.ANY)
	if err != nil {
		t.Fatal(err)
	}
	do(t, s, tarantool.NewPingRequest())
	do(t, admin, tarantool.NewDeleteRequest("test").Key([]any{uint(300)}))
}

// testProtocol asks for what later versions have; it does not run on 2.6.
func testProtocol(t *testing.T, path string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c := connect(t, path, tarantool.Opts{}, "", "")
	info := c.ProtocolInfo()
	for _, feature := range []iproto.Feature{
		iproto.IPROTO_FEATURE_STREAMS, iproto.IPROTO_FEATURE_TRANSACTIONS, iproto.IPROTO_FEATURE_WATCHERS,
	} {
		if !slices.Contains(info.Features, feature) {
			t.Errorf("no %s in %v", feature, info.Features)
		}
	}
	_, err := tarantool.Connect(ctx, tarantool.NetDialer{Address: path,
		RequiredProtocolInfo: tarantool.ProtocolInfo{Features: []iproto.Feature{iproto.IPROTO_FEATURE_PAGINATION}}}, tarantool.Opts{})
	if err == nil || !strings.Contains(err.Error(), "IPROTO_FEATURE_PAGINATION") {
		t.Error("a feature that is not there:", err)
	}
	if _, err := c.Do(tarantool.NewIdRequest(tarantool.ProtocolInfo{Version: 1})).Get(); err != nil {
		t.Error(err)
	}
	// What is not offered is refused, and the connection lives on.
	if _, err := c.Do(tarantool.NewWatchOnceRequest("once")).Get(); err == nil || !strings.Contains(err.Error(), "Unknown request type 77") {
		t.Error("watch once gave", err)
	}
	do(t, c, tarantool.NewPingRequest())
}

func testIsolation(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "", "")
	for level := tarantool.DefaultIsolationLevel; level <= tarantool.BestEffortLevel; level++ {
		s, err := c.NewStream()
		if err != nil {
			t.Fatal(err)
		}
		do(t, s, tarantool.NewBeginRequest().TxnIsolation(level).Timeout(time.Minute))
		do(t, s, tarantool.NewReplaceRequest("test").Tuple([]any{uint(400), "isolated"}))
		do(t, s, tarantool.NewRollbackRequest())
	}
	s, err := c.NewStream()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		request tarantool.Request
		want    string
	}{
		{tarantool.NewBeginRequest().TxnIsolation(9), "Illegal parameters, unknown isolation level"},
		{tarantool.NewCommitRequest(), ""}, // without a transaction both do nothing
		{tarantool.NewRollbackRequest(), ""},
	} {
		_, err := s.Do(tc.request).Get()
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%T: %v", tc.request, err)
		}
	}
	do(t, s, tarantool.NewBeginRequest())
	if _, err := s.Do(tarantool.NewBeginRequest()).Get(); err == nil || !strings.Contains(err.Error(), "active transaction") {
		t.Error("a transaction in a transaction:", err)
	}
	// A call sees the transaction of its stream, and may end it.
	do(t, s, tarantool.NewReplaceRequest("test").Tuple([]any{uint(401), "by call"}))
	if data := do(t, s, tarantool.NewEvalRequest("local t = box.space.test:get(401) box.commit() return t ~= nil, box.is_in_txn()")); fmt.Sprint(data) != "[true false]" {
		t.Error(data)
	}
	if data := do(t, c, tarantool.NewSelectRequest("test").Key([]any{uint(401)}).Limit(1)); first(data) != "by call" {
		t.Error(data)
	}
	// Two streams of one connection know nothing of each other, and requests of one stream keep their order.
	other, err := c.NewStream()
	if err != nil {
		t.Fatal(err)
	}
	do(t, s, tarantool.NewBeginRequest())
	do(t, other, tarantool.NewBeginRequest())
	do(t, s, tarantool.NewReplaceRequest("test").Tuple([]any{uint(402), "s"}))
	if data := do(t, other, tarantool.NewSelectRequest("test").Key([]any{uint(402)}).Limit(1)); len(data) != 0 {
		t.Error("another stream sees", data)
	}
	slow := s.Do(tarantool.NewCall17Request("sleep").Args([]any{0.05}))
	last := s.Do(tarantool.NewRollbackRequest())
	if _, err := last.Get(); err != nil {
		t.Error(err)
	}
	if _, err := slow.Get(); err != nil {
		t.Error(err)
	}
	do(t, other, tarantool.NewCommitRequest())
	if data := do(t, c, tarantool.NewSelectRequest("test").Key([]any{uint(402)}).Limit(1)); len(data) != 0 {
		t.Error("the rollback left", data)
	}
}
