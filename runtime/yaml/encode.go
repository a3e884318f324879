package yaml

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/serial"
	"shardlua/runtime/serial/yamltext"
	"shardlua/runtime/vm"
)

// depthLimit bounds what __serialize functions can nest; tables themselves are
// finite, for repeated ones become aliases.
const depthLimit = 4096

// Append adds a value as one YAML document. When it fails, dst is as it was.
func Append(dst []byte, L *lua.LState, v lua.LValue, o *serial.Options, tag Tag) ([]byte, error) {
	d := dumper{L: L, o: o, refs: map[*lua.LTable]int{}}
	d.count(v)
	d.w.BeginDocument(tag.Handle, tag.escaped())
	n, err := d.look(v)
	if err != nil {
		return dst, err
	}
	if err := d.dump(&n, yamltext.Inner, 0); err != nil {
		return dst, err
	}
	d.w.EndDocument()
	return append(dst, d.w.Bytes()...), nil
}

// dumper writes one document.
type dumper struct {
	L *lua.LState
	o *serial.Options
	w yamltext.Writer
	// refs holds the tables that were met: seenOnce, repeated, or the number of
	// their anchor.
	refs    map[*lua.LTable]int
	anchors int
	flow    int // compact tables that are open
}

const (
	seenOnce = -1
	repeated = -2
)

// count finds the tables that occur more than once.
func (d *dumper) count(v lua.LValue) {
	t, ok := v.(*lua.LTable)
	if !ok {
		return
	}
	if _, seen := d.refs[t]; seen {
		d.refs[t] = repeated
		return
	}
	d.refs[t] = seenOnce
	for w := serial.Ordered(t); w.Next(); {
		val := w.Val
		d.count(w.Key)
		d.count(val)
	}
}

// node is a value that has been looked at but not written.
type node struct {
	serial.Field
	scalar   yamltext.Scalar
	isScalar bool
	ref      int // of refs, 0 or above for an anchor that exists
	hasRef   bool
}

func (d *dumper) look(v lua.LValue) (n node, err error) {
	if err = serial.Inspect(d.L, d.o, v, &n.Field); err != nil {
		return n, err
	}
	if n.Kind == serial.Raw {
		if n.Field, err = d.text(n.Field); err != nil {
			return n, err
		}
	}
	switch n.Kind {
	case serial.Array, serial.Map:
		n.ref, n.hasRef = d.refs[n.Table]
		n.hasRef = n.hasRef && n.ref != seenOnce
	default:
		n.isScalar = true
		n.scalar = scalarOf(&n.Field, d.o, d.flow > 0)
	}
	return n, nil
}

// text turns a cdata that msgpack knows into what text formats show.
func (d *dumper) text(f serial.Field) (serial.Field, error) {
	err := serial.InspectText(d.L, d.o, f.Cdata, &f)
	return f, err
}

// simple tells whether a node can be a key on one line.
func (n *node) simple() bool {
	switch {
	case n.isScalar:
		return n.scalar.Simple()
	case n.hasRef && n.ref >= 0:
		return true
	}
	return n.Size == 0
}

func (d *dumper) dump(n *node, p yamltext.Place, depth int) error {
	if n.isScalar {
		d.w.Scalar(n.scalar, p)
		return nil
	}
	if n.hasRef {
		if n.ref >= 0 {
			d.w.Alias(n.ref)
			return nil
		}
		d.refs[n.Table] = d.anchors
		d.w.Anchor(d.anchors)
		d.anchors++
	}
	if depth++; depth > depthLimit {
		return &serial.Error{Text: fmt.Sprintf("Too high nest level - %d", depth)}
	}
	if n.Compact {
		d.flow++
		defer func() { d.flow-- }()
	}
	if n.Kind == serial.Array {
		return d.sequence(n, p, depth)
	}
	return d.mapping(n, p, depth)
}

func (d *dumper) sequence(n *node, p yamltext.Place, depth int) error {
	d.w.BeginSequence(n.Compact, n.Size, p)
	for i := range n.Size {
		item, err := d.look(vm.GetInt(n.Table, i+1))
		if err != nil {
			return err
		}
		d.w.Item()
		if err := d.dump(&item, yamltext.Inner, depth); err != nil {
			return err
		}
	}
	d.w.EndSequence()
	return nil
}

func (d *dumper) mapping(n *node, p yamltext.Place, depth int) error {
	d.w.BeginMapping(n.Compact, n.Size, p)
	for w := serial.Ordered(n.Table); w.Next(); {
		val := w.Val
		key, err := d.look(w.Key)
		if err != nil {
			return err
		}
		if err := d.dump(&key, d.w.Key(key.simple()), depth); err != nil {
			return err
		}
		value, err := d.look(val)
		if err != nil {
			return err
		}
		if err := d.dump(&value, d.w.Value(), depth); err != nil {
			return err
		}
	}
	d.w.EndMapping()
	return nil
}

func scalarOf(f *serial.Field, o *serial.Options, flow bool) yamltext.Scalar {
	switch f.Kind {
	case serial.Bool:
		return yamltext.Plain(strconv.FormatBool(f.Bool))
	case serial.Uint:
		return yamltext.Plain(strconv.FormatUint(f.Uint(), 10))
	case serial.Int:
		return yamltext.Plain(strconv.FormatInt(f.Int(), 10))
	case serial.Float, serial.Double:
		return yamltext.Plain(serial.FormatNumber(f.Real(), o.NumberPrecision))
	case serial.String:
		if f.Verbatim {
			return yamltext.Plain(f.Str)
		}
		return stringScalar(f.Str, flow)
	}
	return yamltext.Plain("null")
}

func stringScalar(s string, flow bool) yamltext.Scalar {
	switch {
	case !yamltext.IsText(s):
		return yamltext.Scalar{Text: base64.StdEncoding.EncodeToString([]byte(s)), Tag: "!!binary"}
	case flow:
		return yamltext.Scalar{Text: s, Style: yamltext.SingleQuoted}
	case strings.Contains(s, "\n\n"):
		return yamltext.Scalar{Text: s, Style: yamltext.Literal}
	case isReserved(s) || serial.IsNumeral(s):
		return yamltext.Scalar{Text: s, Style: yamltext.SingleQuoted}
	}
	return yamltext.Plain(s)
}

// isReserved tells whether a plain scalar would be read as null or a boolean.
func isReserved(s string) bool {
	if _, ok := boolean(s); ok {
		return true
	}
	return isNull(s)
}

func isNull(s string) bool { return s == "~" || s == "null" }

func boolean(s string) (value, ok bool) {
	switch s {
	case "true", "yes":
		return true, true
	case "false", "no":
		return false, true
	}
	return false, false
}
