// Package jsonpath reads the paths that indexes, updates and tuples name fields
// by: `[1].a["b"][*]`.
//
// The one idea: a path is parsed once into steps and walked many times over
// checked MessagePack, without allocating. Positions are fixed when parsing, so
// the same path text may count from 1 (Lua) or 0 (SQL, wire).
package jsonpath

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"shardlua/runtime/tuple/mp"
)

// StepKind tells what a step goes by.
type StepKind uint8

// The kinds of steps.
const (
	ByIndex StepKind = iota // [3]: the element of an array
	ByName                  // .name or ["name"]: the value of a map's key
	ByAny                   // [*]: every element of an array
)

// Step is one element of a path.
type Step struct {
	Kind  StepKind
	Index int    // ByIndex, from 0
	Name  string // ByName
}

// Path is a parsed path.
type Path []Step

// Error tells where a path is wrong: Position counts symbols from 1.
type Error struct{ Position int }

// Error returns words for logs; callers put the position in errors of their own.
func (e *Error) Error() string { return "invalid path, error on position " + strconv.Itoa(e.Position) }

// Parse reads a whole path. Indexes in text count from base (0 or 1).
func Parse(text string, base int) (Path, error) {
	l := Lexer{text: text, base: base}
	var p Path
	for {
		step, ok, err := l.Next()
		if err != nil {
			return nil, err
		}
		if !ok {
			return p, nil
		}
		p = append(p, step)
	}
}

// Lexer gives the steps of a path one after the other.
type Lexer struct {
	text string
	base int
	pos  int // bytes
	sym  int // symbols read so far
}

// NewLexer begins to read text.
func NewLexer(text string, base int) *Lexer { return &Lexer{text: text, base: base} }

// Position is the number of symbols read so far.
func (l *Lexer) Position() int { return l.sym }

// Next returns the next step; ok is false at the end.
func (l *Lexer) Next() (step Step, ok bool, err error) {
	if l.pos >= len(l.text) {
		return Step{}, false, nil
	}
	switch l.text[l.pos] {
	case '[':
		return l.bracket()
	case '.':
		l.advance()
		if l.pos >= len(l.text) {
			return Step{}, false, l.fail()
		}
		return l.identifier()
	}
	if l.pos > 0 {
		return Step{}, false, l.fail()
	}
	return l.identifier()
}

func (l *Lexer) fail() error { return &Error{Position: l.sym + 1} }

func (l *Lexer) advance() {
	_, n := utf8.DecodeRuneInString(l.text[l.pos:])
	l.pos += n
	l.sym++
}

func (l *Lexer) bracket() (Step, bool, error) {
	l.advance()
	if l.pos >= len(l.text) {
		return Step{}, false, &Error{Position: l.sym}
	}
	var step Step
	var err error
	switch c := l.text[l.pos]; {
	case c == '"' || c == '\'':
		step, err = l.quoted(c)
	case c == '*':
		l.advance()
		step = Step{Kind: ByAny}
	default:
		step, err = l.number()
	}
	if err != nil {
		return Step{}, false, err
	}
	if l.pos >= len(l.text) || l.text[l.pos] != ']' {
		return Step{}, false, l.fail()
	}
	l.advance()
	return step, true, nil
}

func (l *Lexer) quoted(quote byte) (Step, error) {
	l.advance()
	start := l.pos
	for l.pos < len(l.text) && l.text[l.pos] != quote {
		if r, n := utf8.DecodeRuneInString(l.text[l.pos:]); r == utf8.RuneError && n <= 1 {
			return Step{}, l.fail()
		}
		l.advance()
	}
	if l.pos >= len(l.text) || l.pos == start {
		return Step{}, l.fail()
	}
	name := l.text[start:l.pos]
	l.advance()
	return Step{Kind: ByName, Name: name}, nil
}

func (l *Lexer) number() (Step, error) {
	start := l.pos
	for l.pos < len(l.text) && l.text[l.pos] >= '0' && l.text[l.pos] <= '9' {
		l.advance()
	}
	// Tarantool counts in 32 bits, and does not mind when they overflow.
	n := int32(0)
	for _, digit := range []byte(l.text[start:l.pos]) {
		n = n*10 + int32(digit-'0')
	}
	if l.pos == start || int(n) < l.base {
		l.sym -= l.pos - start
		return Step{}, l.fail()
	}
	return Step{Kind: ByIndex, Index: int(n) - l.base}, nil
}

func (l *Lexer) identifier() (Step, bool, error) {
	start := l.pos
	for l.pos < len(l.text) {
		r, n := utf8.DecodeRuneInString(l.text[l.pos:])
		if r == utf8.RuneError && n <= 1 {
			return Step{}, false, l.fail()
		}
		good := r == '_' || unicode.IsLetter(r) || l.pos > start && unicode.IsDigit(r)
		if !good {
			break
		}
		l.advance()
	}
	if l.pos == start {
		return Step{}, false, l.fail()
	}
	return Step{Kind: ByName, Name: l.text[start:l.pos]}, true, nil
}

// String writes the path in the form that Tarantool keeps: indexes from base.
func (p Path) String(base int) string {
	var b strings.Builder
	for _, s := range p {
		switch s.Kind {
		case ByIndex:
			b.WriteString("[" + strconv.Itoa(s.Index+base) + "]")
		case ByName:
			b.WriteString(`["` + s.Name + `"]`)
		case ByAny:
			b.WriteString("[*]")
		}
	}
	return b.String()
}

// Multikey is the number of the first [*] step, or -1.
func (p Path) Multikey() int {
	for i, s := range p {
		if s.Kind == ByAny {
			return i
		}
	}
	return -1
}

// Walk follows the path from the value that begins b, of checked bytes, and
// returns what it leads to, or nil when there is no such thing. A [*] step takes
// element any.
func (p Path) Walk(b []byte, any int) []byte {
	for i := range p {
		if b = p[i].Into(b, any); b == nil {
			return nil
		}
	}
	return b
}

// Into takes one step from the value that begins b; nil when it leads nowhere.
func (s *Step) Into(b []byte, any int) []byte {
	switch s.Kind {
	case ByName:
		return lookup(b, s.Name)
	case ByAny:
		return element(b, any)
	}
	if mp.KindOf(b) == mp.Map {
		return keyed(b, s.Index+1)
	}
	return element(b, s.Index)
}

// keyed finds the value of an integer key, which [n] means in a map.
func keyed(b []byte, n int) []byte {
	count, size := mp.MapHeader(b)
	b = b[size:]
	for range count {
		key := b
		b = b[mp.Skip(b):]
		if v, ok := mp.Uint64(key); ok && v == uint64(n) {
			return b
		}
		b = b[mp.Skip(b):]
	}
	return nil
}

func element(b []byte, i int) []byte {
	if mp.KindOf(b) != mp.Array || i < 0 {
		return nil
	}
	count, size := mp.ArrayHeader(b)
	if i >= count {
		return nil
	}
	b = b[size:]
	return b[mp.SkipN(b, i):]
}

func lookup(b []byte, name string) []byte {
	if mp.KindOf(b) != mp.Map {
		return nil
	}
	count, size := mp.MapHeader(b)
	b = b[size:]
	for range count {
		key := b
		b = b[mp.Skip(b):]
		if mp.KindOf(key) == mp.Str && mp.StringView(key) == name {
			return b
		}
		b = b[mp.Skip(b):]
	}
	return nil
}
