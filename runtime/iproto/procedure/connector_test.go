package procedure_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tarantool/go-iproto"
	"github.com/tarantool/go-tarantool/v2"
	"github.com/tarantool/go-tarantool/v2/pool"
)

// connectorScript defines what the public connector calls, on both hosts.
const connectorScript = wireScript + `
function sleep(s) require('fiber').sleep(s) return s end
function pushes(n) for i = 1, n do box.session.push(i) end return 'done' end
function whoami() return box.session.user() end
function custom() box.error{code = 4711, reason = 'my own'} end
`

func connect(t *testing.T, path string, opts tarantool.Opts, user, password string) *tarantool.Connection {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	opts.Timeout = 5 * time.Second
	conn, err := tarantool.Connect(ctx, tarantool.NetDialer{Address: path, User: user, Password: password}, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// do sends a request and returns its data.
func do(t *testing.T, d tarantool.Doer, r tarantool.Request) []any {
	t.Helper()
	data, err := d.Do(r).Get()
	if err != nil {
		t.Fatalf("%T: %v", r, err)
	}
	return data
}

func first(data []any) string {
	if len(data) == 0 {
		return ""
	}
	if row, ok := data[0].([]any); ok && len(row) > 1 {
		text, _ := row[1].(string)
		return text
	}
	return ""
}

func testRequests(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "bob", "secret")
	do(t, c, tarantool.NewPingRequest())
	if got := first(do(t, c, tarantool.NewInsertRequest(512).Tuple([]any{uint(100), "a"}))); got != "a" {
		t.Error("insert gave", got)
	}
	if got := first(do(t, c, tarantool.NewReplaceRequest("test").Tuple([]any{uint(100), "b"}))); got != "b" {
		t.Error("replace gave", got)
	}
	ops := tarantool.NewOperations().Assign(1, "c")
	if got := first(do(t, c, tarantool.NewUpdateRequest("test").Index("pk").Key([]any{uint(100)}).Operations(ops))); got != "c" {
		t.Error("update gave", got)
	}
	do(t, c, tarantool.NewUpsertRequest("test").Tuple([]any{uint(100), "x"}).Operations(tarantool.NewOperations().Assign(1, "d")))
	data := do(t, c, tarantool.NewSelectRequest("test").Index("pk").Iterator(tarantool.IterEq).Key([]any{uint(100)}).Limit(10))
	if got := first(data); got != "d" || len(data) != 1 {
		t.Error("select gave", data)
	}
	if got := first(do(t, c, tarantool.NewDeleteRequest("test").Index("pk").Key([]any{uint(100)}))); got != "d" {
		t.Error("delete gave", got)
	}
	if data := do(t, c, tarantool.NewCall17Request("echo").Args([]any{"x", 1})); len(data) != 2 || data[0] != "x" {
		t.Error("call gave", data)
	}
	if data := do(t, c, tarantool.NewCall16Request("echo").Args([]any{"x"})); len(data) != 1 {
		t.Error("call_16 gave", data)
	}
	if data := do(t, c, tarantool.NewEvalRequest("return ...").Args([]any{true})); len(data) != 1 || data[0] != true {
		t.Error("eval gave", data)
	}
	_, err := c.Do(tarantool.NewInsertRequest("test").Tuple([]any{uint(1), "a"})).Get()
	var failure tarantool.Error
	if !errors.As(err, &failure) || failure.Code != iproto.ER_TUPLE_FOUND {
		t.Error("a duplicate gave", err)
	}
}

func testFutures(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "", "")
	slow := c.Do(tarantool.NewCall17Request("sleep").Args([]any{0.2}))
	began := time.Now()
	var quick []*tarantool.Future
	for i := range 200 {
		quick = append(quick, c.Do(tarantool.NewCall17Request("echo").Args([]any{i})))
	}
	for i, f := range quick {
		data, err := f.Get()
		if err != nil || len(data) != 1 {
			t.Fatal(i, data, err)
		}
	}
	if time.Since(began) > 190*time.Millisecond {
		t.Log("the quick requests were slow; the order is checked by the slow one alone")
	}
	select {
	case <-slow.WaitChan():
		if time.Since(began) < 150*time.Millisecond {
			t.Error("the slow request was answered at once")
		}
	default:
	}
	if data, err := slow.Get(); err != nil || len(data) != 1 {
		t.Error(data, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Do(tarantool.NewCall17Request("sleep").Args([]any{0.5}).Context(ctx)).Get(); err == nil {
		t.Error("a request outlived its context")
	}
}

func testAuth(t *testing.T, path string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, tc := range []struct{ user, password, want string }{
		{"bob", "wrong", "Incorrect password supplied for user 'bob'"},
		{"nobody", "x", "User 'nobody' is not found"},
	} {
		_, err := tarantool.Connect(ctx, tarantool.NetDialer{Address: path, User: tc.user, Password: tc.password}, tarantool.Opts{})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s logs in with %v", tc.user, err)
		}
	}
}

func testPool(t *testing.T, path string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	p, err := pool.Connect(ctx, []pool.Instance{
		{Name: "one", Dialer: tarantool.NetDialer{Address: path}, Opts: tarantool.Opts{Timeout: 5 * time.Second}},
		{Name: "two", Dialer: tarantool.NetDialer{Address: path, User: "bob", Password: "secret"}, Opts: tarantool.Opts{Timeout: 5 * time.Second}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for range 10 {
		if data, err := p.Do(tarantool.NewEvalRequest("return 1"), pool.ANY).Get(); err != nil || len(data) != 1 {
			t.Fatal(data, err)
		}
	}
}

func TestConnector(t *testing.T) {
	in := start(t, connectorScript)
	for name, test := range connectorTests {
		t.Run(name, func(t *testing.T) { test(t, in.path) })
	}
	t.Run("streams", func(t *testing.T) { testStreams(t, in.path) })
	t.Run("watchers", func(t *testing.T) { testWatchers(t, in.path) })
	t.Run("protocol", func(t *testing.T) { testProtocol(t, in.path) })
	t.Run("isolation", func(t *testing.T) { testIsolation(t, in.path) })
}

// TestConnectorOnStock shows that the tests ask for nothing that stock Tarantool does not do.
func TestConnectorOnStock(t *testing.T) {
	path := startStock(t, connectorScript)
	for name, test := range connectorTests {
		t.Run(name, func(t *testing.T) { test(t, path) })
	}
}

var connectorTests = map[string]func(t *testing.T, path string){
	"requests": testRequests, "futures": testFutures, "auth": testAuth, "pool": testPool,
	"pushes": testPushes, "types": testTypes, "errors": testErrors, "sql": testSQL, "reconnect": testReconnect,
	"roles": testRoles, "info": testInfo, "schema": testSchemaOfConnector,
}

func testStreams(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "bob", "secret")
	other := connect(t, path, tarantool.Opts{}, "", "")
	at := func(d tarantool.Doer, id uint) string {
		return first(do(t, d, tarantool.NewSelectRequest(512).Key([]any{id}).Limit(1)))
	}
	insert := func(d tarantool.Doer, id uint, text string) {
		t.Helper()
		do(t, d, tarantool.NewReplaceRequest(512).Tuple([]any{id, text}))
	}
	s, err := c.NewStream()
	if err != nil {
		t.Fatal(err)
	}
	do(t, s, tarantool.NewBeginRequest())
	insert(s, 200, "mine")
	insert(s, 200, "mine again")
	if got := at(s, 200); got != "mine again" {
		t.Error("the stream sees", got)
	}
	if got := at(other, 200); got != "" {
		t.Error("others see", got)
	}
	do(t, s, tarantool.NewCommitRequest())
	if got := at(other, 200); got != "mine again" {
		t.Error("after the commit others see", got)
	}
	do(t, s, tarantool.NewBeginRequest())
	do(t, s, tarantool.NewDeleteRequest(512).Key([]any{uint(200)}))
	if got := at(s, 200); got != "" {
		t.Error("the stream sees", got)
	}
	do(t, s, tarantool.NewRollbackRequest())
	if got := at(other, 200); got != "mine again" {
		t.Error("after the rollback others see", got)
	}
	// Of two that change the same tuple, the second to go on loses.
	do(t, s, tarantool.NewBeginRequest())
	insert(s, 200, "lost")
	insert(other, 200, "won")
	_, err = s.Do(tarantool.NewCommitRequest()).Get()
	var failure tarantool.Error
	if !errors.As(err, &failure) || failure.Code != iproto.ER_TRANSACTION_CONFLICT {
		t.Error("the conflict gave", err)
	}
	if got := at(other, 200); got != "won" {
		t.Error("after the conflict others see", got)
	}
	// A timeout ends a transaction.
	do(t, s, tarantool.NewBeginRequest().Timeout(time.Millisecond))
	insert(s, 201, "late")
	time.Sleep(5 * time.Millisecond)
	if _, err = s.Do(tarantool.NewCommitRequest()).Get(); err == nil || !strings.Contains(err.Error(), "aborted by timeout") {
		t.Error("the timeout gave", err)
	}
	// A client that goes away leaves nothing behind.
	gone := connect(t, path, tarantool.Opts{}, "", "")
	if s, err = gone.NewStream(); err != nil {
		t.Fatal(err)
	}
	do(t, s, tarantool.NewBeginRequest())
	insert(s, 202, "gone")
	_ = gone.Close()
	if got := at(other, 202); got != "" {
		t.Error("a client that is gone left", got)
	}
}

func testWatchers(t *testing.T, path string) {
	c := connect(t, path, tarantool.Opts{}, "", "")
	events := make(chan any, 16)
	watcher, err := c.NewWatcher("config", func(e tarantool.WatchEvent) { events <- e.Value })
	if err != nil {
		t.Fatal(err)
	}
	next := func() any {
		t.Helper()
		select {
		case v := <-events:
			return v
		case <-time.After(5 * time.Second):
			t.Fatal("no event")
			return nil
		}
	}
	if v := next(); v != nil {
		t.Error("at first the value is", v)
	}
	do(t, c, tarantool.NewBroadcastRequest("config").Value("one"))
	if v := next(); v != "one" {
		t.Error("the value is", v)
	}
	do(t, c, tarantool.NewBroadcastRequest("config").Value("two"))
	if v := next(); v != "two" {
		t.Error("the value is", v)
	}
	watcher.Unregister()
	do(t, c, tarantool.NewPingRequest())
	do(t, c, tarantool.NewBroadcastRequest("config").Value("three"))
	do(t, c, tarantool.NewPingRequest())
	select {
	case v := <-events:
		t.Error("after the end the watcher is told", v)
	case <-time.After(50 * time.Millisecond):
	}
}
