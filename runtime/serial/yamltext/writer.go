package yamltext

import (
	"strconv"
	"unicode/utf8"
)

const (
	width = 80 // columns after which words go to the next line
	step  = 2  // columns of one level of indentation
)

// Place is where a node stands, as far as it changes how it is written.
type Place uint8

// The places. Inner is that of items and of the document itself.
const (
	Inner     Place = iota
	Value           // value of a mapping
	Key             // key that follows "?"
	SimpleKey       // key on one line with its value
)

// Writer writes one document after another. The zero Writer is ready for use.
type Writer struct {
	out []byte

	column    int
	indent    int
	levels    []level
	inFlow    int
	blank     bool // the last character was white space
	indention bool // the line holds nothing but indentation and indicators
}

// level is a collection that is open.
type level struct {
	indent int // what it was outside
	flow   bool
	empty  bool // no item or key yet
	simple bool // the last key was on one line
	place  Place
}

// Bytes is what has been written; it is good until the next write.
func (w *Writer) Bytes() []byte { return w.out }

// Reset forgets what has been written.
func (w *Writer) Reset() { *w = Writer{out: w.out[:0], levels: w.levels[:0]} }

// BeginDocument opens a document, with a %TAG directive unless handle is empty.
func (w *Writer) BeginDocument(handle, prefix string) {
	w.column, w.blank, w.indention = 0, true, true
	w.indent = -1
	if handle != "" {
		w.put("%TAG ")
		w.put(handle)
		w.put(" ")
		w.put(prefix)
		w.indention = false
		w.newline()
	}
	w.newline()
	w.indicator("---", true, false, false)
}

// EndDocument closes the document.
func (w *Writer) EndDocument() {
	w.newline()
	w.indicator("...", true, false, false)
	w.newline()
}

// Anchor names the node that follows.
func (w *Writer) Anchor(n int) {
	w.indicator("&", true, false, false)
	w.put(strconv.Itoa(n))
}

// Alias stands for the node with that anchor.
func (w *Writer) Alias(n int) {
	w.indicator("*", true, false, false)
	w.put(strconv.Itoa(n))
}

// BeginSequence opens a sequence. An empty one is written as [].
func (w *Writer) BeginSequence(flow bool, size int, p Place) {
	w.begin("[", flow || size == 0, p)
}

// BeginMapping opens a mapping. An empty one is written as {}.
func (w *Writer) BeginMapping(flow bool, size int, p Place) {
	w.begin("{", flow || size == 0, p)
}

func (w *Writer) begin(bracket string, flow bool, p Place) {
	flow = flow || w.inFlow > 0
	w.levels = append(w.levels, level{indent: w.indent, flow: flow, empty: true, place: p})
	if flow {
		w.indicator(bracket, true, true, false)
		w.deepen(true, false)
		w.inFlow++
		return
	}
	// A sequence that is the value of a simple key is not indented.
	dash := bracket == "[" && p != Inner && !w.indention
	w.deepen(false, dash)
}

func (w *Writer) deepen(flow, stay bool) {
	switch {
	case w.indent < 0 && flow:
		w.indent = step
	case w.indent < 0:
		w.indent = 0
	case !stay:
		w.indent += step
	}
}

// EndSequence closes the sequence.
func (w *Writer) EndSequence() { w.end("]") }

// EndMapping closes the mapping.
func (w *Writer) EndMapping() { w.end("}") }

func (w *Writer) end(bracket string) {
	l := w.levels[len(w.levels)-1]
	w.levels = w.levels[:len(w.levels)-1]
	w.indent = l.indent
	if l.flow {
		w.inFlow--
		w.indicator(bracket, false, false, false)
	}
}

// Item begins the next item of the sequence.
func (w *Writer) Item() {
	l := &w.levels[len(w.levels)-1]
	if l.flow {
		w.comma(l)
		return
	}
	w.newline()
	w.indicator("-", true, false, true)
}

func (w *Writer) comma(l *level) {
	if !l.empty {
		w.indicator(",", false, false, false)
	}
	l.empty = false
	if w.column > width {
		w.newline()
	}
}

// Key begins the next pair of the mapping; the key follows, at the place that is
// returned. Simple says that it fits one line.
func (w *Writer) Key(simple bool) Place {
	l := &w.levels[len(w.levels)-1]
	l.simple = simple
	if l.flow {
		w.comma(l)
	} else {
		w.newline()
	}
	if simple {
		return SimpleKey
	}
	w.indicator("?", true, false, !l.flow)
	return Key
}

// Value ends the key; the value follows.
func (w *Writer) Value() Place {
	l := &w.levels[len(w.levels)-1]
	switch {
	case l.simple:
		w.indicator(":", false, false, false)
	case l.flow:
		if w.column > width {
			w.newline()
		}
		w.indicator(":", true, false, false)
	default:
		w.newline()
		w.indicator(":", true, false, true)
	}
	return Value
}

// put adds ASCII without line breaks.
func (w *Writer) put(s string) {
	w.out = append(w.out, s...)
	w.column += len(s)
}

func (w *Writer) putRune(r rune) {
	w.out = utf8.AppendRune(w.out, r)
	w.column++
}

func (w *Writer) lineBreak() {
	w.out = append(w.out, '\n')
	w.column, w.blank, w.indention = 0, true, true
}

// putBreak adds a line break that is part of a text.
func (w *Writer) putBreak(r rune) {
	if r == '\n' {
		w.lineBreak()
		return
	}
	w.putRune(r)
	w.column = 0
}

// newline goes to where a new node can begin: on this line, if it holds nothing
// but indentation, or else on the next.
func (w *Writer) newline() {
	indent := max(w.indent, 0)
	if !w.indention || w.column > indent || w.column == indent && !w.blank {
		w.lineBreak()
	}
	for w.column < indent {
		w.put(" ")
	}
	w.blank, w.indention = true, true
}

func (w *Writer) indicator(s string, needBlank, isBlank, keepsIndention bool) {
	if needBlank && !w.blank {
		w.put(" ")
	}
	w.put(s)
	w.blank = isBlank
	w.indention = w.indention && keepsIndention
}
