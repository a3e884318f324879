package db

import (
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// viewSources are the spaces that the _v* spaces show.
var viewSources = map[uint32]uint32{
	vcollationID: collationID, vspaceID: spaceID, vsequenceID: sequenceID,
	vindexID: indexID, vfuncID: funcID, vuserID: userID, vprivID: privID,
}

// viewStore is an index of a _v* space: the one with the same number of the
// space behind it. What the user may not see is left out by whoever reads.
type viewStore struct {
	db     *DB
	source uint32
	index  uint32
}

func (v *viewStore) behind() store { return v.db.spaces[v.source].Index(v.index).store }

func (v *viewStore) replace(_, _ *tuple.Tuple, _ replaceMode) (*tuple.Tuple, error) {
	return nil, nil
}
func (v *viewStore) get(k Key) *tuple.Tuple                { return v.behind().get(k) }
func (v *viewStore) cursor(typ IteratorType, k Key) cursor { return v.behind().cursor(typ, k) }
func (v *viewStore) view() func(func(*tuple.Tuple) bool)   { return func(func(*tuple.Tuple) bool) {} }
func (v *viewStore) len() int                              { return v.behind().len() }
func (v *viewStore) at(i int) *tuple.Tuple                 { return v.behind().at(i) }
func (v *viewStore) bytes() int64                          { return 0 }
func (v *viewStore) sorted() bool                          { return true }

func (v *viewStore) check() error                      { return nil }
func (v *viewStore) entries(*tuple.Tuple) (int, error) { return 0, nil }

// visible reports whether the context's user may see a row of a _v* space: what
// is his, and what he has any right on.
func (s *Space) visible(c *Context, t *tuple.Tuple) bool {
	if c.uid == AdminID {
		return true
	}
	db := s.db
	r := db.rightsOf(c.uid)
	f := fieldsOf(t)
	id := f.id()
	may := func(kind string, id, owner uint32, by Priv) bool {
		return r.universe&by != 0 || owner == c.uid ||
			(r.on[object{kind: kind, whole: true}]|r.on[object{kind: kind, id: id}])&by != 0
	}
	const any = PrivAll &^ (PrivUsage | PrivSession)
	switch s.def.ID {
	case vspaceID, vindexID:
		if r.universe&(PrivRead|PrivCreate|PrivDrop|PrivAlter|PrivExecute) != 0 && r.universe&PrivRead != 0 {
			return true
		}
		target := db.spaces[id]
		return target != nil && may(KindSpace, id, target.def.Owner, any)
	case vuserID:
		return id == c.uid || may(KindUser, id, f.id(), any) || may(KindRole, id, AdminID, any)
	case vfuncID:
		return may(KindFunction, id, f.id(), any)
	case vsequenceID:
		return may(KindSequence, id, f.id(), any)
	case vprivID:
		return r.universe&PrivRead != 0 || id == c.uid || f.id() == c.uid
	}
	return true
}

// sequenceStore is the index of _sequence_data: the values that the sequences
// have now, which rows only report.
type sequenceStore struct {
	db     *DB
	format func() *tuple.Format
}

func (q *sequenceStore) row(s *Sequence) *tuple.Tuple {
	b := mp.AppendInt(mp.AppendUint(mp.AppendArrayHeader(nil, 2), uint64(s.ID)), s.value)
	t, err := tuple.New(q.format(), b)
	if err != nil {
		q.db.fault("row of _sequence_data: %v", err)
	}
	return t
}

func (q *sequenceStore) all() []*tuple.Tuple {
	var rows []*tuple.Tuple
	for _, s := range q.db.Sequences() {
		if s.started {
			rows = append(rows, q.row(s))
		}
	}
	return rows
}

func (q *sequenceStore) replace(old, next *tuple.Tuple, _ replaceMode) (*tuple.Tuple, error) {
	if old == nil && next != nil {
		if s := q.db.sequences[fieldsOf(next).id()]; s != nil && s.started {
			return q.row(s), nil
		}
	}
	return old, nil
}

func (q *sequenceStore) get(k Key) *tuple.Tuple {
	id, _ := asUint(k.parts)
	if s := q.db.sequences[uint32(id)]; s != nil && s.started {
		return q.row(s)
	}
	return nil
}

func (q *sequenceStore) cursor(_ IteratorType, k Key) cursor {
	if k.n > 0 {
		if t := q.get(k); t != nil {
			return &listCursor{left: []*tuple.Tuple{t}}
		}
		return &listCursor{}
	}
	return &listCursor{left: q.all()}
}

func (q *sequenceStore) view() func(func(*tuple.Tuple) bool) {
	rows := q.all()
	return func(visit func(*tuple.Tuple) bool) {
		for _, t := range rows {
			if !visit(t) {
				return
			}
		}
	}
}

func (q *sequenceStore) len() int              { return len(q.all()) }
func (q *sequenceStore) at(i int) *tuple.Tuple { return q.all()[i] }
func (q *sequenceStore) bytes() int64          { return 0 }
func (q *sequenceStore) sorted() bool          { return false }

func (q *sequenceStore) check() error                      { return nil }
func (q *sequenceStore) entries(*tuple.Tuple) (int, error) { return 1, nil }

// listCursor gives the tuples of a list.
type listCursor struct{ left []*tuple.Tuple }

func (l *listCursor) next() *tuple.Tuple {
	if len(l.left) == 0 {
		return nil
	}
	t := l.left[0]
	l.left = l.left[1:]
	return t
}
