package yaml

import (
	"fmt"
	"regexp"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Tag is a %TAG directive for the head of a document.
type Tag struct{ Handle, Prefix string }

var handlePattern = regexp.MustCompile(`^![0-9A-Za-z_-]*!?$`)

// check says what is wrong with a directive, in libyaml's words.
func (t Tag) check() string {
	switch {
	case t.Handle == "":
		return "tag handle must not be empty"
	case t.Handle[0] != '!':
		return "tag handle must start with '!'"
	case t.Handle[len(t.Handle)-1] != '!':
		return "tag handle must end with '!'"
	case len(t.Handle) > 1 && !handlePattern.MatchString(t.Handle):
		return "tag handle must contain alphanumerical characters only"
	case t.Prefix == "":
		return "tag prefix must not be empty"
	}
	return ""
}

// escaped is the prefix as a directive shows it: what is no URI character in
// percent form.
func (t Tag) escaped() string {
	var b strings.Builder
	for _, c := range []byte(t.Prefix) {
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z',
			strings.IndexByte("-;/?:@&=+$,_.~*'()[]", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// decodeTag returns the handle and the prefix of the %TAG directive of the first
// document, nothing when it has none, and nil with a message when it has several.
func decodeTag(L *lua.LState, text string) int {
	var found []Tag
	text = strings.TrimPrefix(text, "\ufeff")
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if line[0] != '%' {
			break
		}
		if words := strings.Fields(line); words[0] == "%TAG" && len(words) >= 3 {
			found = append(found, Tag{words[1], words[2]})
		}
	}
	if len(found) > 0 || strings.HasPrefix(strings.TrimSpace(text), "%") {
		// Directives must be in order, and a document must follow.
		if err := checkHead(text); err != nil {
			L.Push(lua.LNil)
			L.Push(lua.LString(err.Error()))
			return 2
		}
	}
	switch len(found) {
	case 0:
		L.Push(lua.LNil)
		return 1
	case 1:
		L.Push(lua.LString(found[0].Handle))
		L.Push(lua.LString(found[0].Prefix))
	default:
		L.Push(lua.LNil)
		L.Push(lua.LString("can not decode multiple tags"))
	}
	return 2
}
