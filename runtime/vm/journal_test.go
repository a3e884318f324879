package vm_test

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// dump tells everything that a table holds, and its metatable, in Lua.
const dump = `
local function dump(v, seen)
	if type(v) ~= 'table' then return type(v) .. ':' .. tostring(v) end
	if seen[v] then return 'seen' end
	seen[v] = true
	local keys, out = {}, {}
	for k in next, v do table.insert(keys, k) end
	table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
	for _, k in ipairs(keys) do table.insert(out, type(k) .. ' ' .. tostring(k) .. '=' .. dump(rawget(v, k), seen)) end
	return '{' .. table.concat(out, ',') .. '}' .. dump(getmetatable(v) or 'no', seen)
end
return dump(T, {})`

func TestJournalUndoesEveryKindOfWrite(t *testing.T) {
	const state = `T = {1, 2, 3, a = {x = 1}, [2.5] = 'half', deep = setmetatable({n = 1}, {m = 1})} T.self = T`
	for _, write := range []string{
		"T.a = 5", "T['b' .. 1] = 5", "T[2] = nil", "T[3] = nil", "T[1] = 'one' T[1] = 'two'", "T[9] = 1", "T[2.5] = nil",
		"T.a.x = nil T.a.y = 7", "T.a = nil", "rawset(T, 'a', 1)", "T[true] = 1", "T[1e9] = 1",
		"table.insert(T, 4)", "table.insert(T, 1, 0)", "table.insert(T, 7, 0)", "table.remove(T)", "table.remove(T, 1)",
		"table.sort(T, function(a, b) return a > b end)", "require('table.clear')(T)", "table.move(T, 1, 3, 2)",
		"setmetatable(T, {})", "debug.setmetatable(T, {})", "setmetatable(T.deep, nil) T.deep.n = 2",
		"setmetatable(T, {__newindex = T.a}) T.fresh = 1", "getmetatable(T.deep).m = 2",
		"T.a, T.deep = T.deep, T.a T.a.n = 'x'", "for i = 1, 100 do T[i] = i T['k' .. i] = i end",
		"coroutine.wrap(function() T.a = nil end)()", "local t = T for k in pairs(T) do t[k] = nil end",
		"T.a = nil T = nil",
	} {
		v := vm.New(vm.Options{})
		run := func(chunk string) string {
			t.Helper()
			fn, err := v.Load([]byte(chunk), chunk)
			if err != nil {
				t.Fatal(err)
			}
			values, err := v.Call(v.State(), fn, 1)
			if err != nil {
				t.Fatalf("%s: %v", chunk, err)
			}
			return values[0].String()
		}
		run(state)
		before := run(dump)
		journal := &vm.Journal{Active: func() bool { return true }}
		v.SetJournal(journal)
		run(write)
		v.SetJournal(nil)
		if during := run("if T then " + dump + " end"); during == before {
			t.Errorf("%s: changed nothing", write)
		}
		journal.Undo()
		if after := run(dump); after != before {
			t.Errorf("%s:\ngot  %s\nwant %s", write, after, before)
		}
	}
}

func TestJournalKeepsWhatOthersWrite(t *testing.T) {
	v := vm.New(vm.Options{})
	active := true
	journal := &vm.Journal{Active: func() bool { return active }}
	v.SetJournal(journal)
	for _, step := range []struct {
		ours  bool
		chunk string
	}{{false, "T = {a = 1, b = 1}"}, {true, "T.a = 2 T.c = 1"}, {false, "T.b = 2 T.d = 1"}, {true, "T.a = 3"}} {
		active = step.ours
		fn, err := v.Load([]byte(step.chunk), "chunk")
		if err == nil {
			_, err = v.Call(v.State(), fn, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	v.SetJournal(nil)
	journal.Undo()
	table := v.State().GetGlobal("T").(*lua.LTable)
	for key, want := range map[string]lua.LValue{"a": lua.LNumber(1), "b": lua.LNumber(2), "c": lua.LNil, "d": lua.LNumber(1)} {
		if got := table.RawGetString(key); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}

func TestJournalOfALongRunStaysSmall(t *testing.T) {
	v := vm.New(vm.Options{})
	journal := &vm.Journal{Active: func() bool { return true }}
	v.SetJournal(journal)
	fn, err := v.Load([]byte("T = {} for i = 1, 1e6 do T[i % 100 + 1] = i end"), "chunk")
	if err == nil {
		_, err = v.Call(v.State(), fn, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	if journal.Len() > 1<<16 {
		t.Errorf("%d entries", journal.Len())
	}
	journal.Undo()
	if got := v.State().GetGlobal("T"); got != lua.LNil {
		t.Errorf("T is %v", got)
	}
}
