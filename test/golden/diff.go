package golden

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// paint gives a text one of a terminal's colours, or leaves it as it is.
type paint bool

const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	plain  = "\x1b[0m"
)

func (p paint) in(color, text string) string {
	if !p || text == "" {
		return text
	}
	return color + text + plain
}

// diff shows how the output differs from the golden text, as a unified diff.
func (p paint) diff(wantName, gotName, want, got string) string {
	text := udiff.Unified(wantName, gotName, want, got)
	if !p {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		body, end := strings.TrimSuffix(line, "\n"), ""
		if body != line {
			end = "\n"
		}
		switch {
		case strings.HasPrefix(line, "@@"):
			lines[i] = p.in(cyan, body) + end
		case strings.HasPrefix(line, "+"):
			lines[i] = p.in(green, body) + end
		case strings.HasPrefix(line, "-"):
			lines[i] = p.in(red, body) + end
		}
	}
	return strings.Join(lines, "")
}
