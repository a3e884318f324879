package xlog

import (
	"encoding/base64"
	"fmt"
	"unicode/utf8"
)

// flowEmitter prints msgpack as YAML's flow style, with strings in quotes and lines folded after column 80, as
// libyaml does for Tarantool.
type flowEmitter struct {
	out        []byte
	column     int
	indent     int
	whitespace bool // the last character was a space
	indention  bool // the line holds nothing but its indentation
}

const foldAfter = 80

func (e *flowEmitter) put(r rune) {
	e.out = utf8.AppendRune(e.out, r)
	e.column++
}

func (e *flowEmitter) lineBreak(r rune) {
	e.out = utf8.AppendRune(e.out, r)
	e.column = 0
}

// mark writes an indicator, or a plain scalar, with a space before it if it needs one.
func (e *flowEmitter) mark(text string, space bool) {
	if space && !e.whitespace {
		e.put(' ')
	}
	for _, r := range text {
		e.put(r)
	}
	e.whitespace, e.indention = false, false
}

// newLine moves to the indentation of a fresh line.
func (e *flowEmitter) newLine() {
	if !e.indention || e.column > e.indent || e.column == e.indent && !e.whitespace {
		e.lineBreak('\n')
	}
	for e.column < e.indent {
		e.put(' ')
	}
	e.whitespace, e.indention = true, true
}

func (e *flowEmitter) value(src []byte) []byte {
	v, rest := readValue(src)
	switch v.kind {
	case kindArray, kindMap:
		return e.collection(v, rest)
	case kindString:
		e.string(v.text, false)
	case kindDouble:
		e.mark(formatDouble(v.f), true)
	default:
		e.mark(v.text, true)
	}
	return rest
}

func (e *flowEmitter) collection(v value, rest []byte) []byte {
	brackets := "[]"
	if v.kind == kindMap {
		brackets = "{}"
	}
	e.mark(brackets[:1], true)
	e.whitespace = true
	e.indent += 2
	for i := range v.size {
		if i > 0 {
			e.mark(",", false)
		}
		if e.column > foldAfter {
			e.newLine()
		}
		if v.kind == kindMap {
			rest = e.key(rest)
		}
		rest = e.value(rest)
	}
	e.indent -= 2
	e.mark(brackets[1:], false)
	return rest
}

// key prints a key of a map with its colon. One that is long or not a scalar is marked by a question mark.
func (e *flowEmitter) key(src []byte) []byte {
	v, rest := readValue(src)
	if v.kind == kindArray || v.kind == kindMap || len(v.text) > 128 || v.kind == kindString && hasBreak(v.text) {
		e.mark("?", true)
		rest = e.value(src)
		if e.column > foldAfter {
			e.newLine()
		}
		e.mark(":", true)
		return rest
	}
	if v.kind == kindString {
		e.string(v.text, true)
	} else {
		rest = e.value(src)
	}
	e.mark(":", false)
	return rest
}

func hasBreak(s string) bool {
	for _, r := range s {
		if isBreak(r) {
			return true
		}
	}
	return false
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
}

// printable says whether a character may stand in single quotes.
func printable(r rune) bool {
	return r == '\n' || r >= 0x20 && r <= 0x7e || r >= 0xa0 && r <= 0xffff
}

// isText says whether a string can be shown as one; others are base64.
func isText(s string) bool {
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size < 2 {
				return false
			}
		case r >= 0x80 && r < 0xa0, r == 0xfeff, r&0xfffe == 0xfffe:
			return false
		}
	}
	return true
}

func (e *flowEmitter) string(s string, key bool) {
	if !isText(s) {
		e.mark("!!binary", true)
		e.mark(base64.StdEncoding.EncodeToString([]byte(s)), true)
		return
	}
	e.indent += 2
	runes := []rune(s)
	if singleQuotable(runes) {
		e.single(runes, !key)
	} else {
		e.double(runes, !key)
	}
	e.indent -= 2
}

func singleQuotable(runes []rune) bool {
	for i, r := range runes {
		if !printable(r) || i > 0 && isBreak(r) && runes[i-1] == ' ' {
			return false
		}
	}
	return true
}

// mayFold says whether the space at i can become a line break.
func (e *flowEmitter) mayFold(runes []rune, i int) bool {
	return e.column > foldAfter && i > 0 && i < len(runes)-1
}

func (e *flowEmitter) single(runes []rune, fold bool) {
	e.mark("'", true)
	spaces, breaks := false, false
	for i, r := range runes {
		switch {
		case r == ' ':
			if fold && !spaces && e.mayFold(runes, i) && runes[i+1] != ' ' {
				e.newLine()
			} else {
				e.put(r)
			}
			spaces = true
		case isBreak(r):
			if !breaks && r == '\n' {
				e.lineBreak('\n')
			}
			e.lineBreak(r)
			e.indention, breaks = true, true
		default:
			if breaks {
				e.newLine()
			}
			if r == '\'' {
				e.put(r)
			}
			e.put(r)
			e.indention, spaces, breaks = false, false, false
		}
	}
	if breaks {
		e.newLine()
	}
	e.mark("'", false)
}

func (e *flowEmitter) double(runes []rune, fold bool) {
	e.mark(`"`, true)
	spaces := false
	for i, r := range runes {
		switch {
		case !printable(r) || isBreak(r) || r == '"' || r == '\\':
			for _, c := range yamlEscape(r) {
				e.put(c)
			}
			spaces = false
		case r == ' ':
			if fold && !spaces && e.mayFold(runes, i) {
				e.newLine()
				if runes[i+1] == ' ' {
					e.put('\\')
				}
			} else {
				e.put(r)
			}
			spaces = true
		default:
			e.put(r)
			spaces = false
		}
	}
	e.mark(`"`, false)
}

var yamlEscapes = map[rune]string{
	0: `\0`, '\a': `\a`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\v': `\v`, '\f': `\f`, '\r': `\r`, 0x1b: `\e`, '"': `\"`,
	'\\': `\\`, 0x85: `\N`, 0xa0: `\_`, 0x2028: `\L`, 0x2029: `\P`,
}

func yamlEscape(r rune) string {
	if text, ok := yamlEscapes[r]; ok {
		return text
	}
	switch {
	case r <= 0xff:
		return fmt.Sprintf(`\x%02X`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04X`, r)
	}
	return fmt.Sprintf(`\U%08X`, r)
}
