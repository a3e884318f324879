package fio

import (
	"path"
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"
)

// glob expands a shell pattern as the C library does: sorted, no braces, and a leading dot wants to be named.
func (lib *library) glob(L *lua.LState) int {
	pattern := paths(L, 1, "Usage: fio.glob(pattern)")[0]
	var found []string
	_ = lib.await(func() error {
		found = expand(pattern)
		return nil
	})
	L.Push(strings2table(L, found))
	return 1
}

func expand(pattern string) []string {
	if pattern == "" {
		return nil
	}
	bases := []string{""}
	rest := pattern
	for rest != "" {
		slashes := rest[:len(rest)-len(strings.TrimLeft(rest, "/"))]
		rest = rest[len(slashes):]
		part := rest
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			part = rest[:i]
		}
		rest = rest[len(part):]
		var next []string
		for _, base := range bases {
			next = append(next, children(base+slashes, part)...)
		}
		bases = next
	}
	sort.Strings(bases)
	return bases
}

// children are the names in dir that match one part of a pattern, with dir in front.
func children(dir, part string) []string {
	var st unix.Stat_t
	if !strings.ContainsAny(part, `*?[\`) {
		if unix.Lstat(dir+part, &st) != nil {
			return nil
		}
		return []string{dir + part}
	}
	where := dir
	if where == "" {
		where = "."
	}
	list, err := names(where)
	if err != nil {
		return nil
	}
	match := strings.ReplaceAll(part, "[!", "[^")
	var found []string
	for _, name := range append(list, ".", "..") {
		if strings.HasPrefix(name, ".") && !strings.HasPrefix(part, ".") {
			continue
		}
		if ok, err := path.Match(match, name); ok && err == nil {
			found = append(found, dir+name)
		}
	}
	return found
}
