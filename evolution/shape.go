package evolution

import (
	"fmt"
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Shape describes which fields internals have and of which types, a line per field, in order: `bucket_count: number`,
// `errinj.delay: boolean`. Array elements are described by their first. Tables with a metatable count as objects, whose
// inside is their own business. The record of migrations and the version are left out.
func (in Internals) Shape() []string {
	var lines []string
	describe(&lines, "", in.table, map[*lua.LTable]bool{})
	sort.Slice(lines, func(i, j int) bool { return fieldOf(lines[i]) < fieldOf(lines[j]) })
	return lines
}

func fieldOf(line string) string {
	name, _, _ := strings.Cut(line, ": ")
	return name
}

func describe(lines *[]string, path string, t *lua.LTable, seen map[*lua.LTable]bool) {
	seen[t] = true
	t.ForEach(func(k, v lua.LValue) {
		at := ""
		switch k := k.(type) {
		case lua.LString:
			if path == "" && (k == VersionField || k == HistoryField) {
				return
			}
			at = join(path, string(k))
		case lua.LNumber:
			if k != 1 {
				return
			}
			at = path + "[]"
		default:
			at = fmt.Sprintf("%s[%s]", path, k.Type())
		}
		inner, isTable := v.(*lua.LTable)
		switch {
		case !isTable:
			*lines = append(*lines, at+": "+v.Type().String())
		case inner.Metatable != nil && inner.Metatable != lua.LNil:
			*lines = append(*lines, at+": object")
		default:
			*lines = append(*lines, at+": table")
			if !seen[inner] {
				describe(lines, at, inner, seen)
			}
		}
	})
}

// CompareShapes tells how the shape of internals differs from the recorded one: a line per field, empty when they are
// equal.
func CompareShapes(recorded, now []string) string {
	was, is := make(map[string]string), make(map[string]string)
	for _, l := range recorded {
		name, typ, _ := strings.Cut(l, ": ")
		was[name] = typ
	}
	for _, l := range now {
		name, typ, _ := strings.Cut(l, ": ")
		is[name] = typ
	}
	var lines []string
	for name, typ := range was {
		switch got, ok := is[name]; {
		case !ok:
			lines = append(lines, fmt.Sprintf("field %s (%s) is gone", name, typ))
		case got != typ:
			lines = append(lines, fmt.Sprintf("field %s was a %s and is a %s", name, typ, got))
		}
	}
	for name, typ := range is {
		if _, ok := was[name]; !ok {
			lines = append(lines, fmt.Sprintf("field %s (%s) is new", name, typ))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
