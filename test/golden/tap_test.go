package golden

import (
	"strings"
	"testing"
)

func TestParseTAP(t *testing.T) {
	for text, wrong := range map[string]string{
		"TAP version 13\n1..2\nok - a\nok 2 - b\n": "",
		"ok\nok\n1..2\n": "",
		"1..1\n    1..2\n    ok - x\n    not ok - y\nok - sub\n": "",
		"1..1\nnot ok - x # TODO later\n":                        "",
		"1..1\nok - x\n# a comment\n  ---\n  a: 1\n  ...\n":      "",
		"1..0 # skip nothing to do\n":                            "",
		"1..2\nok\n":                                             "2 tests planned, 1 run",
		"1..1\nok\nok\n":                                         "1 tests planned, 2 run",
		"1..1\nnot ok - x\n":                                     "1 of 1 tests failed",
		"ok\n":                                                   "no plan",
		"":                                                       "no plan",
		"1..1\n1..1\nok\n":                                       "a second plan",
		"1..2\nok 2\nok 1\n":                                     "test 2 where 1 was due",
		"1..2\nok\nBail out! no disk\n":                          "bail out: no disk",
		"1..99999999999999999999\n":                              "plan",
	} {
		_, err := parseTAP(text)
		switch {
		case wrong == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)):
			t.Errorf("%q: error %v, want %s", text, err, wrong)
		}
	}
}

func FuzzParseTAP(f *testing.F) {
	f.Add("TAP version 13\n1..2\nok - a\nnot ok 2 - b # TODO\n")
	f.Fuzz(func(t *testing.T, text string) {
		result, err := parseTAP(text)
		if err == nil && (result.Planned != result.Seen || len(result.Failed) > 0) {
			t.Errorf("%q passes: %+v", text, result)
		}
	})
}

func TestSkipcond(t *testing.T) {
	t.Setenv("GOLDEN_SET", "yes")
	for text, want := range map[string]string{
		"":              "run",
		"self.skip = 1": "skip",
		"import os, sys\nself.skip = True # why\n":                                 "skip",
		"self.skip = 1\nself.skip = 0":                                             "run",
		"if platform.system() == 'Amiga':\n    self.skip = 1":                      "run",
		"if not platform.system() == \"Amiga\":\n    self.skip = 1":                "skip",
		"if sys.platform.startswith('amiga'): self.skip = 1":                       "run",
		"if os.environ.get('GOLDEN_SET') == 'yes': self.skip = 1":                  "skip",
		"if os.getenv('GOLDEN_SET', 'no') != 'yes': self.skip = 1":                 "run",
		"if os.getenv('GOLDEN_UNSET', 'no') == 'no': self.skip = 1":                "skip",
		"if 'GOLDEN_SET' in os.environ and False or True: self.skip = 1":           "skip",
		"if 'GOLDEN_SET' not in os.environ:\n  pass\nelse:\n  self.skip = 1":       "skip",
		"if False:\n  self.skip = 1\nelif True:\n  pass\nelse:\n  self.skip = 1\n": "run",
		"if True:\n  if False:\n    self.skip = 1\n  else:\n    self.skip = 1\n":   "skip",
		"if False:\n  if True:\n    self.skip = 1\n":                               "run",
		"if os.environ.get('GOLDEN_SET'):\n  self.skip = 1":                        "skip",
		"self.skip = len(x)":                 "error",
		"if magic():\n  self.skip = 1":       "error",
		"if platform.version() == 'x': pass": "error",
		"if True\n  self.skip = 1":           "error",
		"else:\n  self.skip = 1":             "error",
		"elif True:\n  self.skip = 1":        "error",
	} {
		got := "run"
		skip, err := skipcond(text)
		if err != nil {
			got = "error"
		} else if skip {
			got = "skip"
		}
		if got != want {
			t.Errorf("%q: %s (%v), want %s", text, got, err, want)
		}
	}
}

func FuzzSkipcond(f *testing.F) {
	f.Add("if platform.system() == 'Linux' and not True:\n  self.skip = 1\nelse: pass\n")
	f.Fuzz(func(t *testing.T, text string) {
		if skip, err := skipcond(text); skip && err == nil && !strings.Contains(text, "self.skip") {
			t.Errorf("%q skips", text)
		}
	})
}
