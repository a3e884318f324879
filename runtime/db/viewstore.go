package db

import (
	"shardlua/runtime/tuple"
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
		// The owner of a user follows its number. Rights on users and roles themselves show nobody.
		return id == c.uid || id == PublicID || f.id() == c.uid ||
			r.universe&(PrivRead|PrivWrite|PrivDrop|PrivAlter) != 0 ||
			r.on[object{kind: KindSpace, id: userID}]&PrivRead != 0
	case vfuncID:
		return may(KindFunction, id, f.id(), any)
	case vsequenceID:
		return may(KindSequence, id, f.id(), any)
	case vprivID:
		return r.universe&PrivRead != 0 || id == c.uid || f.id() == c.uid
	}
	return true
}

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
