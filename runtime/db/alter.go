package db

import (
	"sort"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
)

// change is a new definition of a space, on its way to replace the old one.
type change struct {
	db    *DB
	space *Space
	def   SpaceDef
	defs  []IndexDef
	// truncate begins every index anew.
	truncate bool
}

// indexDefs lists the definitions of the space's indexes.
func (s *Space) indexDefs() []IndexDef {
	defs := make([]IndexDef, len(s.indexes))
	for i, x := range s.indexes {
		defs[i] = x.def
	}
	return defs
}

// apply checks the space's tuples against the new definition, builds what
// indexes need building, and puts all of it in place. The statement gets what
// undoes it.
func (ch *change) apply(c *Context, st *stmt) error {
	s := ch.space
	sort.Slice(ch.defs, func(i, j int) bool { return ch.defs[i].ID < ch.defs[j].ID })
	indexes, err := ch.newIndexes()
	if err != nil {
		return err
	}
	keys := make([]*tuple.KeyDef, 0, len(indexes))
	for _, x := range indexes {
		if x.def.FuncID == 0 {
			keys = append(keys, x.kd)
		}
	}
	format, err := tuple.NewFormat(ch.def.Fields, keys, int(ch.def.FieldCount))
	if err != nil {
		return err
	}
	if !ch.db.recovering || len(s.indexes) > 0 {
		if err := ch.checkTuples(format, indexes); err != nil {
			return err
		}
	}
	if err := ch.fill(c, st, indexes); err != nil {
		return err
	}
	old := *s
	s.def, s.indexes, s.format = ch.def, indexes, format
	if ch.truncate {
		s.bytes = 0
	}
	ch.db.rename(s, old.def.Name)
	ch.db.schemaVersion++
	st.onUndo(func() {
		name, bytes := s.def.Name, s.bytes
		s.def, s.indexes, s.format = old.def, old.indexes, old.format
		s.bytes = bytes
		if ch.truncate {
			s.bytes = old.bytes
		}
		ch.db.rename(s, name)
		ch.db.schemaVersion++
	})
	return nil
}

// rename keeps the map of names right when s was called was before.
func (db *DB) rename(s *Space, was string) {
	if s.def.Name != was {
		if db.spaceNames[was] == s {
			delete(db.spaceNames, was)
		}
		db.spaceNames[s.def.Name] = s
	}
}

// newIndexes makes the indexes of the new definition; those that stay as they
// are keep their stores.
func (ch *change) newIndexes() ([]*Index, error) {
	var pk *Index
	indexes := make([]*Index, 0, len(ch.defs))
	for i := range ch.defs {
		x, err := ch.newIndex(&ch.defs[i], pk)
		if err != nil {
			return nil, err
		}
		if x.def.ID == 0 {
			pk = x
		}
		indexes = append(indexes, x)
	}
	return indexes, nil
}

func (ch *change) newIndex(def *IndexDef, pk *Index) (*Index, error) {
	kd, err := tuple.NewKeyDef(def.Parts)
	if err != nil {
		return nil, err
	}
	x := &Index{space: ch.space, def: *def, kd: kd, cmp: kd}
	if pk != nil {
		x.primaryKD = pk.kd
	}
	if pk != nil && (!def.Unique || kd.IsMultikey()) {
		x.cmp = kd.Merge(pk.kd)
	}
	if pk != nil && def.Unique && kd.IsNullable() {
		x.cmp = kd.MergeUnique(pk.kd)
	} else if def.Unique {
		x.cmp = kd
	}
	if def.FuncID != 0 {
		// A snapshot has _index before _func; _func_index then binds the two.
		if x.fn = ch.db.functions[def.FuncID]; x.fn == nil && !ch.db.recovering {
			return nil, boxerr.New(boxerr.NoSuchFunction, def.FuncID)
		}
	}
	if old := ch.space.Index(def.ID); old != nil && !ch.truncate && old.sameOrder(x) && samePrimary(ch.space, pk, x) {
		if old.def.Name == def.Name && string(old.def.Opts) == string(def.Opts) {
			return old, nil
		}
		x.store = old.store
	}
	return x, nil
}

// sameOrder reports whether both indexes keep the same tuples in the same way.
func (x *Index) sameOrder(y *Index) bool {
	return x.def.Type == y.def.Type && x.def.Unique == y.def.Unique && x.fn == y.fn &&
		sameParts(x.kd, y.kd)
}

// sameParts reports whether two keys order alike. That one takes nil where the
// other does not is no difference, but that tuples have several keys is.
func sameParts(a, b *tuple.KeyDef) bool { return a.Equal(b) }

// samePrimary reports whether the ties of x are still broken the same way.
func samePrimary(s *Space, pk, x *Index) bool {
	if x.def.ID == 0 || x.cmp == x.kd {
		return true
	}
	old := s.primary()
	return old != nil && pk != nil && old.kd.Equal(pk.kd)
}

// checkTuples verifies that the tuples there are obey the new format.
func (ch *change) checkTuples(format *tuple.Format, indexes []*Index) error {
	pk := ch.space.primary()
	if pk == nil || ch.truncate || pk.store.len() == 0 || !ch.stricter(indexes) {
		return nil
	}
	var err error
	pk.store.view()(func(t *tuple.Tuple) bool {
		_, err = tuple.New(format, t.Data())
		return err == nil
	})
	return err
}

// stricter reports whether the new format could refuse what the old one took.
func (ch *change) stricter(indexes []*Index) bool {
	if string(ch.def.Format) != string(ch.space.def.Format) || ch.def.FieldCount != ch.space.def.FieldCount {
		return true
	}
	for _, x := range indexes {
		if x.store == nil || ch.space.Index(x.def.ID) != x {
			return true
		}
	}
	return false
}

// fill builds the indexes that have no store yet from the primary's tuples.
func (ch *change) fill(c *Context, st *stmt, indexes []*Index) error {
	pk := ch.space.primary()
	for _, x := range indexes {
		if x.store != nil {
			continue
		}
		x.store = ch.db.newStore(x)
		if pk == nil || ch.truncate || pk.store.len() == 0 || ch.space.engine != memtx {
			continue
		}
		if c != nil && c.txn != nil && c.txn.stmts[0] != st {
			return boxerr.New(boxerr.MultistatementTransaction, "index build")
		}
		var err error
		pk.store.view()(func(t *tuple.Tuple) bool {
			_, err = x.replace(nil, t, insertNew)
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// newStore makes an empty store of the kind that the index needs.
func (db *DB) newStore(x *Index) store {
	switch {
	case x.space.engine == sysview:
		return &viewStore{db: db, source: viewSources[x.space.def.ID], index: x.def.ID}
	case x.def.Type == Hash:
		return newHashStore(x)
	case x.fn != nil:
		return newFunctionalStore(x)
	case x.kd.IsMultikey():
		return newMultikeyStore(x)
	}
	if hint := hintFor(x.kd.Parts()[0]); hint != nil {
		return newHintedStore(x, hint)
	}
	return newPlainStore(x)
}
