package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// Sequence is what a row of _sequence says, with its place in _sequence_data.
type Sequence struct {
	ID       uint32
	Owner    uint32
	Name     string
	Step     int64
	Min, Max int64
	Start    int64
	Cache    int64
	Cycle    bool

	value   int64
	started bool
	// generated marks a sequence that was made for one space, and goes with it.
	generated bool
}

// boundSequence is a sequence that fills a field of a space's primary key.
type boundSequence struct {
	seq   *Sequence
	field uint32
	path  string
}

// Sequence returns the sequence numbered id, or nil.
func (db *DB) Sequence(id uint32) *Sequence { return db.sequences[id] }

// Current returns the value that Next gave last.
func (q *Sequence) Current() (int64, error) {
	if !q.started {
		return 0, boxerr.New(boxerr.SequenceNotStarted, q.Name)
	}
	return q.value, nil
}

// advance moves the sequence on. A value outside the bounds, which somebody
// set, is followed by the bound that it is behind of.
func (q *Sequence) advance() (int64, error) {
	if !q.started {
		q.started, q.value = true, q.Start
		return q.value, nil
	}
	first, last := q.Min, q.Max
	if q.Step < 0 {
		first, last = q.Max, q.Min
	}
	up := q.Step > 0
	switch next := q.value + q.Step; {
	case up && q.value < q.Min, !up && q.value > q.Max:
		q.value = first
	case up == (next < q.value), up && next > last, !up && next < last:
		if !q.Cycle {
			return 0, boxerr.New(boxerr.SequenceOverflow, q.Name)
		}
		q.value = first
	default:
		q.value = next
	}
	return q.value, nil
}

// observe moves the sequence behind a value that somebody chose himself.
func (q *Sequence) observe(v int64) {
	if !q.started || q.Step > 0 && v > q.value || q.Step < 0 && v < q.value {
		q.started, q.value = true, v
	}
}

// NextSequence moves a sequence on and returns its new value.
func (db *DB) NextSequence(c *Context, id uint32) (int64, error) {
	q, err := db.sequenceFor(c, id, PrivWrite)
	if err != nil {
		return 0, err
	}
	was := *q
	v, err := q.advance()
	if err != nil {
		return 0, err
	}
	if err := db.saveSequence(c, q); err != nil {
		q.value, q.started = was.value, was.started
		return 0, err
	}
	return v, nil
}

// SetSequence makes v the current value: the next is one step on.
func (db *DB) SetSequence(c *Context, id uint32, v int64) error {
	q, err := db.sequenceFor(c, id, PrivWrite)
	if err != nil {
		return err
	}
	was := *q
	q.value, q.started = v, true
	if err := db.saveSequence(c, q); err != nil {
		q.value, q.started = was.value, was.started
		return err
	}
	return nil
}

// ResetSequence makes the sequence start anew.
func (db *DB) ResetSequence(c *Context, id uint32) error {
	q, err := db.sequenceFor(c, id, PrivWrite)
	if err != nil {
		return err
	}
	q.started = false
	key := mp.AppendUint(mp.AppendArrayHeader(nil, 1), uint64(id))
	return c.asAdmin(func() error {
		_, err := db.spaces[sequenceDataID].Delete(c, 0, key)
		return err
	})
}

// saveSequence writes the value down, for recovery and for replicas.
func (db *DB) saveSequence(c *Context, q *Sequence) error {
	return c.asAdmin(func() error {
		_, err := db.spaces[sequenceDataID].Replace(c, q.row())
		return err
	})
}

// row is what _sequence_data says of the sequence.
func (q *Sequence) row() []byte {
	b := mp.AppendUint(mp.AppendArrayHeader(nil, 2), uint64(q.ID))
	return mp.AppendInt(b, q.value)
}

// generate puts the sequence's next value in the place of a nil.
func (s *Space) generate(c *Context, r *request) error {
	if r.data == nil || mp.KindOf(r.data) != mp.Array {
		return nil
	}
	b := s.sequence
	path, err := jsonpath.Parse(b.path, 1)
	if err != nil {
		return err
	}
	n, pos := mp.ArrayHeader(r.data)
	if int(b.field) >= n {
		return nil
	}
	pos += mp.SkipN(r.data[pos:], int(b.field))
	at := r.data[pos:]
	if len(path) > 0 {
		if at = path.Walk(at, -1); at == nil {
			return nil
		}
	}
	pos = len(r.data) - len(at)
	if !mp.IsNil(at) {
		if v, ok := asInt(at); ok {
			b.seq.observe(v)
		}
		return nil
	}
	if r.applied != nil {
		return nil
	}
	if err := s.db.checkObject(c, PrivWrite, KindSequence, b.seq.ID, b.seq.Owner, b.seq.Name); err != nil && !b.seq.generated {
		return err
	}
	v, err := b.seq.advance()
	if err != nil {
		return err
	}
	data := append(make([]byte, 0, len(r.data)+9), r.data[:pos]...)
	data = mp.AppendInt(data, v)
	r.data = append(data, r.data[pos+1:]...)
	c.lastGenerated = v
	return nil
}

func asInt(v []byte) (int64, bool) {
	if k := mp.KindOf(v); k != mp.Uint && k != mp.Int {
		return 0, false
	}
	return mp.Int64(v)
}

// CurrentSequence returns the current value of a sequence.
func (db *DB) CurrentSequence(c *Context, id uint32) (int64, error) {
	q, err := db.sequenceFor(c, id, PrivRead)
	if err != nil {
		return 0, err
	}
	return q.Current()
}

func (db *DB) sequenceFor(c *Context, id uint32, want Priv) (*Sequence, error) {
	q := db.sequences[id]
	if q == nil {
		return nil, boxerr.New(boxerr.NoSuchSequence, id)
	}
	return q, db.checkObject(c, want, KindSequence, q.ID, q.Owner, q.Name)
}
