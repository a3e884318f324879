package golden

import (
	"fmt"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// sameOutput tells whether a transcript equals the golden text. With strict
// that means the same bytes; without, the keys of a YAML mapping may come in
// another order, because stock Tarantool prints them in hash order. Nothing
// else is free: quoting, block or flow style and the text of every scalar
// must be the same.
func sameOutput(got, want string, strict bool) bool {
	if got == want {
		return true
	}
	if strict {
		return false
	}
	gotParts, wantParts := splitAnswers(got), splitAnswers(want)
	if len(gotParts) != len(wantParts) {
		return false
	}
	for i, part := range gotParts {
		if part == wantParts[i] {
			continue
		}
		if !part.yaml || !wantParts[i].yaml || !sameDocument(part.text, wantParts[i].text) {
			return false
		}
	}
	return true
}

// answerPart is a stretch of a transcript: a YAML document or what lies
// between two of them.
type answerPart struct {
	text string
	yaml bool
}

// splitAnswers finds the console's answers in a transcript of either layout.
func splitAnswers(text string) []answerPart {
	var parts []answerPart
	var open []string
	prefix := ""
	other := func(line string) {
		if n := len(parts); n > 0 && !parts[n-1].yaml {
			parts[n-1].text += line
			return
		}
		parts = append(parts, answerPart{text: line})
	}
	for _, line := range strings.SplitAfter(text, "\n") {
		bare := strings.TrimRight(line, "\n")
		switch {
		case open == nil && (bare == "---" || bare == " | ---"):
			prefix = strings.TrimSuffix(bare, "---")
			open = []string{line}
		case open == nil:
			other(line)
		case bare == prefix+"...":
			document := ""
			for _, l := range append(open, line) {
				document += strings.TrimPrefix(l, prefix)
			}
			parts = append(parts, answerPart{text: document, yaml: true})
			open = nil
		default:
			open = append(open, line)
		}
	}
	for _, line := range open {
		other(line)
	}
	return parts
}

// sameDocument compares two YAML documents up to the order of keys.
func sameDocument(a, b string) bool {
	if letters(a) != letters(b) {
		return false
	}
	var left, right yaml.Node
	if yaml.Unmarshal([]byte(a), &left) != nil || yaml.Unmarshal([]byte(b), &right) != nil {
		return false
	}
	return canonical(&left) == canonical(&right)
}

// letters counts the bytes of a text other than white space. Another order of
// keys moves bytes and may fold lines elsewhere, but neither adds nor drops
// one; this catches what the parser forgives.
func letters(text string) [256]int {
	var count [256]int
	for i := range len(text) {
		if c := text[i]; c != ' ' && c != '\n' {
			count[c]++
		}
	}
	return count
}

// canonical renders a node with its styles, and mappings sorted by key.
func canonical(node *yaml.Node) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d/%d/%q/%q/%q(", node.Kind, node.Style, node.Tag, node.Anchor, node.Value)
	children := make([]string, 0, len(node.Content))
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			children = append(children, canonical(node.Content[i])+"="+canonical(node.Content[i+1]))
		}
		sort.Strings(children)
	} else {
		for _, child := range node.Content {
			children = append(children, canonical(child))
		}
	}
	out.WriteString(strings.Join(children, ","))
	out.WriteString(")")
	return out.String()
}
