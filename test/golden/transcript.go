package golden

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// layoutHeader opens a result file of version 2 and later.
const layoutHeader = "-- test-run result file version "

// latestLayout is the layout of result files that are written anew.
const latestLayout = 2

// resultLayout tells which layout a result file has. A file that does not
// exist yet gets the latest; one without the header has the first.
func resultLayout(file string) (int, error) {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return latestLayout, nil
	}
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	version, found := strings.CutPrefix(line, layoutHeader)
	if !found {
		return 1, nil
	}
	layout, err := strconv.Atoi(version)
	if err != nil || layout < 1 || layout > latestLayout {
		return 0, fmt.Errorf("%s: result file version %q is not known here, the latest is %d", file, version, latestLayout)
	}
	return layout, nil
}

// transcript is the output of a test as it grows, with the filters that the
// test pushed applied to every line that is written while they are in force.
// It is used from the statement loop and from the inspector.
type transcript struct {
	mu      sync.Mutex
	layout  int
	text    bytes.Buffer
	filters []filter
}

// filter replaces what a pattern matches in a line.
type filter struct {
	pattern     *regexp.Regexp
	replacement string
}

func newTranscript(layout int) *transcript {
	t := &transcript{layout: layout}
	if layout >= 2 {
		fmt.Fprintf(&t.text, "%s%d\n", layoutHeader, layout)
	}
	return t
}

// echo writes a line of the script.
func (t *transcript) echo(text string) { t.write(text) }

// answer writes what the console said.
func (t *transcript) answer(text string) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if t.layout >= 2 {
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		text = " | " + strings.Join(lines, "\n | ") + "\n"
	}
	t.write(text)
}

func (t *transcript) write(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range strings.SplitAfter(text, "\n") {
		filtered := line
		for _, f := range t.filters {
			filtered = f.pattern.ReplaceAllString(filtered, f.replacement)
		}
		// A line that a filter emptied disappears; one that was empty stays.
		if strings.TrimSpace(filtered) == "" && strings.TrimSpace(line) != "" {
			continue
		}
		t.text.WriteString(filtered)
	}
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// pushFilter adds a filter; the pattern is a regular expression in the common
// subset of Python's and RE2's syntax, the replacement refers to groups as \1
// or \g<name>.
func (t *transcript) pushFilter(pattern, replacement string) error {
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("wrong filter %q: %w", pattern, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.filters = append(t.filters, filter{compiled, expandable(replacement)})
	return nil
}

// popFilter drops the filter that was pushed last.
func (t *transcript) popFilter() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.filters) == 0 {
		return fmt.Errorf("no filter to pop")
	}
	t.filters = t.filters[:len(t.filters)-1]
	return nil
}

func (t *transcript) clearFilters() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.filters = nil
}

var groupReference = regexp.MustCompile(`\\(\\|n|t|[0-9]+|g<(\w+)>)`)

// expandable turns a replacement in Python's syntax into one of regexp's.
func expandable(replacement string) string {
	escaped := strings.ReplaceAll(replacement, "$", "$$")
	return groupReference.ReplaceAllStringFunc(escaped, func(ref string) string {
		parts := groupReference.FindStringSubmatch(ref)
		switch {
		case parts[1] == `\`:
			return `\`
		case parts[1] == "n":
			return "\n"
		case parts[1] == "t":
			return "\t"
		case parts[2] != "":
			return "${" + parts[2] + "}"
		}
		return "${" + parts[1] + "}"
	})
}
