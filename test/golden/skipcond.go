package golden

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
)

// A NAME.skipcond file beside a test is Python in test-run, run with the test
// as self; "self.skip = 1" skips it. The forms that suites really use are
// understood here: assignments to self.skip, if/elif/else over the platform,
// the user and the environment, joined by and, or and not. Anything else is an
// error of that test: neither running nor skipping it would be honest.

// skipcond evaluates the text of a .skipcond file.
func skipcond(text string) (skip bool, err error) {
	c := &skipScript{}
	for number, raw := range strings.Split(text, "\n") {
		line := strings.TrimRight(stripComment(raw), " \t\r")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := c.line(line); err != nil {
			return false, fmt.Errorf("line %d: %w", number+1, err)
		}
	}
	return c.skip, nil
}

type skipBlock struct {
	indent int
	// active: its statements count. taken: a branch of this if was taken.
	active, taken bool
}

type skipScript struct {
	blocks []skipBlock
	// closed is the block that ended last, for the else that may follow.
	closed []skipBlock
	skip   bool
}

var skipAssignment = regexp.MustCompile(`^self\.skip\s*=\s*(1|0|True|False)$`)

func (c *skipScript) line(line string) error {
	body := strings.TrimLeft(line, " \t")
	indent := len(line) - len(body)
	c.closed = nil
	for len(c.blocks) > 0 && indent <= c.blocks[len(c.blocks)-1].indent {
		last := c.blocks[len(c.blocks)-1]
		c.blocks = c.blocks[:len(c.blocks)-1]
		c.closed = append(c.closed, last)
	}
	outer := len(c.blocks) == 0 || c.blocks[len(c.blocks)-1].active
	if condition, ok := strings.CutPrefix(body, "if "); ok {
		return c.open(indent, outer, false, condition)
	}
	if condition, ok := strings.CutPrefix(body, "elif "); ok {
		before, err := c.branchOf(indent)
		if err != nil {
			return err
		}
		return c.open(indent, outer, before.taken, condition)
	}
	if body == "else:" {
		before, err := c.branchOf(indent)
		if err != nil {
			return err
		}
		return c.open(indent, outer, before.taken, "True:")
	}
	switch {
	case strings.HasPrefix(body, "import "), strings.HasPrefix(body, "from "), body == "pass":
	case skipAssignment.MatchString(body):
		value := skipAssignment.FindStringSubmatch(body)[1]
		if outer {
			c.skip = value == "1" || value == "True"
		}
	default:
		return fmt.Errorf("not understood: %s", body)
	}
	return nil
}

func (c *skipScript) branchOf(indent int) (skipBlock, error) {
	for _, block := range c.closed {
		if block.indent == indent {
			return block, nil
		}
	}
	return skipBlock{}, fmt.Errorf("elif or else without its if")
}

// open begins a block. Its condition is evaluated even where it does not
// count, so that a form that is not understood never hides.
func (c *skipScript) open(indent int, outer, taken bool, condition string) error {
	condition, body, found := strings.Cut(condition, ":")
	if !found {
		return fmt.Errorf("a colon is missing after %q", condition)
	}
	holds, err := skipCondition(condition)
	if err != nil {
		return err
	}
	block := skipBlock{indent: indent, active: outer && !taken && holds, taken: taken || holds}
	c.blocks = append(c.blocks, block)
	if body = strings.TrimSpace(body); body != "" {
		return c.line(strings.Repeat(" ", indent+1) + body)
	}
	return nil
}

func skipCondition(text string) (bool, error) {
	text = strings.TrimSpace(text)
	if left, right, found := strings.Cut(text, " or "); found {
		return skipBoth(left, right, func(a, b bool) bool { return a || b })
	}
	if left, right, found := strings.Cut(text, " and "); found {
		return skipBoth(left, right, func(a, b bool) bool { return a && b })
	}
	if rest, found := strings.CutPrefix(text, "not "); found {
		holds, err := skipCondition(rest)
		return !holds, err
	}
	return skipComparison(text)
}

func skipBoth(left, right string, join func(a, b bool) bool) (bool, error) {
	a, err := skipCondition(left)
	if err != nil {
		return false, err
	}
	b, err := skipCondition(right)
	return join(a, b), err
}

var (
	skipCompare = regexp.MustCompile(`^(.+?)\s*(==|!=)\s*(['"]?)([^'"]*)['"]?$`)
	skipStarts  = regexp.MustCompile(`^sys\.platform\.startswith\(['"](\w+)['"]\)$`)
	skipInEnv   = regexp.MustCompile(`^['"](\w+)['"]\s+(not in|in)\s+os\.environ$`)
	skipGetEnv  = regexp.MustCompile(`^os\.(?:environ\.get|getenv)\(['"](\w+)['"](?:,\s*(?:None|['"]([^'"]*)['"]))?\)$`)
)

func skipComparison(text string) (bool, error) {
	if text == "True" || text == "False" {
		return text == "True", nil
	}
	if m := skipStarts.FindStringSubmatch(text); m != nil {
		return strings.HasPrefix(runtime.GOOS, m[1]), nil
	}
	if m := skipInEnv.FindStringSubmatch(text); m != nil {
		_, set := os.LookupEnv(m[1])
		return set == (m[2] == "in"), nil
	}
	if skipGetEnv.MatchString(text) {
		value, err := skipValue(text)
		return value != "", err
	}
	if m := skipCompare.FindStringSubmatch(text); m != nil {
		value, err := skipValue(m[1])
		return (value == m[4]) == (m[2] == "=="), err
	}
	return false, fmt.Errorf("condition not understood: %s", text)
}

func skipValue(text string) (string, error) {
	switch text {
	case "platform.system()":
		return map[string]string{"linux": "Linux", "darwin": "Darwin", "freebsd": "FreeBSD"}[runtime.GOOS], nil
	case "sys.platform":
		return runtime.GOOS, nil
	case "platform.machine()":
		return map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH], nil
	case "os.getuid()", "os.geteuid()":
		return fmt.Sprint(os.Geteuid()), nil
	}
	if m := skipGetEnv.FindStringSubmatch(text); m != nil {
		if value, set := os.LookupEnv(m[1]); set {
			return value, nil
		}
		return m[2], nil
	}
	return "", fmt.Errorf("value not understood: %s", text)
}

// stripComment removes what follows a # outside of quotes.
func stripComment(line string) string {
	quote := rune(0)
	for i, r := range line {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == '#':
			return line[:i]
		}
	}
	return line
}
