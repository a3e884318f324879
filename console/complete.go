package console

import (
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// keywords complete at the start of a word.
var keywords = []string{
	"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not",
	"or", "repeat", "return", "then", "true", "until", "while",
}

// Candidates finds what a word may become: globals, fields and methods, names of spaces among them.
func (c *Console) Candidates(L *lua.LState, word string) []string {
	at := strings.LastIndexAny(word, ".:")
	var found []string
	if at < 0 {
		for _, k := range keywords {
			if strings.HasPrefix(k, word) && word != "" {
				found = append(found, k+" ")
			}
		}
	}
	object := lua.LValue(L.G.Global)
	prefix, methods := "", false
	if at >= 0 {
		object = walk(L.G.Global, word[:at])
		prefix, methods = word[:at+1], word[at] == ':'
	}
	seen := make(map[string]bool)
	for depth := 0; depth < 8 && object != nil; depth++ {
		object = fields(L, object, func(name string, value lua.LValue) {
			candidate := prefix + name
			if methods && value.Type() != lua.LTFunction || seen[name] || !strings.HasPrefix(candidate, word) || !isName(name) {
				return
			}
			seen[name] = true
			switch value.(type) {
			case *lua.LFunction:
				candidate += "("
			}
			found = append(found, candidate)
		})
	}
	sort.Strings(found)
	return found
}

// walk follows names separated by dots; nil when there is no table at the end.
func walk(from *lua.LTable, path string) lua.LValue {
	var at lua.LValue = from
	for name := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '.' || r == ':' }) {
		t, ok := at.(*lua.LTable)
		if !ok {
			return nil
		}
		at = t.RawGetString(name)
		if at == lua.LNil {
			if at = inherited(t, name); at == nil {
				return nil
			}
		}
	}
	return at
}

// inherited looks a name up in the tables behind __index.
func inherited(t *lua.LTable, name string) lua.LValue {
	for range 8 {
		meta, ok := t.Metatable.(*lua.LTable)
		if !ok {
			return nil
		}
		if t, ok = meta.RawGetString("__index").(*lua.LTable); !ok {
			return nil
		}
		if v := t.RawGetString(name); v != lua.LNil {
			return v
		}
	}
	return nil
}

// fields visits the names in a value and returns the value behind __index, nil when there is none.
func fields(L *lua.LState, object lua.LValue, visit func(name string, value lua.LValue)) lua.LValue {
	if t, ok := object.(*lua.LTable); ok {
		t.ForEach(func(k, v lua.LValue) {
			if name, ok := k.(lua.LString); ok {
				visit(string(name), v)
			}
		})
	}
	meta, ok := L.GetMetatable(object).(*lua.LTable)
	if !ok {
		return nil
	}
	if next, ok := meta.RawGetString("__index").(*lua.LTable); ok {
		return next
	}
	return nil
}

func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// luaCompletionHandler is console.completion_handler(word, from, to): the word's common prefix, then the candidates.
func (c *Console) luaCompletionHandler(L *lua.LState) int {
	word := vm.CheckString(L, 1)
	found := c.Candidates(L, word)
	if len(found) == 0 {
		return 0
	}
	list := L.NewTable()
	common := found[0]
	for _, f := range found {
		for !strings.HasPrefix(f, common) {
			common = common[:len(common)-1]
		}
	}
	list.Append(lua.LString(common))
	for _, f := range found {
		list.Append(lua.LString(f))
	}
	L.Push(list)
	return 1
}
