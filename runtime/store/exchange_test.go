package store_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// fill makes spaces of every kind that a directory can hold.
const fill = `
local s = box.schema.space.create('s', {format = {{'id', 'unsigned'}, {'name', 'string', is_nullable = true}}})
s:create_index('pk', {parts = {{1, 'unsigned'}}, sequence = true})
s:create_index('name', {parts = {{2, 'string', collation = 'unicode_ci', is_nullable = true}}, unique = false})
local h = box.schema.space.create('h')
h:create_index('pk', {type = 'hash', parts = {{1, 'string'}, {2, 'integer'}}})
local l = box.schema.space.create('l', {is_local = true})
l:create_index('pk')
local m = box.schema.space.create('temporary', {temporary = true})
m:create_index('pk')
m:insert({1})
for i = 1, 200 do
    s:insert({nil, i % 3 == 0 and box.NULL or ('name %d'):format(i)})
    h:insert({('k%d'):format(i), -i, {a = i, b = {i / 3, i % 2 == 0}}})
    l:insert({i})
end
box.snapshot()
for i = 1, 50 do s:delete(i) h:update({('k%d'):format(i), -i}, {{'=', 3, 18446744073709551615ULL}, {'!', 4, 'tail'}}) end
box.begin()
for i = 300, 310 do s:replace({i}) l:upsert({i, 1}, {{'+', 2, 1}}) end
box.commit()
h:create_index('third', {parts = {{2, 'integer'}}})
box.schema.user.create('somebody', {password = 'secret'})
box.schema.user.grant('somebody', 'read,write', 'space', 's')
box.schema.role.create('worker')
box.schema.func.create('f', {body = 'function(a) return a end', is_deterministic = true})
box.schema.sequence.create('q', {start = 5, step = 2}):next()
box.schema.space.create('gone'):create_index('pk')
box.space.gone:insert({1})
box.space.gone:truncate()
box.space.l:rename('renamed')
`

// dump writes all rows of all spaces that are kept, and the clock, to a file. _sequence_data is left out: what a sequence
// put into tuples gets there only when the instance starts again. The next value of the sequence shows that it is known.
const dump = `
local out = {tostring(box.info.uuid), tostring(box.info.cluster.uuid), 
             ('%s %s'):format(box.info.vclock[0], box.info.vclock[1])}
local ids = {}
for _, t in box.space._space:pairs() do
    if t[4] == 'memtx' and not t[6].temporary and t[1] ~= box.schema.SEQUENCE_DATA_ID then ids[#ids + 1] = t[1] end
end
table.sort(ids)
for _, id in ipairs(ids) do
    local space = box.space[id]
    local rows = {}
    if space.index[0] ~= nil then
        for _, t in space:pairs() do rows[#rows + 1] = tostring(t) end
    end
    table.sort(rows)
    out[#out + 1] = ('%d %s %d'):format(id, space.name, #rows)
    for _, row in ipairs(rows) do out[#out + 1] = row end
end
`

const writeOut = `
local f = require('fio').open(result, {'O_CREAT', 'O_TRUNC', 'O_WRONLY'}, tonumber('644', 8))
f:write(table.concat(out, '\n'))
f:close()
`

func stock(t *testing.T, dir, script string) {
	t.Helper()
	file := filepath.Join(dir, "script.lua")
	if err := os.WriteFile(file, []byte(script+"\nos.exit(0)\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tarantool", file)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("tarantool: %v\n%s", err, out)
	}
}

func ours(t *testing.T, dir, script string) {
	t.Helper()
	h := newHost(t)
	eval(t, h, "local dir, result = ...\nbox.cfg{memtx_dir = dir, wal_dir = dir, vinyl_dir = dir}\n"+script,
		lua.LString(dir), lua.LString(filepath.Join(dir, "dump")))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}

func dumped(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "dump"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const stockHead = "local result = 'dump'\nbox.cfg{log = 'stock.log'}\n"

// TestExchange lets stock Tarantool and this store start from each other's directories.
func TestExchange(t *testing.T) {
	if _, err := exec.LookPath("tarantool"); err != nil {
		t.Skip("tarantool is not installed: nothing to exchange directories with")
	}
	writeStock := func(t *testing.T, dir, script string) { stock(t, dir, stockHead+script) }
	for _, c := range []struct {
		name           string
		writer, reader func(t *testing.T, dir, script string)
	}{
		{"ours to stock", ours, writeStock},
		{"stock to ours", writeStock, ours},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.writer(t, dir, fill+dump+writeOut)
			written := dumped(t, dir)
			c.reader(t, dir, dump+writeOut)
			if read := dumped(t, dir); read != written {
				t.Errorf("%s", difference(written, read))
			}
			// The reader goes on writing, and the writer takes the directory back.
			c.reader(t, dir, "box.space.s:insert({nil, 'more'})\n"+dump+writeOut)
			written = dumped(t, dir)
			if !strings.Contains(written, "[311, 'more']") {
				t.Error("the sequence did not go on after 310")
			}
			c.writer(t, dir, dump+writeOut)
			if read := dumped(t, dir); read != written {
				t.Errorf("back again: %s", difference(written, read))
			}
		})
	}
}
