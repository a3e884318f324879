package crossversion_test

import (
	"encoding/json"
	"strings"
	"testing"

	"shardlua/test/crossversion"
)

func TestDifference(t *testing.T) {
	state := crossversion.State{
		Module: "shop",
		Before: crossversion.Internals{Version: 1, Shape: []string{
			"count: number", "gone: table", "gone.inside: number", "list: table", "list[]: table", "list[].id: number", "queue: table",
		}},
		After: crossversion.Internals{Version: 2, Shape: []string{
			"count: table", "count.all: number", "list: table", "new: string", "queue: table", "queue[]: number",
		}},
	}
	want := `internals of shop, version 1 -> 2:
  field count was a number and is a table
  field count.all (number) is new
  field gone (table) is gone
  field new (string) is new
`
	if got := crossversion.Difference(state); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	state.After = state.Before
	if got := crossversion.Difference(state); got != "internals of shop, version 1 -> 1: the same fields\n" {
		t.Error(got)
	}
}

func TestReports(t *testing.T) {
	pairs := []crossversion.Pair{{
		Old: crossversion.Revision{Name: "v1", Commit: "abc"}, New: crossversion.Revision{Name: "v2"},
		Runs: []crossversion.Run{
			{Order: crossversion.StoragesFirst, Calls: 10},
			{Order: crossversion.RouterFirst, Calls: 12, Failures: 2, LastFailure: "no answer", Lost: 1, WorstPause: 0.0035, Logs: "/logs"},
		},
	}}
	var table strings.Builder
	if err := crossversion.WriteTable(&table, pairs); err != nil {
		t.Fatal(err)
	}
	want := `OLD  NEW  ORDER           RESULT  CALLS  FAILED  WORST PAUSE  BUCKETS LOST  DOUBLED  TUPLES LOST  DOUBLED
v1   v2   storages first  ok      10     0       0.0 ms       0             0        0            0
v1   v2   router first    FAILED  12     2       3.5 ms       1             0        0            0

v1 -> v2, router first:
  no answer
  the logs are in /logs
`
	if table.String() != want {
		t.Errorf("got\n%s\nwant\n%s", table.String(), want)
	}
	var text strings.Builder
	if err := crossversion.WriteJSON(&text, pairs); err != nil {
		t.Fatal(err)
	}
	var back struct {
		OK    bool
		Pairs []crossversion.Pair
	}
	if err := json.Unmarshal([]byte(text.String()), &back); err != nil || back.OK || back.Pairs[0].Runs[1].Failures != 2 {
		t.Errorf("%v: %s", err, text.String())
	}
}
