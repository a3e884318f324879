package ctype

import (
	"fmt"
	"strconv"
	"strings"
)

// token is a word, a number or a mark of a declaration; text is "" at the end.
type token struct {
	text string
	word bool
	num  bool
	str  bool
	val  int64
}

func (t token) near() string {
	if t.text == "" {
		return "<eof>"
	}
	return t.text
}

// scan takes a text apart. Lines of the preprocessor other than #pragma pack are refused.
func scan(text string) ([]token, error) {
	var all []token
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f':
			i++
		case strings.HasPrefix(text[i:], "//"):
			if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(text)
			}
		case strings.HasPrefix(text[i:], "/*"):
			n := strings.Index(text[i:], "*/")
			if n < 0 {
				return nil, fmt.Errorf("unfinished comment")
			}
			i += n + 2
		case c == '#':
			n := strings.IndexByte(text[i:], '\n')
			if n < 0 {
				n = len(text) - i
			}
			if words := strings.Fields(text[i+1 : i+n]); len(words) == 0 || words[0] != "pragma" {
				return nil, fmt.Errorf("unexpected symbol near '#'")
			}
			all = append(all, token{text: "#" + text[i+1:i+n]})
			i += n
		case isLetter(c):
			j := i
			for j < len(text) && (isLetter(text[j]) || isDigit(text[j])) {
				j++
			}
			all = append(all, token{text: text[i:j], word: true})
			i = j
		case isDigit(c):
			j := i
			for j < len(text) && (isLetter(text[j]) || isDigit(text[j]) || text[j] == '.') {
				j++
			}
			digits := strings.TrimRight(text[i:j], "uUlL")
			v, err := strconv.ParseUint(digits, 0, 64)
			if err != nil {
				return nil, fmt.Errorf("malformed number near '%s'", text[i:j])
			}
			all = append(all, token{text: text[i:j], num: true, val: int64(v)})
			i = j
		case c == '\'' || c == '"':
			j := i + 1
			for j < len(text) && text[j] != c {
				if text[j] == '\\' {
					j++
				}
				j++
			}
			if j >= len(text) {
				return nil, fmt.Errorf("unfinished string near '%s'", text[i:])
			}
			t := token{text: text[i : j+1], str: c == '"', num: c == '\''}
			if t.num {
				if s, _, _, err := strconv.UnquoteChar(text[i+1:j], '\''); err == nil {
					t.val = int64(s)
				}
			}
			all = append(all, t)
			i = j + 1
		default:
			n := 1
			for _, mark := range [...]string{"...", "<<", ">>", "&&", "||", "==", "!=", "<=", ">="} {
				if strings.HasPrefix(text[i:], mark) {
					n = len(mark)
					break
				}
			}
			all = append(all, token{text: text[i : i+n]})
			i += n
		}
	}
	return append(all, token{}), nil
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
