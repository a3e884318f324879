package csv

import "errors"

// ErrUnclosed says that the text ends inside of quotes.
var ErrUnclosed = errors.New("CSV file has errors")

// parser reads records from text that comes in pieces.
type parser struct {
	delimiter, quote byte

	fields  []string
	field   []byte
	spaces  int  // spaces at the end of field that may be dropped
	started bool // something of this record was seen
	inside  bool // between quotes
	closing bool // the last byte inside of quotes was a quote
	lastCR  bool // the last byte was a carriage return that ended a record
}

// feed reads a piece and calls emit with each record that it completes.
func (p *parser) feed(text string, emit func(fields []string)) {
	for i := range len(text) {
		c := text[i]
		if p.inside && !p.closing {
			if c == p.quote {
				p.closing = true
			} else {
				p.field = append(p.field, c)
			}
			continue
		}
		if p.closing {
			p.closing = false
			if c == p.quote {
				p.field = append(p.field, c)
				continue
			}
			p.inside = false
		}
		p.outside(c, emit)
	}
}

// outside reads a byte that is not between quotes.
func (p *parser) outside(c byte, emit func([]string)) {
	wasCR := p.lastCR
	p.lastCR = false
	switch {
	case c == '\n' && wasCR: // the second half of a line's end
	case c == '\n' || c == '\r':
		p.lastCR = c == '\r'
		p.end(emit)
	case c == p.delimiter:
		p.endField()
		p.started = true
	case c == p.quote:
		p.inside, p.started, p.spaces = true, true, 0
	case c == ' ':
		p.started = true
		if len(p.field) > 0 {
			p.field = append(p.field, c)
			p.spaces++
		}
	default:
		p.field = append(p.field, c)
		p.started, p.spaces = true, 0
	}
}

func (p *parser) endField() {
	p.fields = append(p.fields, string(p.field[:len(p.field)-p.spaces]))
	p.field, p.spaces = p.field[:0], 0
}

// end completes a record; an empty line is a record of one empty field.
func (p *parser) end(emit func([]string)) {
	p.endField()
	emit(p.fields)
	p.fields, p.started = nil, false
}

// finish completes the last record, which needs no newline.
func (p *parser) finish(emit func([]string)) error {
	if p.inside && !p.closing {
		return ErrUnclosed
	}
	p.inside, p.closing = false, false
	if p.started || len(p.fields) > 0 || len(p.field) > 0 {
		p.end(emit)
	}
	return nil
}
