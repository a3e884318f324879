package syntax

import (
	"fmt"
	"unicode/utf8"
)

type token int

const (
	tEOF token = iota + 256
	tName
	tString
	tNumber
	tAnd
	tBreak
	tDo
	tElse
	tElseif
	tEnd
	tFalse
	tFor
	tFunction
	tGoto
	tIf
	tIn
	tLocal
	tNil
	tNot
	tOr
	tRepeat
	tReturn
	tThen
	tTrue
	tUntil
	tWhile
	tConcat
	tDots
	tEq
	tGe
	tLe
	tNe
	tLabel
)

var tokenNames = map[token]string{
	tEOF: "<eof>", tName: "<name>", tString: "<string>", tNumber: "<number>",
	tAnd: "and", tBreak: "break", tDo: "do", tElse: "else", tElseif: "elseif",
	tEnd: "end", tFalse: "false", tFor: "for", tFunction: "function",
	tGoto: "goto", tIf: "if", tIn: "in", tLocal: "local", tNil: "nil",
	tNot: "not", tOr: "or", tRepeat: "repeat", tReturn: "return",
	tThen: "then", tTrue: "true", tUntil: "until", tWhile: "while",
	tConcat: "..", tDots: "...", tEq: "==", tGe: ">=", tLe: "<=", tNe: "~=",
	tLabel: "::",
}

var keywords = func() map[string]token {
	words := make(map[string]token)
	for t := tAnd; t <= tWhile; t++ {
		words[tokenNames[t]] = t
	}
	return words
}()

func (t token) String() string {
	if t > 255 {
		return tokenNames[t]
	}
	if t < ' ' || t == 127 {
		return fmt.Sprintf("char(%d)", int(t))
	}
	return string([]byte{byte(t)})
}

// Error is a syntax error; its text is "chunk:line: message near 'token'".
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

// AtEOF says that the chunk broke off: more input might complete it.
func (e *Error) AtEOF() bool {
	const tail = "'<eof>'"
	n := len(e.Text) - len(tail)
	return n >= 0 && e.Text[n:] == tail
}

type lexer struct {
	src   []byte
	pos   int
	chunk string

	line     int // of the current token
	lastLine int // of the token before it
	tok      token
	text     []byte // the current token as errors show it
	str      string // value of a name or string
	num      Expr   // value of a number

	ahead     bool
	aheadSave struct {
		line int
		tok  token
		text []byte
		str  string
		num  Expr
	}
}

func (lx *lexer) fail(near token, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	text := fmt.Sprintf("%s:%d: %s", lx.chunk, lx.line, msg)
	if near != 0 {
		shown := near.String()
		if near == tName || near == tString || near == tNumber {
			shown = string(lx.text)
		}
		text += fmt.Sprintf(" near '%s'", shown)
	}
	panic(&Error{text})
}

func (lx *lexer) next() {
	lx.lastLine = lx.line
	if lx.ahead {
		lx.ahead = false
		s := &lx.aheadSave
		lx.line, lx.tok, lx.text, lx.str, lx.num = s.line, s.tok, s.text, s.str, s.num
		return
	}
	lx.tok = lx.scan()
}

// peek looks one token past the current one.
func (lx *lexer) peek() token {
	tok, text, str, num, line := lx.tok, lx.text, lx.str, lx.num, lx.line
	lx.text = nil
	t := lx.scan()
	s := &lx.aheadSave
	s.line, s.tok, s.text, s.str, s.num = lx.line, t, lx.text, lx.str, lx.num
	lx.tok, lx.text, lx.str, lx.num, lx.line = tok, text, str, num, line
	lx.ahead = true
	return t
}

func (lx *lexer) cur() int {
	if lx.pos < len(lx.src) {
		return int(lx.src[lx.pos])
	}
	return -1
}

func (lx *lexer) at(off int) int {
	if lx.pos+off < len(lx.src) {
		return int(lx.src[lx.pos+off])
	}
	return -1
}

// newline passes one line break, which may be two characters.
func (lx *lexer) newline() {
	c := lx.cur()
	lx.pos++
	if d := lx.cur(); (d == '\n' || d == '\r') && d != c {
		lx.pos++
	}
	lx.line++
	if lx.line >= 0x7fffff00 {
		lx.fail(0, "chunk has too many lines")
	}
}

func (lx *lexer) scan() token {
	for {
		c := lx.cur()
		switch c {
		case -1:
			return tEOF
		case '\n', '\r':
			lx.newline()
			continue
		case ' ', '\t', '\v', '\f':
			lx.pos++
			continue
		case '-':
			if lx.at(1) != '-' {
				lx.pos++
				return '-'
			}
			lx.comment()
			continue
		case '[':
			if level, ok := lx.longBracket(); ok {
				lx.longString(level, false)
				return tString
			} else if level > 0 {
				lx.text = lx.src[lx.pos : lx.pos+level+1]
				lx.fail(tString, "invalid long string delimiter")
			}
			lx.pos++
			return '['
		case '=':
			return lx.pair('=', tEq)
		case '<':
			return lx.pair('=', tLe)
		case '>':
			return lx.pair('=', tGe)
		case '~':
			return lx.pair('=', tNe)
		case ':':
			return lx.pair(':', tLabel)
		case '"', '\'':
			lx.quoted(c)
			return tString
		case '.':
			if isDigit(lx.at(1)) {
				lx.number()
				return tNumber
			}
			lx.pos++
			if lx.cur() == '.' {
				lx.pos++
				if lx.cur() == '.' {
					lx.pos++
					return tDots
				}
				return tConcat
			}
			return '.'
		}
		if isDigit(c) {
			lx.number()
			return tNumber
		}
		if isIdent(c) {
			start := lx.pos
			for isIdent(lx.cur()) {
				lx.pos++
			}
			lx.text = lx.src[start:lx.pos]
			if t, ok := keywords[string(lx.text)]; ok {
				return t
			}
			lx.str = string(lx.text)
			return tName
		}
		lx.pos++
		return token(c)
	}
}

func (lx *lexer) pair(second int, both token) token {
	first := token(lx.cur())
	lx.pos++
	if lx.cur() == second {
		lx.pos++
		return both
	}
	return first
}

func (lx *lexer) comment() {
	lx.pos += 2
	if lx.cur() == '[' {
		if level, ok := lx.longBracket(); ok {
			lx.longString(level, true)
			return
		}
	}
	for c := lx.cur(); c != -1 && c != '\n' && c != '\r'; c = lx.cur() {
		lx.pos++
	}
}

// longBracket looks for "[", any number of "=", "[" without passing it.
func (lx *lexer) longBracket() (level int, ok bool) {
	for lx.at(1+level) == '=' {
		level++
	}
	return level, lx.at(1+level) == '['
}

func (lx *lexer) longString(level int, comment bool) {
	lx.pos += level + 2
	if c := lx.cur(); c == '\n' || c == '\r' {
		lx.newline()
	}
	var buf []byte
	for {
		switch c := lx.cur(); c {
		case -1:
			what := "unfinished long string"
			if comment {
				what = "unfinished long comment"
			}
			lx.fail(tEOF, "%s", what)
		case ']':
			n := 0
			for lx.at(1+n) == '=' {
				n++
			}
			if n == level && lx.at(1+n) == ']' {
				lx.pos += level + 2
				lx.str = string(buf)
				lx.text = []byte(lx.str)
				return
			}
			buf = append(buf, lx.src[lx.pos:lx.pos+n+1]...)
			lx.pos += n + 1
		case '\n', '\r':
			lx.newline()
			buf = append(buf, '\n')
		default:
			buf = append(buf, byte(c))
			lx.pos++
		}
	}
}

func (lx *lexer) quoted(delim int) {
	buf := []byte{byte(delim)}
	lx.pos++
	bad := func(what string) {
		lx.text = buf
		lx.fail(tString, "%s", what)
	}
	for lx.cur() != delim {
		c := lx.cur()
		switch c {
		case -1:
			lx.fail(tEOF, "unfinished string")
		case '\n', '\r':
			bad("unfinished string")
		case '\\':
			lx.pos++
			esc := lx.cur()
			if esc == -1 {
				continue
			}
			buf = lx.escape(buf, esc, bad)
		default:
			buf = append(buf, byte(c))
			lx.pos++
		}
	}
	lx.pos++
	lx.str = string(buf[1:])
	lx.text = append(buf, byte(delim))
}

var simpleEscapes = map[int]byte{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
	'\\': '\\', '"': '"', '\'': '\'',
}

// escape decodes what follows a backslash and appends it.
func (lx *lexer) escape(buf []byte, c int, bad func(string)) []byte {
	const invalid = "invalid escape sequence"
	if r, ok := simpleEscapes[c]; ok {
		lx.pos++
		return append(buf, r)
	}
	switch {
	case c == '\n' || c == '\r':
		lx.newline()
		return append(buf, '\n')
	case c == 'x':
		hi, lo := hexValue(lx.at(1)), hexValue(lx.at(2))
		if hi < 0 || lo < 0 {
			bad(invalid)
		}
		lx.pos += 3
		return append(buf, byte(hi<<4|lo))
	case c == 'u':
		if lx.at(1) != '{' {
			bad(invalid)
		}
		lx.pos += 2
		r, digits := 0, 0
		for ; lx.cur() != '}'; lx.pos++ {
			h := hexValue(lx.cur())
			if h < 0 {
				bad(invalid)
			}
			if r = r<<4 | h; r >= 0x110000 {
				bad(invalid)
			}
			digits++
		}
		lx.pos++
		if digits == 0 || r >= 0xd800 && r < 0xe000 {
			bad(invalid)
		}
		return utf8.AppendRune(buf, rune(r))
	case c == 'z':
		lx.pos++
		for {
			switch lx.cur() {
			case '\n', '\r':
				lx.newline()
			case ' ', '\t', '\v', '\f':
				lx.pos++
			default:
				return buf
			}
		}
	case isDigit(c):
		v := 0
		for i := 0; i < 3 && isDigit(lx.cur()); i++ {
			v = v*10 + lx.cur() - '0'
			lx.pos++
		}
		if v > 255 {
			bad(invalid)
		}
		return append(buf, byte(v))
	}
	bad(invalid)
	return buf
}

func (lx *lexer) number() {
	start := lx.pos
	exp := byte('e')
	if lx.cur() == '0' && lx.at(1)|0x20 == 'x' {
		exp = 'p'
	}
	for c := lx.cur(); isIdent(c) || c == '.' ||
		(c == '+' || c == '-') && lx.pos > start && lx.src[lx.pos-1]|0x20 == exp; c = lx.cur() {
		lx.pos++
	}
	lx.text = lx.src[start:lx.pos]
	v, ok := ParseNumber(string(lx.text))
	if !ok {
		lx.fail(tNumber, "malformed number")
	}
	lx.num = v
}

func isDigit(c int) bool { return c >= '0' && c <= '9' }

func isIdent(c int) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || isDigit(c) || c >= 128
}

func hexValue(c int) int {
	switch {
	case isDigit(c):
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return -1
}
