package json

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// token is a kind of token, by the name that error messages show.
type token string

const (
	beginObject token = "T_OBJ_BEGIN"
	endObject   token = "T_OBJ_END"
	beginArray  token = "T_ARR_BEGIN"
	endArray    token = "T_ARR_END"
	stringToken token = "T_STRING"
	uintToken   token = "T_UINT"
	intToken    token = "T_INT"
	numberToken token = "T_NUMBER"
	boolToken   token = "T_BOOLEAN"
	nullToken   token = "T_NULL"
	colon       token = "T_COLON"
	comma       token = "T_COMMA"
	endToken    token = "T_END"
)

// What a scanner finds instead of a token. The message takes the place of the
// token's name.
const (
	invalid        token = "invalid token"
	unexpectedEnd  token = "unexpected end of string"
	invalidEscape  token = "invalid escape code"
	invalidUnicode token = "invalid unicode escape code"
)

// scanner cuts a text into tokens.
type scanner struct {
	text     string
	pos      int  // after the token
	anything bool // NaN and infinities are numbers

	kind  token
	start int // where the token, or the fault in it, is
	// Line breaks that separate tokens count as lines; those in strings do not.
	lines     int
	lineStart int
	str       string
	num       float64
	uint      uint64
	int       int64
	truth     bool
	buf       []byte
}

// next reads a token into the scanner.
func (s *scanner) next() {
	for s.pos < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.pos]) >= 0 {
		if s.text[s.pos] == '\n' {
			s.lines++
			s.lineStart = s.pos + 1
		}
		s.pos++
	}
	s.start = s.pos
	if s.pos == len(s.text) {
		s.kind = endToken
		return
	}
	s.kind = invalid
	switch c := s.text[s.pos]; c {
	case 0:
		s.kind = endToken
	case '{':
		s.punctuation(beginObject)
	case '}':
		s.punctuation(endObject)
	case '[':
		s.punctuation(beginArray)
	case ']':
		s.punctuation(endArray)
	case ':':
		s.punctuation(colon)
	case ',':
		s.punctuation(comma)
	case '"':
		s.quoted()
	case 't':
		s.truth = true
		s.word("true", boolToken)
	case 'f':
		s.truth = false
		s.word("false", boolToken)
	case 'n':
		if !s.word("null", nullToken) {
			s.strange("nan", math.NaN())
		}
	case 'i':
		s.strange("inf", math.Inf(1))
	case '-':
		if !s.strange("-inf", math.Inf(-1)) && !s.strange("-nan", math.NaN()) {
			s.number()
		}
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		s.number()
	}
}

func (s *scanner) punctuation(kind token) {
	s.kind = kind
	s.pos++
}

func (s *scanner) word(w string, kind token) bool {
	if !strings.HasPrefix(s.text[s.pos:], w) {
		return false
	}
	s.kind = kind
	s.pos += len(w)
	return true
}

// strange reads NaN or an infinity.
func (s *scanner) strange(w string, n float64) bool {
	if !s.anything || !s.word(w, numberToken) {
		return false
	}
	s.num = n
	return true
}

func (s *scanner) digits(i int) int {
	for i < len(s.text) && '0' <= s.text[i] && s.text[i] <= '9' {
		i++
	}
	return i
}

func (s *scanner) at(i int) byte {
	if i < len(s.text) {
		return s.text[i]
	}
	return 0
}

// number reads the longest number that is there. Leading zeros and hexadecimal
// digits are refused.
func (s *scanner) number() {
	first := s.pos
	if s.text[first] == '-' {
		first++
	}
	whole := s.digits(first)
	if whole == first || s.text[first] == '0' && (whole > first+1 || s.at(whole)|0x20 == 'x') {
		return
	}
	end := whole
	if s.at(end) == '.' {
		end = s.digits(end + 1)
	}
	if s.at(end)|0x20 == 'e' {
		i := end + 1
		if s.at(i) == '+' || s.at(i) == '-' {
			i++
		}
		if after := s.digits(i); after > i {
			end = after
		}
	}
	digits := s.text[s.pos:end]
	s.pos = end
	if end > whole {
		s.kind = numberToken
		s.num, _ = strconv.ParseFloat(digits, 64)
		return
	}
	// Integers beyond 64 bits become the nearest that fits.
	s.kind = intToken
	n, err := strconv.ParseInt(digits, 10, 64)
	if err == nil && n < math.MaxInt64 || digits[0] == '-' {
		s.int = n
		return
	}
	s.kind = uintToken
	s.uint, _ = strconv.ParseUint(digits, 10, 64)
}

func (s *scanner) fail(kind token, at int) {
	s.kind = kind
	s.start = at
}

// quoted reads a string. Control characters in it are taken as they are.
func (s *scanner) quoted() {
	s.buf = s.buf[:0]
	i := s.pos + 1
	start := i
	for {
		if i >= len(s.text) || s.text[i] == 0 {
			s.fail(unexpectedEnd, i)
			return
		}
		switch s.text[i] {
		case '"':
			s.kind = stringToken
			s.str = s.text[start:i]
			if len(s.buf) > 0 {
				s.str = string(append(s.buf, s.str...))
			}
			s.pos = i + 1
			return
		case '\\':
			s.buf = append(s.buf, s.text[start:i]...)
			size := s.escape(i)
			if size == 0 {
				return
			}
			i += size
			start = i
		default:
			i++
		}
	}
}

// escape reads an escape and returns its length, 0 when it is none.
func (s *scanner) escape(i int) int {
	const plain, meaning = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := s.at(i + 1)
	if c == 'u' {
		return s.unicode(i)
	}
	if k := strings.IndexByte(plain, c); k >= 0 && c != 0 {
		s.buf = append(s.buf, meaning[k])
		return 2
	}
	s.fail(invalidEscape, i)
	return 0
}

func (s *scanner) codeUnit(i int) (rune, bool) {
	if i+6 > len(s.text) || s.text[i] != '\\' || s.text[i+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s.text[i+2:i+6], 16, 32)
	return rune(n), err == nil
}

func (s *scanner) unicode(i int) int {
	r, ok := s.codeUnit(i)
	size := 6
	if ok && utf16.IsSurrogate(r) {
		low, _ := s.codeUnit(i + 6)
		r = utf16.DecodeRune(r, low)
		ok = r != utf8.RuneError
		size = 12
	}
	if !ok {
		s.fail(invalidUnicode, i)
		return 0
	}
	s.buf = utf8.AppendRune(s.buf, r)
	return size
}
