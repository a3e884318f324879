package collation_test

import (
	"strconv"
	"testing"

	"shardlua/runtime/tuple/collation"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/tuple/oracletest"
)

var words = []string{"a", "A", "b", "B", "á", "Á", "ä", "ае", "е", "ё", "Ё", "Е", "ж", "", "_", "-", " ", "1", "10", "2", "ab", "a b",
	"ß", "ss", "SS", "z", "Z", "i", "I", "日", "本", "é", "ñ", "n", "o", "ö", "ø", "y", "~", "@", "č", "ch", "d", "h", "a-b", "a_b", "Привет", "привет", "ПРИВЕТ!"}

func TestAgainstTarantool(t *testing.T) {
	byName := map[string]*collation.Collation{}
	for _, c := range collation.System() {
		byName[c.Name] = c
	}
	row := func(s string) []byte { return mp.AppendString(mp.AppendArrayHeader(nil, 1), s) }
	for _, name := range []string{"unicode", "unicode_ci", "binary", "unicode_sv_s3", "unicode_cs_s2", "unicode_es__traditional_s3"} {
		c := byName[name]
		if c == nil {
			t.Fatalf("there is no collation %s", name)
		}
		var cases []oracletest.Case
		for _, a := range words {
			for _, b := range words {
				cases = append(cases, oracletest.Case{Do: "compare", With: "{{fieldno=1,type='string',collation='" + name + "'}}",
					Args: [][]byte{row(a), row(b)}})
			}
		}
		wrong := 0
		for i, answer := range oracletest.Ask(t, cases) {
			a, b := words[i/len(words)], words[i%len(words)]
			want, err := strconv.Atoi(string(answer.Data))
			if err != nil {
				t.Fatalf("%q, %q: %s", a, b, answer.Message)
			}
			if got := c.Compare(a, b); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
				wrong++
				t.Errorf("%s: %q, %q: got %d, want %d", name, a, b, got, want)
			}
			if same := string(c.Key(nil, a)) == string(c.Key(nil, b)); same != (want == 0) {
				t.Errorf("%s: keys of %q and %q: same is %v, want %d", name, a, b, same, want)
			}
		}
	}
}

func TestSystemRowsAreNumbered(t *testing.T) {
	all := collation.System()
	if len(all) != 277 {
		t.Errorf("there are %d", len(all))
	}
	for i, c := range all {
		if c.ID != uint32(i) {
			t.Errorf("%s has the number %d at %d", c.Name, c.ID, i)
		}
	}
	if _, err := collation.New(300, "mine", 1, collation.TypeICU, "no such locale!", collation.Options{}); err == nil {
		t.Error("a locale that does not exist passes")
	}
	for _, c := range all {
		if c.Compare("a", "b") >= 0 {
			t.Errorf("%s puts b first", c.Name)
		}
	}
}
