package db

import (
	"encoding/json"
	"strings"
	"testing"

	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

const testCluster, testInstance = "5140a27b-a3d2-4124-a013-c539343bc09c", "c3afa6ef-7aa7-4a06-b050-000fdce3bde5"

// pack makes msgpack of JSON.
func pack(t testing.TB, text string) []byte {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	b, err := appendJSON(nil, d)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b
}

func newDB(t testing.TB, o Options) (*DB, *Context) {
	t.Helper()
	o.Fault = func(text string) { t.Errorf("fault: %s", text) }
	d := New(o)
	if err := d.Bootstrap(testCluster, testInstance); err != nil {
		t.Fatal(err)
	}
	return d, d.NewContext(AdminID)
}

func put(t testing.TB, c *Context, space uint32, text string) {
	t.Helper()
	if _, err := c.db.Space(space).Insert(c, pack(t, text)); err != nil {
		t.Fatalf("%d %s: %v", space, text, err)
	}
}

func TestBootstrapAndSpace(t *testing.T) {
	d, c := newDB(t, Options{})
	put(t, c, spaceID, `[512,1,"test","memtx",0,{},[]]`)
	put(t, c, indexID, `[512,0,"pk","tree",{"unique":true},[[0,"unsigned"]]]`)
	put(t, c, indexID, `[512,1,"sk","tree",{"unique":false},[[1,"string"]]]`)
	s := d.SpaceByName("test")
	for _, row := range []string{`[1,"a"]`, `[3,"b"]`, `[2,"a"]`} {
		put(t, c, 512, row)
	}
	if _, err := s.Insert(c, pack(t, `[1,"z"]`)); err == nil || err.Error() != "Duplicate key exists in unique index 'pk' in space 'test'" {
		t.Fatal(err)
	}
	got, err := s.Select(c, 1, REQ, 0, 10, pack(t, `["a"]`))
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
	_ = tuple.Any
	_ = mp.Nil
}
