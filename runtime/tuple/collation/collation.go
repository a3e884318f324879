// Package collation holds the orders that strings can be compared in: the byte
// order and the Unicode ones of Tarantool's space _collation.
//
// The one idea: a *Collation is immutable and safe to share; what it needs while
// comparing it takes from a pool of its own.
//
// The tables are golang.org/x/text/collate's, which has no reordering of scripts:
// where ICU puts a locale's own script before Latin (uk, sr, mk, ...), here Latin
// stays first.
package collation

import (
	"errors"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Collation is one row of _collation with the means to compare by it.
type Collation struct {
	ID     uint32
	Name   string
	Owner  uint32
	Type   string // "BINARY" or "ICU"
	Locale string
	Opts   Options

	pool *sync.Pool
}

// New makes a collation. It fails when locale names nothing.
func New(id uint32, name string, owner uint32, typ, locale string, opts Options) (*Collation, error) {
	c := &Collation{ID: id, Name: name, Owner: owner, Type: typ, Locale: locale, Opts: opts}
	if typ == TypeBinary {
		return c, nil
	}
	if _, err := parseLocale(locale); err != nil {
		return nil, err
	}
	c.prepare(locale)
	return c, nil
}

// prepare puts off what is slow, loading the locale's tables, to the first
// comparison: an instance has hundreds of collations and uses one or two.
func (c *Collation) prepare(locale string) {
	options := c.Opts.collators()
	c.pool = &sync.Pool{New: func() any {
		tag, err := parseLocale(locale)
		if err != nil {
			tag = language.Und
		}
		return &worker{collator: collate.New(tag, options...)}
	}}
}

type worker struct {
	collator *collate.Collator
	buffer   collate.Buffer
}

// IsBinary reports whether strings are ordered by their bytes. It is true for nil.
func (c *Collation) IsBinary() bool { return c == nil || c.pool == nil }

// Compare orders two strings: below zero when a comes first.
func (c *Collation) Compare(a, b string) int {
	if c.IsBinary() {
		return strings.Compare(a, b)
	}
	if a == b {
		return 0
	}
	w := c.pool.Get().(*worker)
	r := w.collator.CompareString(a, b)
	c.pool.Put(w)
	return r
}

// Key adds to b bytes that are equal for strings that compare equal.
func (c *Collation) Key(b []byte, s string) []byte {
	if c.IsBinary() {
		return append(b, s...)
	}
	w := c.pool.Get().(*worker)
	b = append(b, w.collator.KeyFromString(&w.buffer, s)...)
	w.buffer.Reset()
	c.pool.Put(w)
	return b
}

// parseLocale reads an ICU locale such as "zh_u_co_zhuyin".
func parseLocale(locale string) (language.Tag, error) {
	if locale == "" {
		return language.Und, nil
	}
	tag, err := language.Parse(strings.ReplaceAll(locale, "_", "-"))
	var unknown language.ValueError
	if errors.As(err, &unknown) {
		// ICU has the root's order for a language that it does not know.
		return tag, nil
	}
	return tag, err
}
