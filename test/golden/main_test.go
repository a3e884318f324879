package golden

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func mainWith(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = Main(args, &out, &err)
	return code, out.String(), err.String()
}

func TestMainHelp(t *testing.T) {
	code, out, errOut := mainWith("--help")
	if code != 0 || errOut != "" || !strings.Contains(out, "Examples:") || !strings.Contains(out, "--junit") {
		t.Errorf("code %d, %q, %q", code, out, errOut)
	}
}

func TestMainWrongUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--no-such-flag"}, {"-j", "many"}, {"--color", "pink"}, {"/no/such/path"}, {"--list", "/no/such/path"},
		{"--executable", "/no/such/program", "testdata/suites"}, {"--conf", "nothing_like_it", "testdata/suites"},
	} {
		code, out, errOut := mainWith(args...)
		if code != 2 || out != "" || strings.Count(errOut, "\n") != 1 || !strings.HasPrefix(errOut, "shardlua test: ") {
			t.Errorf("%v: code %d, %q, %q", args, code, out, errOut)
		}
	}
}

func TestMainList(t *testing.T) {
	code, out, errOut := mainWith("--list", "testdata/suites/engines", "named")
	if want := "engines/named.test.lua first\nengines/named.test.lua second\n"; code != 0 || out != want || errOut != "" {
		t.Errorf("code %d, %q, %q", code, out, errOut)
	}
}

func TestMainRun(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini":  plainSuite + "disabled = c.test.lua\ncolour = red\n",
		"s/a.test.lua": "one\n", "s/a.result": "one\n---\n- one\n...\n",
		"s/b.test.lua": "one\n", "s/b.result": "two\n", "s/c.test.lua": "one\n",
	})
	report := filepath.Join(t.TempDir(), "report.xml")
	args := []string{"--executable", cfg.Executable, "--vardir", cfg.VarDir, "--env", "GOLDEN_AS=instance", "--junit", report, "-v", "-j2", cfg.Paths[0]}
	code, out, errOut := mainWith(args...)
	if code != 1 || errOut != "" {
		t.Errorf("code %d, %q", code, errOut)
	}
	for _, part := range []string{
		"warning: s/suite.ini: unknown option \"colour\" is ignored\n", "s/a.test.lua", "[ pass ]", "s/b.test.lua", "[ fail ]", "-two\n", "+one\n", "[ skip ]", "(disabled)",
		"failed: s/b.test.lua\n3 tests, pass: 1, fail: 1, skip: 1\n",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("%q is missing in\n%s", part, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("colours in a pipe:\n%q", out)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(text, &suites); err != nil || suites.Tests != 3 || suites.Failures != 1 || suites.Skipped != 1 || len(suites.Suites) != 1 {
		t.Errorf("%v: %s", err, text)
	}
	if code, _, _ = mainWith(append(args, "/a.")...); code != 2 {
		t.Errorf("a path that is none: code %d", code)
	}
	code, out, _ = mainWith(append(args, "--color=always", "s/a.")...)
	if code != 0 || !strings.Contains(out, "\x1b[32m[ pass ]\x1b[0m") || !strings.Contains(out, "1 tests, pass: 1\n") {
		t.Errorf("code %d, %q", code, out)
	}
	if code, _, errOut = mainWith(append(args, "--junit", "/no/such/dir/x.xml", "s/a.")...); code != 1 || !strings.Contains(errOut, "JUnit report: open /no/such/dir/x.xml") {
		t.Errorf("code %d, %q", code, errOut)
	}
}

func TestJUnitHoldsAnyBytes(t *testing.T) {
	report := Report{Results: []Result{{
		Suite: "s", Test: "t", Status: Failed, Message: "a\x00b\xff", LogName: "x", LogTail: "\x1b[31m <&>]]>", Duration: time.Second,
	}}}
	text, err := report.JUnit()
	if err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(text, &suites); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if got := suites.Suites[0].Cases[0].Failure.Message; got != "a?b?" {
		t.Errorf("message %q", got)
	}
}

func FuzzSuiteIni(f *testing.F) {
	f.Add("[default]\ncore = tarantool\ndisabled = a b\n  c\nis_parallel = False\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := &Suite{Dir: t.TempDir()}
		if err := s.parse([]byte(text)); err == nil && s.Core == "" {
			t.Errorf("%q is a suite without a core", text)
		}
	})
}

func FuzzVariants(f *testing.F) {
	f.Add(`{"a.test.lua": {"x": {"k": 1}}, "*": {}}`, "a.test.lua")
	f.Fuzz(func(t *testing.T, text, test string) {
		set, err := parseVariants([]byte(text))
		if err == nil && len(set.of(test)) == 0 {
			t.Errorf("%q never runs", test)
		}
	})
}
