package bench

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestFigures(t *testing.T) {
	got, err := figures("insert     1.56 s   1.92 s of cpu\nmemory       -2 MiB\nstring.find.plain            123.4\n")
	if err != nil || len(got) != 3 || got[0] != (Figure{"insert", 1.56, "s"}) || got[1] != (Figure{"memory", -2, "MiB"}) ||
		got[2] != (Figure{"string.find.plain", 123.4, "ns"}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := figures("insert 1.2.3 s\n"); err == nil {
		t.Error("a number with two points was taken")
	}
	if _, err := figures("stack traceback:\n"); err == nil || err.Error() != `not a figure: "stack traceback:"` {
		t.Error(err)
	}
}

func TestChoices(t *testing.T) {
	for _, c := range []struct{ wanted, want string }{
		{"", "insert lua iproto reload"},
		{"reload lua", "lua reload"},
		{"iproto/ping insert iproto/get", "insert iproto[ping get]"},
		{"disk", "there is no benchmark disk, only insert, lua, iproto, reload"},
	} {
		chosen, err := Comparison{Wanted: strings.Fields(c.wanted)}.choices()
		var got []string
		for _, one := range chosen {
			name := one.Name
			if one.cases != nil {
				name += "[" + strings.Join(one.cases, " ") + "]"
			}
			got = append(got, name)
		}
		if text := strings.Join(got, " "); text != c.want && (err == nil || err.Error() != c.want) {
			t.Errorf("%s: %s, %v", c.wanted, text, err)
		}
	}
	_, err := Comparison{Wanted: []string{"iproto/nothing"}}.choices()
	if err == nil || !strings.HasPrefix(err.Error(), "benchmark iproto has no case nothing, only ping, ") {
		t.Error(err)
	}
}

func TestRows(t *testing.T) {
	var rows []Row
	for _, v := range []float64{3, 1, 2} {
		rows = add(rows, 0, "lua", Figure{"pcall", v, "ns"}, true)
		rows = add(rows, 0, "lua", Figure{"pcall", 2 * v, "ns"}, false)
	}
	rows = add(rows, 1, "iproto", Figure{"pcall", 123456, "/s"}, true)
	rows = add(rows, 1, "iproto", Figure{"zero", 0.5, "ms"}, true)
	rows = add(rows, 1, "iproto", Figure{"zero", 0, "ms"}, false)
	var table strings.Builder
	if err := WriteTable(&table, rows); err != nil {
		t.Fatal(err)
	}
	want := `BENCHMARK  CASE   OURS      STOCK    RATIO  
lua        pcall  2.00 ns   4.00 ns  0.50x  
iproto     pcall  123456/s  -        -      
iproto     zero   0.50 ms   0 ms     -      

Medians; the ratio is ours by stock. Of /s more is better, of everything else less.
`
	if table.String() != want {
		t.Errorf("got\n%s\nwant\n%s", table.String(), want)
	}
	text, err := json.Marshal(rows[0])
	if want := `{"benchmark":"lua","case":"pcall","unit":"ns","ours":[3,1,2],"stock":[6,2,4],"ours_median":2,"stock_median":4,"ratio":0.5}`; err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
	if text, err := json.Marshal(rows[1]); err != nil || strings.Contains(string(text), "ratio") || strings.Contains(string(text), "stock") {
		t.Errorf("%s, %v", text, err)
	}
}
