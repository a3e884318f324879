package db

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
)

// The steps in testdata/oracle.steps run on this database and on a stock
// Tarantool, where one is installed, and must end alike: with the same tuples
// or the same error. A step is a line: user, call, space, and the arguments as
// JSON, parted by blanks; a line that begins with # says what follows. A call
// with a minus behind it does not show its result: the order of keys in a map
// is not ours to compare.
const oracleScript = `
local json = require('json')
box.cfg{log = 'oracle.log'}
local function show(ok, ...)
  if not ok then
    local e = ...
    return 'error ' .. tostring(e.code) .. ' ' .. tostring(e)
  end
  local r = ...
  if r == nil then return 'none' end
  if type(r) == 'table' and not box.tuple.is(r) then
    local all = {}
    for i, t in ipairs(r) do all[i] = require('msgpack').encode(t):hex() end
    return table.concat(all, ' ')
  end
  if box.tuple.is(r) then return require('msgpack').encode(r):hex() end
  return tostring(r)
end
local calls = {
  insert = function(s, a) return s:insert(a[1]) end,
  replace = function(s, a) return s:replace(a[1]) end,
  delete = function(s, a) return s.index[a[1]]:delete(a[2]) end,
  update = function(s, a) return s.index[a[1]]:update(a[2], a[3]) end,
  upsert = function(s, a) return s:upsert(a[1], a[2]) end,
  get = function(s, a) return s.index[a[1]]:get(a[2]) end,
  select = function(s, a) return s.index[a[1]]:select(a[2], {iterator = a[3]}) end,
  count = function(s, a) return s.index[a[1]]:count(a[2], {iterator = a[3]}) end,
  min = function(s, a) return s.index[a[1]]:min(a[2]) end,
  max = function(s, a) return s.index[a[1]]:max(a[2]) end,
  begin = function() box.begin() end,
  commit = function() box.commit() end,
  rollback = function() box.rollback() end,
}
for line in io.lines(arg[1]) do
  local user, call, space, args = line:match('^(%S+) (%S+) (%S+) ?(.*)$')
  if user and user ~= '#' then
    local a = json.decode('[' .. args .. ']')
    box.session.su(user)
    local quiet = call:sub(-1) == '-'
    if quiet then call = call:sub(1, -2) end
    local r = show(pcall(function() return calls[call](box.space[tonumber(space)], a) end))
    box.session.su('admin')
    print(quiet and not r:find('^error') and 'done' or r)
  end
end
io.stdout:flush()
os.exit(0)
`

func TestOracle(t *testing.T) {
	steps, err := os.ReadFile("testdata/oracle.steps")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, line := range strings.Split(string(steps), "\n") {
		if line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	d, c := newDB(t, Options{})
	var ours []string
	for _, line := range lines {
		user, call, _ := strings.Cut(line, " ")
		loud := strings.Replace(call, "- ", " ", 1)
		quiet := strings.HasPrefix(call, strings.SplitN(loud, " ", 2)[0]+"- ")
		if !quiet {
			loud = call
		}
		got := runStep(t, d, c, user+" "+loud)
		if quiet && !strings.HasPrefix(got, "error") {
			got = "done"
		}
		ours = append(ours, got)
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
	want := oracleAnswers(t, string(steps))
	for i, line := range lines {
		if i >= len(want) {
			t.Fatalf("%s: the oracle has no answer", line)
		}
		if ours[i] != want[i] {
			t.Errorf("%s\n  ours   %s\n  stock  %s", line, ours[i], want[i])
		}
	}
}

// oracleAnswers runs stock Tarantool, or reads what it answered when it was
// there; with UPDATE_ORACLE set the answers are stored anew.
func oracleAnswers(t *testing.T, steps string) []string {
	const stored = "testdata/oracle.answers"
	path, err := exec.LookPath("tarantool")
	if err != nil {
		out, err := os.ReadFile(stored)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "oracle.lua")
	if err := os.WriteFile(script, []byte(oracleScript), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "steps"), []byte(steps), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, script, "steps")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	if os.Getenv("UPDATE_ORACLE") != "" {
		if err := os.WriteFile(stored, out, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// runStep runs a line of the steps and shows the result as the script does.
func runStep(t *testing.T, d *DB, c *Context, line string) string {
	t.Helper()
	words := strings.SplitN(line, " ", 4)
	var args []json.RawMessage
	if len(words) > 3 {
		if err := json.Unmarshal([]byte("["+words[3]+"]"), &args); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	var id uint32
	if _, err := fmt.Sscan(words[2], &id); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	u := d.UserByName(words[0])
	if u == nil {
		t.Fatalf("%s: no such user", line)
	}
	c.SetUID(u.ID)
	defer c.SetUID(AdminID)
	s := d.Space(id)
	arg := func(i int) []byte {
		if i >= len(args) {
			return nil
		}
		b := pack(t, string(args[i]))
		if i == 1 && words[1] != "upsert" && len(b) > 0 && b[0]>>4 != 9 {
			b = append([]byte{0x91}, b...)
		}
		return b
	}
	index := func() uint32 {
		var iid uint32
		if _, err := fmt.Sscan(string(args[0]), &iid); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		return iid
	}
	iterator := func() IteratorType {
		var name string
		if len(args) > 2 {
			if err := json.Unmarshal(args[2], &name); err != nil {
				t.Fatal(err)
			}
			typ, ok := ParseIteratorType(name)
			if !ok {
				t.Fatalf("%s: no such iterator", line)
			}
			return typ
		}
		if b := arg(1); len(b) == 0 || b[0] == 0x90 {
			return ALL
		}
		return EQ
	}
	var one *tuple.Tuple
	var err error
	switch words[1] {
	case "insert":
		one, err = s.Insert(c, arg(0))
	case "replace":
		one, err = s.Replace(c, arg(0))
	case "delete":
		one, err = s.Delete(c, index(), arg(1))
	case "update":
		one, err = s.Update(c, index(), arg(1), arg(2), 1)
	case "upsert":
		err = s.Upsert(c, arg(0), arg(1), 1)
	case "get":
		one, err = s.Get(c, index(), arg(1))
	case "min":
		one, err = s.Min(c, index(), arg(1))
	case "max":
		one, err = s.Max(c, index(), arg(1))
	case "count":
		n, err := s.Count(c, index(), iterator(), arg(1))
		if err == nil {
			return fmt.Sprint(n)
		}
		return showError(err)
	case "select":
		all, err := s.Select(c, index(), iterator(), 0, 1<<31, arg(1))
		if err != nil {
			return showError(err)
		}
		var shown []string
		for _, one := range all {
			shown = append(shown, fmt.Sprintf("%x", one.Data()))
		}
		return strings.Join(shown, " ")
	case "begin":
		err = c.Begin()
	case "commit":
		err = c.Commit()
	case "rollback":
		err = c.Rollback()
	default:
		t.Fatalf("%s: no such call", line)
	}
	switch {
	case err != nil:
		return showError(err)
	case one == nil:
		return "none"
	}
	return fmt.Sprintf("%x", one.Data())
}

func showError(err error) string {
	e := boxerr.From(err)
	return fmt.Sprintf("error %d %s", e.Code, e.Message)
}
