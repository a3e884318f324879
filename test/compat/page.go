package compat

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

const head = `# What works as on stock Tarantool 2.6

This page is made by ` + "`go test ./test/compat -update`" + ` and checked with every change; nobody writes in it.

## The Lua API

The names that a script can reach on stock Tarantool, beside what this host has. *Shown* are those that the golden suites
use, on both hosts and with the same answers. Names that begin with an underscore do not count.

| where | stock | here | shown | not here |
| --- | ---: | ---: | ---: | --- |
`

const suitesHead = `
## The suites

Each runs on both hosts; one result file judges both.

| suite | tests | answers compared |
| --- | ---: | ---: |
`

// maxMissing bounds how many names of one place are listed.
const maxMissing = 12

// Write writes the page.
func Write(w io.Writer, stock, here Inventory, suites []Suite, used map[string]bool) error {
	var page strings.Builder
	page.WriteString(head)
	var names, present, shown int
	for _, place := range slices.Sorted(maps.Keys(stock)) {
		row := compare(stock[place], here[place], used)
		fmt.Fprintf(&page, "| %s | %d | %d | %d | %s |\n", strings.ReplaceAll(place, "_object", " (object)"), row.stock, row.here, row.shown, row.list())
		names, present, shown = names+row.stock, present+row.here, shown+row.shown
	}
	fmt.Fprintf(&page, "| **together** | %d | %d | %d | |\n", names, present, shown)
	page.WriteString(suitesHead)
	var tests, answers int
	for _, s := range suites {
		fmt.Fprintf(&page, "| %s | %d | %d |\n", s.Name, s.Tests, s.Answers)
		tests, answers = tests+s.Tests, answers+s.Answers
	}
	fmt.Fprintf(&page, "| **together** | %d | %d |\n", tests, answers)
	_, err := io.WriteString(w, page.String())
	return err
}

// row compares one place. What is cdata on stock, such as a function of the FFI, may be of another type here.
type row struct {
	stock, here, shown int
	missing            []string
}

func compare(stock, here map[string]string, used map[string]bool) row {
	r := row{stock: len(stock)}
	for _, name := range slices.Sorted(maps.Keys(stock)) {
		if kind := here[name]; kind == "" || kind != stock[name] && stock[name] != "cdata" {
			r.missing = append(r.missing, name)
			continue
		}
		r.here++
		if used[name[strings.LastIndexByte(name, '.')+1:]] {
			r.shown++
		}
	}
	return r
}

// list names what is missing; a table whose fields are all missing stands for them.
func (r row) list() string {
	if r.here == 0 && len(r.missing) > 0 {
		return "all"
	}
	var names []string
	for _, name := range r.missing {
		if i := strings.LastIndexByte(name, '.'); i >= 0 && slices.Contains(r.missing, name[:i]) {
			continue
		}
		names = append(names, "`"+name+"`")
	}
	if more := len(names) - maxMissing; more > 0 {
		names = append(names[:maxMissing], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, " ")
}
