package evolution_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/evolution/evolutiontest"
)

type log []string

func (l *log) add(level evolution.Level, message string) {
	*l = append(*l, fmt.Sprint(level, " ", message))
}

func set(field string, value float64) func(evolution.Internals) error {
	return func(in evolution.Internals) error { in.Set(field, lua.LNumber(value)); return nil }
}

func TestUpgradeCountsAfterEachStep(t *testing.T) {
	list := evolution.List{Module: "m", Migrations: []evolution.Migration{
		{Name: "one", Up: set("a", 1)},
		{Name: "two", Up: func(evolution.Internals) error { return errors.New("no") }},
		{Name: "three", Up: set("c", 3)},
	}}
	in := evolutiontest.Internals(t, `{a = 0}`)
	var messages log
	steps, err := list.Upgrade(in, messages.add)
	if want := "m.reload_evolution: error during upgrade to 2 version: no"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if len(steps) != 1 || in.Version() != 1 || in.Get("a") != lua.LNumber(1) || in.Get("c") != lua.LNil {
		t.Errorf("steps %v, version %d, a %v, c %v", steps, in.Version(), in.Get("a"), in.Get("c"))
	}
	want := "0 m.reload_evolution: upgraded to 1 version|1 m.reload_evolution: error during upgrade to 2 version: no"
	if got := strings.Join(messages, "|"); got != want {
		t.Errorf("log %s\nwant %s", got, want)
	}
	if h := in.History(); len(h) != 1 || h[0].Name != "one" || h[0].Version != 1 || h[0].At.IsZero() {
		t.Errorf("history %+v", h)
	}
}

func TestDowngrade(t *testing.T) {
	list := evolution.List{Module: "m", Migrations: []evolution.Migration{
		{Name: "one", Up: set("a", 1)},
		{Name: "two", Up: set("b", 2), Down: func(in evolution.Internals) error { in.Set("b", lua.LNil); return nil }},
	}}
	in := evolutiontest.Internals(t, `{a = 1, b = 2, reload_version = 2}`)
	var messages log
	if _, err := list.UpgradeTo(in, 1, messages.add); err != nil {
		t.Fatal(err)
	}
	if in.Version() != 1 || in.Get("b") != lua.LNil {
		t.Errorf("version %d, b %v", in.Version(), in.Get("b"))
	}
	_, err := list.UpgradeTo(in, 0, messages.add)
	want := "m.reload_evolution: auto-downgrade is not implemented; loaded version is 1, upgrade script version is 0"
	if err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
}

func TestPlanNamesWhatWouldRun(t *testing.T) {
	list := evolution.List{Module: "m", Migrations: []evolution.Migration{{Name: "one"}, {Name: "two"}, {Name: "three"}}}
	steps, err := list.Plan(1, 3)
	if err != nil || len(steps) != 2 || steps[0].Name != "two" || steps[1].Version != 3 {
		t.Errorf("%v %v", steps, err)
	}
	var unknown *evolution.UnknownVersionError
	if _, err := list.Plan(3, 4); !errors.As(err, &unknown) || unknown.Needed != 4 || unknown.Newest != 3 {
		t.Errorf("%v", err)
	}
	var down *evolution.DowngradeError
	if _, err := list.Plan(5, 3); !errors.As(err, &down) || down.Loaded != 5 {
		t.Errorf("%v", err)
	}
}

type replica struct {
	Weight float64
	URI    string `lua:"uri"`
}

type state struct {
	BucketCount int
	Locked      bool
	Names       []string
	Replicas    map[string]*replica
	Raw         *lua.LTable
	Skipped     string `lua:"-"`
	Any         lua.LValue
}

func TestInternalsBecomeAStructAndBack(t *testing.T) {
	in := evolutiontest.Internals(t, `{bucket_count = 3000, locked = true, names = {'a', 'b'}, any = 'x', other = 1,
		replicas = {r1 = {weight = 0.5, uri = 'u'}}, raw = {1}}`)
	var s state
	if err := in.Decode(&s); err != nil {
		t.Fatal(err)
	}
	if s.BucketCount != 3000 || !s.Locked || s.Names[1] != "b" || s.Replicas["r1"].URI != "u" || s.Raw.Len() != 1 {
		t.Errorf("%+v", s)
	}
	s.BucketCount, s.Names, s.Replicas["r2"] = 10, append(s.Names, "c"), &replica{URI: "v"}
	if err := in.Encode(s); err != nil {
		t.Fatal(err)
	}
	var again state
	if err := in.Decode(&again); err != nil {
		t.Fatal(err)
	}
	if again.BucketCount != 10 || len(again.Names) != 3 || again.Replicas["r2"].URI != "v" || in.Get("other") != lua.LNumber(1) {
		t.Errorf("%+v", again)
	}
}

func TestDecodeNamesTheField(t *testing.T) {
	for source, want := range map[string]string{
		`{bucket_count = 'x'}`:             "field bucket_count is a string, not a int",
		`{bucket_count = 1.5}`:             "field bucket_count is a number, not a int",
		`{names = {'a', 2}}`:               "field names[2] is a number, not a string",
		`{replicas = {a = {weight = {}}}}`: "field replicas[a].weight is a table, not a float64",
		`{raw = 5}`:                        "field raw is a number, not a *lua.LTable",
	} {
		if err := evolutiontest.Internals(t, source).Decode(&state{}); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", source, err, want)
		}
	}
	if err := evolutiontest.Internals(t, `{}`).Decode(state{}); err == nil {
		t.Error("a struct that is no pointer was accepted")
	}
	if err := evolutiontest.Internals(t, `{}`).Encode(struct{ C chan int }{}); err == nil {
		t.Error("a channel was encoded")
	}
}

func TestShapeNamesTheFieldThatChanged(t *testing.T) {
	old := evolutiontest.Internals(t, `{a = 1, b = {c = 'x'}, gone = true, list = {{id = 1}}, reload_version = 1}`).Shape()
	want := "a: number|b: table|b.c: string|gone: boolean|list: table|list[]: table|list[].id: number"
	if got := strings.Join(old, "|"); got != want {
		t.Errorf("shape %s", got)
	}
	now := evolutiontest.Internals(t, `{a = 'one', b = {c = 'y', d = 1}, list = {}}`).Shape()
	want = "field a was a number and is a string\nfield b.d (number) is new\nfield gone (boolean) is gone\n" +
		"field list[] (table) is gone\nfield list[].id (number) is gone"
	if got := evolution.CompareShapes(old, now); got != want {
		t.Errorf("difference:\n%s", got)
	}
}
