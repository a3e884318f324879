package procedure_test

import (
	"bytes"
	"context"
	"net"
	"path/filepath"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime"
	"shardlua/runtime/db"
	"shardlua/runtime/iproto"
	"shardlua/runtime/iproto/procedure"
	"shardlua/runtime/sched"
	"shardlua/runtime/tuple/mp"
)

// The UUIDs of the instances under test.
const (
	clusterUUID  = "aaaaaaaa-0000-4000-8000-000000000001"
	instanceUUID = "aaaaaaaa-0000-4000-8000-000000000002"
)

// instance is a host with a database that no box.cfg has made, and a server on a unix socket.
type instance struct {
	host   *runtime.Host
	server *iproto.Server
	db     *db.DB
	path   string
	log    *bytes.Buffer
}

func start(t testing.TB, script string) *instance {
	t.Helper()
	in := &instance{log: new(bytes.Buffer), path: filepath.Join(t.TempDir(), "s.sock")}
	h, err := runtime.New(runtime.Options{Stderr: in.log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	in.host = h
	err = h.Do(func(*lua.LState) error {
		in.db = db.New(db.Options{})
		if err := in.db.Bootstrap(clusterUUID, instanceUUID); err != nil {
			return err
		}
		in.fill(t)
		in.server = procedure.Server(h)
		in.server.Open(in.db, instanceUUID)
		return in.server.Listen(context.Background(), "unix", in.path)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Eval(script); err != nil {
		t.Fatal(err)
	}
	return in
}

// fill makes the space test (512) with a primary key, the users bob and poor, and lets guest do everything.
func (in *instance) fill(t testing.TB) {
	c := in.db.NewContext(db.AdminID)
	insert := func(space string, tuple []byte) {
		t.Helper()
		if _, err := in.db.SpaceByName(space).Replace(c, tuple); err != nil {
			t.Fatal(err)
		}
	}
	row := func(values ...any) []byte {
		b := mp.AppendArrayHeader(nil, len(values))
		for _, v := range values {
			switch v := v.(type) {
			case int:
				b = mp.AppendInt(b, int64(v))
			case string:
				b = mp.AppendString(b, v)
			case []byte:
				b = append(b, v...)
			}
		}
		return b
	}
	empty := []byte{0x80}
	insert("_space", row(512, 1, "test", "memtx", 0, empty, []byte{0x90}))
	parts := row(row(0, "unsigned"))
	insert("_index", row(512, 0, "pk", "tree", append(mp.AppendString([]byte{0x81}, "unique"), 0xc3), parts))
	for i := 1; i <= 5; i++ {
		insert("test", row(i, "n"+string(rune('0'+i))))
	}
	auth := func(password string) []byte {
		return mp.AppendString(mp.AppendString([]byte{0x81}, "chap-sha1"), db.HashPassword(password))
	}
	insert("_user", row(32, 1, "bob", "user", auth("secret")))
	insert("_user", row(33, 1, "poor", "user", auth("x")))
	insert("_priv", row(1, 0, "universe", 0, int(db.PrivRead|db.PrivWrite|db.PrivExecute|db.PrivSession|db.PrivUsage)))
	insert("_priv", row(1, 32, "universe", 0, int(db.PrivSession|db.PrivUsage|db.PrivRead|db.PrivWrite|db.PrivExecute)))
}

// do runs fn with the baton.
func (in *instance) do(fn func(f *sched.Fiber)) {
	_ = in.host.Do(func(*lua.LState) error { fn(in.host.Sched().Current()); return nil })
}

func (in *instance) dial(t testing.TB) (net.Conn, *iproto.Greeting) {
	t.Helper()
	c, err := net.Dial("unix", in.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	greeting := make([]byte, iproto.GreetingSize)
	if _, err := c.Read(greeting); err != nil {
		t.Fatal(err)
	}
	g, err := iproto.ParseGreeting(greeting)
	if err != nil {
		t.Fatal(err)
	}
	return c, g
}
