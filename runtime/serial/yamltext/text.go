package yamltext

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Scalar writes a text.
func (w *Writer) Scalar(s Scalar, p Place) {
	c := analyze(s.Text)
	style := s.resolve(c, w.inFlow > 0, p == SimpleKey)
	if s.Tag != "" {
		if !w.blank {
			w.put(" ")
		}
		w.put(s.Tag)
		w.blank, w.indention = false, false
	}
	outside := w.indent
	w.deepen(true, false)
	fold := p != SimpleKey
	switch style {
	case PlainStyle:
		w.plain(s.Text, fold)
	case SingleQuoted:
		w.singleQuoted(s.Text, fold)
	case DoubleQuoted:
		w.doubleQuoted(s.Text, fold)
	case Literal:
		w.literal(s.Text)
	}
	w.indent = outside
}

// foldsAt tells whether the line may be broken in place of the space at i: a
// lone one, inside the text.
func (w *Writer) foldsAt(s string, i int, inside bool) bool {
	next := i + 1
	return w.column > width && (!inside || i > 0 && next < len(s)) && !(next < len(s) && s[next] == ' ')
}

func (w *Writer) plain(s string, fold bool) {
	if !w.blank && (s != "" || w.inFlow > 0) {
		w.put(" ")
	}
	spaces := false
	for i, r := range s {
		switch {
		case r == ' ' && fold && !spaces && w.foldsAt(s, i, false):
			w.newline()
			spaces = true
		default:
			w.putRune(r)
			spaces = r == ' '
			if !spaces {
				w.indention = false
			}
		}
	}
	w.blank, w.indention = false, false
}

func (w *Writer) singleQuoted(s string, fold bool) {
	w.indicator("'", true, false, false)
	spaces, breaks := false, false
	for i, r := range s {
		switch {
		case r == ' ':
			if fold && !spaces && w.foldsAt(s, i, true) {
				w.newline()
			} else {
				w.putRune(r)
			}
			spaces = true
		case isBreak(r):
			if !breaks && r == '\n' {
				w.lineBreak()
			}
			w.putBreak(r)
			w.indention, breaks = true, true
		default:
			if breaks {
				w.newline()
			}
			if r == '\'' {
				w.put("'")
			}
			w.putRune(r)
			w.indention, spaces, breaks = false, false, false
		}
	}
	if breaks {
		w.newline()
	}
	w.indicator("'", false, false, false)
	w.blank, w.indention = false, false
}

// escapes are the characters that have an escape of one letter.
var escapes = strings.NewReplacer(
	"\x00", `\0`, "\a", `\a`, "\b", `\b`, "\t", `\t`, "\n", `\n`, "\v", `\v`, "\f", `\f`, "\r", `\r`,
	"\x1b", `\e`, `"`, `\"`, `\`, `\\`, "\u0085", `\N`, "\u00a0", `\_`, "\u2028", `\L`, "\u2029", `\P`,
)

func escape(r rune) string {
	if short := escapes.Replace(string(r)); short[0] == '\\' {
		return short
	}
	switch {
	case r <= 0xff:
		return fmt.Sprintf(`\x%02X`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04X`, r)
	}
	return fmt.Sprintf(`\U%08X`, r)
}

func (w *Writer) doubleQuoted(s string, fold bool) {
	w.indicator(`"`, true, false, false)
	spaces := false
	for i, r := range s {
		switch {
		case !yamlPrintable(r) || isBreak(r) || r == '"' || r == '\\':
			w.put(escape(r))
			spaces = false
		case r == ' ':
			// Unlike other styles this one also folds before further spaces,
			// which a backslash protects.
			if fold && !spaces && w.column > width && i > 0 && i < len(s)-1 {
				w.newline()
				if s[i+1] == ' ' {
					w.put(`\`)
				}
			} else {
				w.putRune(r)
			}
			spaces = true
		default:
			w.putRune(r)
			spaces = false
		}
	}
	w.indicator(`"`, false, false, false)
	w.blank, w.indention = false, false
}

func (w *Writer) literal(s string) {
	w.indicator("|", true, false, false)
	if first, _ := utf8.DecodeRuneInString(s); first == ' ' || isBreak(first) {
		w.indicator(fmt.Sprint(step), false, false, false)
	}
	last, size := utf8.DecodeLastRuneInString(s)
	before, _ := utf8.DecodeLastRuneInString(s[:len(s)-size])
	switch {
	case !isBreak(last):
		w.indicator("-", false, false, false)
	case len(s) == size || isBreak(before):
		w.indicator("+", false, false, false)
	}
	w.lineBreak()
	breaks := true
	for _, r := range s {
		if isBreak(r) {
			w.putBreak(r)
			w.indention, breaks = true, true
			continue
		}
		if breaks {
			w.newline()
		}
		w.putRune(r)
		w.indention, breaks = false, false
	}
}

// QuotedOneLine is a text as it stands inside a sequence on one line, as Tarantool shows the fields of a tuple: in
// quotes, and not folded however long it is.
func QuotedOneLine(s string) string {
	w := Writer{inFlow: 1, indent: 2 * step, blank: true}
	c := analyze(s)
	if (Scalar{Text: s, Style: SingleQuoted}).resolve(c, true, false) == DoubleQuoted {
		w.doubleQuoted(s, false)
	} else {
		w.singleQuoted(s, false)
	}
	return string(w.out)
}
