package yaml

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	yamlv3 "go.yaml.in/yaml/v3"

	"shardlua/runtime/luamp"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Decode makes Lua values of all documents of a text.
func Decode(L *lua.LState, text string, o *serial.Options) (values []lua.LValue, err error) {
	l := loader{L: L, o: o, hints: serial.HintsOf(L)}
	dec := yamlv3.NewDecoder(strings.NewReader(text))
	for document := 1; ; document++ {
		root, err := nextDocument(dec, document)
		if err != nil {
			return nil, err
		}
		if root == nil {
			return values, nil
		}
		l.anchors = map[*yamlv3.Node]*lua.LTable{}
		v, err := l.value(root, 0)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
}

// nextDocument reads a document, nil at the end. The library's faults, should it
// have any, are the text's.
func nextDocument(dec *yamlv3.Decoder, document int) (root *yamlv3.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, &serial.Error{Text: fmt.Sprintf("malformed text at document: %d", document)}
		}
	}()
	var doc yamlv3.Node
	err = dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, complaint(dec, err, document)
	case len(doc.Content) == 0:
		return &yamlv3.Node{Kind: yamlv3.ScalarNode}, nil
	}
	return doc.Content[0], nil
}

var (
	located       = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)
	unknownAnchor = regexp.MustCompile(`^yaml: unknown anchor '(.*)' referenced$`)
)

// complaint puts the library's error into Tarantool's form.
func complaint(dec *yamlv3.Decoder, err error, document int) error {
	text := err.Error()
	if m := unknownAnchor.FindStringSubmatch(text); m != nil {
		return &serial.Error{Text: "invalid reference: " + m[1]}
	}
	if f, ok := faultOf(dec); ok {
		if f.outside {
			document--
		}
		return &serial.Error{Text: f.String(document)}
	}
	if m := located.FindStringSubmatch(text); m != nil {
		return &serial.Error{Text: fmt.Sprintf("%s at document: %d, line: %s\n", m[2], document, m[1])}
	}
	return &serial.Error{Text: fmt.Sprintf("%s at document: %d\n", strings.TrimPrefix(text, "yaml: "), document)}
}

// checkHead reports what is wrong with the directives of a text.
func checkHead(text string) error {
	_, err := nextDocument(yamlv3.NewDecoder(strings.NewReader(text)), 1)
	return err
}

type loader struct {
	L       *lua.LState
	o       *serial.Options
	hints   *serial.Hints
	anchors map[*yamlv3.Node]*lua.LTable
}

func (l *loader) value(n *yamlv3.Node, depth int) (lua.LValue, error) {
	if depth > depthLimit {
		return nil, &serial.Error{Text: fmt.Sprintf("Too high nest level - %d", depth)}
	}
	switch n.Kind {
	case yamlv3.ScalarNode:
		return l.scalar(n)
	case yamlv3.AliasNode:
		// Only collections can be referred to.
		if t := l.anchors[n.Alias]; t != nil {
			return t, nil
		}
		return nil, &serial.Error{Text: "invalid reference: " + n.Value}
	case yamlv3.SequenceNode:
		return l.sequence(n, depth+1)
	}
	return l.mapping(n, depth+1)
}

func (l *loader) sequence(n *yamlv3.Node, depth int) (lua.LValue, error) {
	t := l.L.NewTable()
	l.anchors[n] = t
	for i, item := range n.Content {
		v, err := l.value(item, depth)
		if err != nil {
			return nil, err
		}
		t.RawSetInt(i+1, v)
	}
	if l.o.DecodeSaveMetatables {
		t.Metatable = l.hints.Array
	}
	return t, nil
}

func (l *loader) mapping(n *yamlv3.Node, depth int) (lua.LValue, error) {
	t := l.L.NewTable()
	l.anchors[n] = t
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, err := l.value(n.Content[i], depth)
		if err != nil {
			return nil, err
		}
		v, err := l.value(n.Content[i+1], depth)
		if err != nil {
			return nil, err
		}
		if num, ok := k.(lua.LNumber); ok && num != num {
			return nil, &serial.Error{Text: "table index is NaN"}
		}
		vm.RawSet(t, k, v)
	}
	if l.o.DecodeSaveMetatables {
		t.Metatable = l.hints.Map
	}
	return t, nil
}

const standardTag = "!!"

// scalar applies an explicit tag, or guesses what a plain scalar is.
func (l *loader) scalar(n *yamlv3.Node) (lua.LValue, error) {
	text := n.Value
	if n.Style&yamlv3.TaggedStyle != 0 && strings.HasPrefix(n.Tag, standardTag) {
		switch strings.TrimPrefix(n.Tag, standardTag) {
		case "str":
			return lua.LString(text), nil
		case "int":
			return luamp.SignedInteger(integerPrefix(text)), nil
		case "float":
			v, _ := number(text)
			if v == nil {
				return lua.LNumber(0), nil
			}
			return v, nil
		case "bool":
			v, _ := boolean(text)
			return lua.LBool(v), nil
		case "binary":
			return lua.LString(binary(text)), nil
		}
	}
	if n.Style&(yamlv3.SingleQuotedStyle|yamlv3.DoubleQuotedStyle|yamlv3.LiteralStyle|yamlv3.FoldedStyle) != 0 || text == "" {
		return lua.LString(text), nil
	}
	if isNull(text) {
		return vm.Null, nil
	}
	if v, ok := boolean(text); ok {
		return lua.LBool(v), nil
	}
	if v, ok := number(text); ok {
		if n, is := v.(lua.LNumber); is && !l.o.DecodeInvalidNumbers && (n != n || math.IsInf(float64(n), 0)) {
			return nil, &serial.Error{Text: "number must not be NaN or Inf"}
		}
		return v, nil
	}
	return lua.LString(text), nil
}

// binary reads base64, skipping what is none.
func binary(text string) []byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	text, _, _ = strings.Cut(text, "=")
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(alphabet, r) {
			return r
		}
		return -1
	}, text)
	if len(digits)%4 == 1 {
		digits = digits[:len(digits)-1]
	}
	out, _ := base64.RawStdEncoding.DecodeString(digits)
	return out
}

var (
	decimalInteger = regexp.MustCompile(`^[-+]?[0-9]+$`)
	realNumber     = regexp.MustCompile(`(?i)^[-+]?(0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(p[-+]?[0-9]+)?|` +
		`([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?|inf|infinity|nan(\([0-9a-z_]*\))?)$`)
)

// number reads what C's strtoll, strtoull and strtod read.
func number(text string) (lua.LValue, bool) {
	if decimalInteger.MatchString(text) {
		return integer(text), true
	}
	if !realNumber.MatchString(text) {
		return nil, false
	}
	bare := strings.TrimLeft(text, "+-")
	lower := strings.ToLower(bare)
	var n float64
	switch {
	case lower[0] == 'n':
		n = math.NaN()
	case strings.HasPrefix(lower, "0x") && !strings.Contains(lower, "p"):
		n, _ = strconv.ParseFloat(lower+"p0", 64)
	default:
		n, _ = strconv.ParseFloat(lower, 64)
	}
	if text[0] == '-' {
		n = -n
	}
	return lua.LNumber(n), true
}

// integer reads digits; those beyond 64 bits become the nearest that fits.
func integer(text string) lua.LValue {
	text = strings.TrimPrefix(text, "+")
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && n < math.MaxInt64 || text[0] == '-' {
		return luamp.SignedInteger(n)
	}
	u, _ := strconv.ParseUint(text, 10, 64)
	return luamp.Integer(u)
}

var leadingInteger = regexp.MustCompile(`^\s*[-+]?[0-9]+`)

func integerPrefix(text string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSpace(leadingInteger.FindString(text)), 10, 64)
	return n
}
