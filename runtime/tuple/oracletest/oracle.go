// Package oracletest asks stock Tarantool what it makes of tuples, for tests that
// hold this project's answers against it. Cases go over as raw MessagePack, so
// that no encoder stands between.
package oracletest

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

//go:embed driver.lua
var driver []byte

// Case is one question: what to do, and the values to do it with.
type Case struct {
	Do   string // "update", "upsert", "compare", "comparekey", "insert", "collate"
	With string // the parts of a key, the format of a space or the name of a collation, as Lua
	Args [][]byte
}

// String names the case in failures.
func (c Case) String() string {
	s := c.Do + " " + c.With
	for _, a := range c.Args {
		s += " " + hex.EncodeToString(a)
	}
	return s
}

// Answer is what Tarantool said; Crashed is set when it died of the question.
type Answer struct {
	Data    []byte // of the result, or the result as text
	Code    uint32
	Message string // of the error; empty when there was none
	Crashed bool
}

// Ask runs tarantool over the cases. It skips the test where there is none.
func Ask(t testing.TB, cases []Case) []Answer {
	t.Helper()
	tarantool, err := exec.LookPath("tarantool")
	if err != nil {
		t.Skip("tarantool is not installed: nothing to compare with")
	}
	dir := t.TempDir()
	var lines bytes.Buffer
	for _, c := range cases {
		fmt.Fprintf(&lines, "%s\t%s", c.Do, c.With)
		for _, a := range c.Args {
			fmt.Fprintf(&lines, "\t%x", a)
		}
		lines.WriteByte('\n')
	}
	write(t, filepath.Join(dir, "cases"), lines.Bytes())
	write(t, filepath.Join(dir, "driver.lua"), driver)
	answers := make([]Answer, len(cases))
	for from := 0; from < len(cases); {
		next, err := ask(tarantool, dir, from, answers)
		if next == from && err != nil {
			t.Fatalf("tarantool: %v", err)
		}
		if next < len(cases) {
			answers[next].Crashed = true
			next++
		}
		from = next
	}
	return answers
}

// ask runs tarantool from one case on, and returns the first that it did not
// answer.
func ask(tarantool, dir string, from int, answers []Answer) (int, error) {
	run := exec.Command(tarantool, "driver.lua", strconv.Itoa(from+1))
	run.Dir = dir
	var stderr bytes.Buffer
	run.Stderr = &stderr
	out, err := run.Output()
	next := from
	if err != nil && !bytes.Contains(stderr.Bytes(), []byte("Segmentation fault")) {
		err = fmt.Errorf("%w: %s", err, stderr.Bytes())
	} else {
		err = nil
	}
	for line := range strings.Lines(string(out)) {
		if line, ok := strings.CutSuffix(line, "\n"); ok && next < len(answers) {
			if bad := answers[next].parse(line); bad != nil {
				return next, bad
			}
			next++
		}
	}
	return next, err
}

func (a *Answer) parse(line string) error {
	kind, rest, _ := strings.Cut(line, " ")
	switch kind {
	case "ok":
		data, err := hex.DecodeString(rest)
		a.Data = data
		return err
	case "error":
		code, words, _ := strings.Cut(rest, " ")
		n, err := strconv.ParseUint(code, 10, 32)
		if err != nil {
			return err
		}
		message, err := hex.DecodeString(words)
		a.Code, a.Message = uint32(n), string(message)
		return err
	}
	return fmt.Errorf("cannot read the answer %q", line)
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
