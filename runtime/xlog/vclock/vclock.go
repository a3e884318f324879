// Package vclock is the vector clock of a replica set: for each of up to 32 instances, the log sequence number of its
// last change that is known.
//
// The one idea: a VClock is a plain value of fixed size. Copying it is assignment, comparing for identity is ==, and
// the zero value knows nothing. Component 0 counts an instance's own local changes, which are not replicated.
//
//	var v vclock.VClock
//	v.Set(1, 10)
//	v.Set(2, 5)
//	v.String()    // "{1: 10, 2: 5}"
//	v.Signature() // 15
package vclock

import (
	"fmt"
	"strconv"

	"github.com/tinylib/msgp/msgp"
)

// Size is the number of components: instance ids are 0 to Size-1.
const Size = 32

// VClock maps instance ids to log sequence numbers. An absent component is zero.
type VClock struct {
	lsn [Size]int64
}

// Order is how two clocks relate.
type Order int

// The four relations. Concurrent clocks each know something that the other does not.
const (
	Equal Order = iota
	Before
	After
	Concurrent
)

// String names the relation.
func (o Order) String() string {
	switch o {
	case Equal:
		return "equal"
	case Before:
		return "before"
	case After:
		return "after"
	}
	return "concurrent"
}

// Get returns a component, 0 for an id that is out of range.
func (v *VClock) Get(id uint32) int64 {
	if id >= Size {
		return 0
	}
	return v.lsn[id]
}

// Set changes a component. It panics if id is out of range: check foreign ids with Valid.
func (v *VClock) Set(id uint32, lsn int64) { v.lsn[id] = lsn }

// Valid says whether id can be an instance id.
func Valid(id uint32) bool { return id < Size }

// Follow moves a component forward to lsn and returns what it was. A component never goes back.
func (v *VClock) Follow(id uint32, lsn int64) int64 {
	previous := v.lsn[id]
	if lsn > previous {
		v.lsn[id] = lsn
	}
	return previous
}

// Signature is the sum of all components, which names files.
func (v *VClock) Signature() int64 {
	var sum int64
	for _, lsn := range v.lsn {
		sum += lsn
	}
	return sum
}

// IsZero says whether the clock knows nothing.
func (v *VClock) IsZero() bool { return *v == VClock{} }

// Count returns how many components are set.
func (v *VClock) Count() int {
	n := 0
	for _, lsn := range v.lsn {
		if lsn != 0 {
			n++
		}
	}
	return n
}

// Compare relates v to other.
func (v *VClock) Compare(other *VClock) Order { return compare(v.lsn[:], other.lsn[:]) }

// CompareReplicated relates v to other without component 0, as a replica sees them.
func (v *VClock) CompareReplicated(other *VClock) Order { return compare(v.lsn[1:], other.lsn[1:]) }

func compare(a, b []int64) Order {
	order := Equal
	for i := range a {
		switch {
		case a[i] == b[i]:
		case a[i] < b[i]:
			if order == After {
				return Concurrent
			}
			order = Before
		default:
			if order == Before {
				return Concurrent
			}
			order = After
		}
	}
	return order
}

// Merge moves every component forward to at least that of other.
func (v *VClock) Merge(other *VClock) {
	for i, lsn := range other.lsn {
		v.lsn[i] = max(v.lsn[i], lsn)
	}
}

// Intersect moves every component back to at most that of other: what both know.
func (v *VClock) Intersect(other *VClock) {
	for i, lsn := range other.lsn {
		v.lsn[i] = min(v.lsn[i], lsn)
	}
}

// All yields the components that are set, in the order of ids.
func (v *VClock) All() func(yield func(id uint32, lsn int64) bool) {
	return func(yield func(uint32, int64) bool) {
		for id, lsn := range v.lsn {
			if lsn != 0 && !yield(uint32(id), lsn) {
				return
			}
		}
	}
}

// String is the form of file headers and log messages: {1: 10, 2: 5}.
func (v VClock) String() string { return string(v.Append(nil)) }

// Append appends what String returns.
func (v *VClock) Append(dst []byte) []byte {
	dst = append(dst, '{')
	separator := ""
	for id, lsn := range v.All() {
		dst = append(dst, separator...)
		dst = strconv.AppendUint(dst, uint64(id), 10)
		dst = append(dst, ": "...)
		dst = strconv.AppendInt(dst, lsn, 10)
		separator = ", "
	}
	return append(dst, '}')
}

// SyntaxError says where a text stops being a vclock.
type SyntaxError struct{ Offset int }

func (e *SyntaxError) Error() string {
	return "invalid vclock at offset " + strconv.Itoa(e.Offset)
}

// Parse reads what String writes; spaces are free. Errors are *SyntaxError, whose offset counts from 1.
func Parse(text string) (VClock, error) {
	p := parser{text: text}
	v, ok := p.vclock()
	if !ok {
		return VClock{}, &SyntaxError{p.pos + 1}
	}
	return v, nil
}

type parser struct {
	text string
	pos  int
}

func (p *parser) vclock() (v VClock, ok bool) {
	var seen [Size]bool
	if !p.token('{') {
		return v, false
	}
	if p.token('}') {
		return v, p.end()
	}
	for {
		id, ok := p.number(Size - 1)
		if !ok || !p.token(':') {
			return v, false
		}
		lsn, ok := p.number(1<<63 - 1)
		if !ok || seen[id] {
			return v, false
		}
		seen[id] = true
		v.lsn[id] = int64(lsn)
		if p.token('}') {
			return v, p.end()
		}
		if !p.token(',') {
			return v, false
		}
	}
}

func (p *parser) spaces() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
}

func (p *parser) token(c byte) bool {
	p.spaces()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) end() bool {
	p.spaces()
	return p.pos == len(p.text)
}

func (p *parser) number(limit uint64) (uint64, bool) {
	p.spaces()
	end := p.pos
	for end < len(p.text) && p.text[end] >= '0' && p.text[end] <= '9' {
		end++
	}
	n, err := strconv.ParseUint(p.text[p.pos:end], 10, 64)
	if err != nil || n > limit {
		return 0, false
	}
	p.pos = end
	return n, true
}

// AppendMsgpack appends the clock as replication requests carry it, a map of ids to numbers.
func (v *VClock) AppendMsgpack(dst []byte) []byte {
	dst = msgp.AppendMapHeader(dst, uint32(v.Count()))
	for id, lsn := range v.All() {
		dst = msgp.AppendUint32(dst, id)
		dst = msgp.AppendUint64(dst, uint64(lsn))
	}
	return dst
}

// DecodeMsgpack reads what AppendMsgpack writes and returns the bytes behind it.
func DecodeMsgpack(src []byte) (VClock, []byte, error) {
	var v VClock
	n, src, err := msgp.ReadMapHeaderBytes(src)
	if err != nil {
		return VClock{}, nil, fmt.Errorf("vclock: %w", err)
	}
	for range n {
		var id uint32
		var lsn uint64
		if id, src, err = msgp.ReadUint32Bytes(src); err != nil {
			return VClock{}, nil, fmt.Errorf("vclock: instance id: %w", err)
		}
		if lsn, src, err = msgp.ReadUint64Bytes(src); err != nil {
			return VClock{}, nil, fmt.Errorf("vclock: lsn: %w", err)
		}
		if !Valid(id) || lsn > 1<<63-1 {
			return VClock{}, nil, fmt.Errorf("vclock: component %d: %d is out of range", id, lsn)
		}
		v.lsn[id] = int64(lsn)
	}
	return v, src, nil
}
