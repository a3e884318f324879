package yamltext

import (
	"unicode"
	"unicode/utf8"
)

// Style is how a scalar would like to be written. It is written in another
// style when its contents or its place do not allow the one asked for.
type Style uint8

// The styles.
const (
	PlainStyle Style = iota
	SingleQuoted
	DoubleQuoted
	Literal
)

// Scalar is a text to write.
type Scalar struct {
	Text  string
	Tag   string // such as "!!binary", usually empty
	Style Style
}

// Plain is a scalar without quotes.
func Plain(text string) Scalar { return Scalar{Text: text} }

// contents says what a text allows.
type contents struct {
	multiline   bool
	plainFlow   bool // plain inside [] and {}
	plainBlock  bool // plain elsewhere
	singleQuote bool
	literal     bool
}

// yamlPrintable is the set of characters that are written as they are.
func yamlPrintable(r rune) bool {
	return r == '\n' || 0x20 <= r && r <= 0x7e || 0xa0 <= r && r < 0xd800 ||
		0xe000 <= r && r <= 0xfffd && r != 0xfeff
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == 0 || isBreak(r) }

// IsText tells whether a string can be written as text. If not, it is written
// as !!binary.
func IsText(s string) bool {
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf, yamlPrintable(r) && r != utf8.RuneError:
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return false
			}
		case r < 0x10000 || !unicode.IsGraphic(r):
			return false
		}
	}
	return true
}

// indicates tells what a character would mean where it stands, outside brackets
// and inside them.
func indicates(r rune, first, blankBefore, blankAfter bool) (block, flow bool) {
	switch r {
	case ':':
		return blankAfter, true
	case '?':
		return first && blankAfter, true
	case ',', '[', ']', '{', '}':
		return first, true
	case '-':
		return first && blankAfter, first && blankAfter
	case '#':
		return first || blankBefore, first || blankBefore
	case '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return first, first
	}
	return false, false
}

func analyze(s string) contents {
	if s == "" {
		return contents{plainBlock: true, singleQuote: true}
	}
	var (
		blockMark, flowMark, breaks, special bool
		spaceEdge, breakEdge, trailingSpace  bool // at the start or the end
		breakThenSpace, spaceThenBreak       bool
		afterSpace, afterBreak               bool
		blankBefore                          = true
	)
	if len(s) >= 3 && (s[:3] == "---" || s[:3] == "...") {
		blockMark, flowMark = true, true
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		first, last := i == 0, i+size == len(s)
		i += size
		blankAfter := true
		if !last {
			next, _ := utf8.DecodeRuneInString(s[i:])
			blankAfter = isBlank(next)
		}
		b, f := indicates(r, first, blankBefore, blankAfter)
		blockMark, flowMark = blockMark || b, flowMark || f
		special = special || !yamlPrintable(r)
		switch {
		case r == ' ':
			spaceEdge = spaceEdge || first || last
			trailingSpace = trailingSpace || last
			breakThenSpace = breakThenSpace || afterBreak
			afterSpace, afterBreak = true, false
		case isBreak(r):
			breaks = true
			breakEdge = breakEdge || first || last
			spaceThenBreak = spaceThenBreak || afterSpace
			afterSpace, afterBreak = false, true
		default:
			afterSpace, afterBreak = false, false
		}
		blankBefore = isBlank(r)
	}
	never := spaceThenBreak || special
	plain := !never && !spaceEdge && !breakEdge && !breakThenSpace && !breaks
	return contents{
		multiline:   breaks,
		plainFlow:   plain && !flowMark,
		plainBlock:  plain && !blockMark,
		singleQuote: !never && !breakThenSpace,
		literal:     !never && !trailingSpace,
	}
}

// resolve picks the style in which a scalar is written at its place.
func (s Scalar) resolve(c contents, flow, key bool) Style {
	style := s.Style
	if key && c.multiline {
		style = DoubleQuoted
	}
	if style == PlainStyle {
		allowed := c.plainBlock
		if flow {
			allowed = c.plainFlow
		}
		if !allowed && !(s.Tag != "" && s.Text == "" && !flow) || s.Text == "" && (flow || key) {
			style = SingleQuoted
		}
	}
	if style == SingleQuoted && !c.singleQuote {
		style = DoubleQuoted
	}
	if style == Literal && (!c.literal || flow || key) {
		style = DoubleQuoted
	}
	return style
}

// Simple tells whether the scalar, with an anchor of that name, is short enough
// to be a key on one line.
func (s Scalar) Simple() bool {
	return len(s.Text)+len(s.Tag) <= maxSimpleKey && !analyze(s.Text).multiline
}

const maxSimpleKey = 128
