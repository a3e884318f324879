package boxerr

import (
	"fmt"
	"sort"
	"strings"
)

// Code is the number of an error. It is an error itself only so that
// errors.Is(err, boxerr.TupleFound) reads well.
type Code uint32

// Error returns the text of the code, with its verbs.
func (c Code) Error() string { return c.Text() }

// Name is the name in the table box.error, such as "TUPLE_FOUND"; "UNKNOWN" for
// a number that is no code.
func (c Code) Name() string {
	if !c.Known() {
		return texts[Unknown].name
	}
	return texts[c].name
}

// Text is the code's text, a C format. Unknown codes have the text of code 0.
func (c Code) Text() string {
	if !c.Known() {
		return texts[Unknown].text
	}
	return texts[c].text
}

// Known reports whether c is a code of Tarantool 2.6.
func (c Code) Known() bool { return int(c) < len(texts) }

// Codes lists all codes in order. Listed tells which of them scripts can see.
func Codes() []Code {
	all := make([]Code, len(texts))
	for i := range all {
		all[i] = Code(i)
	}
	return all
}

// Listed reports whether the table box.error has the code's name in it: stock
// Tarantool leaves out those whose name speaks of something reserved.
func (c Code) Listed() bool {
	return c.Known() && !strings.Contains(c.Name(), "RESERVED")
}

// ByName finds a code by the name that Name returns.
func ByName(name string) (Code, bool) {
	i := sort.Search(len(byName), func(i int) bool { return texts[byName[i]].name >= name })
	if i < len(byName) && texts[byName[i]].name == name {
		return byName[i], true
	}
	return Unknown, false
}

var byName = func() []Code {
	all := Codes()
	sort.Slice(all, func(i, j int) bool { return texts[all[i]].name < texts[all[j]].name })
	return all
}()

// format puts args in the place of the C verbs of text. The length modifiers
// (%llu, %zu, %.*s) say nothing to Go and are skipped.
func format(text string, args []any) string {
	if !strings.Contains(text, "%") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		start := i
		for i++; i < len(text) && strings.IndexByte(".*lz", text[i]) >= 0; i++ {
		}
		if i >= len(text) || len(args) == 0 {
			b.WriteString(text[start:min(i+1, len(text))])
			continue
		}
		writeArg(&b, text[i], args[0])
		args = args[1:]
	}
	return b.String()
}

func writeArg(b *strings.Builder, verb byte, arg any) {
	if verb == 'c' {
		switch c := arg.(type) {
		case byte:
			b.WriteByte(c)
			return
		case rune:
			b.WriteRune(c)
			return
		}
	}
	text, ok := arg.(string)
	if !ok {
		text = fmt.Sprint(arg)
	}
	// C strings end at a zero byte.
	text, _, _ = strings.Cut(text, "\x00")
	b.WriteString(text)
}
