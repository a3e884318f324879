package db

import (
	"shardlua/runtime/tuple"
)

// replaceAll makes the change in every index, or in none. It returns the tuple
// that went.
func (s *Space) replaceAll(old, next *tuple.Tuple, mode replaceMode) (*tuple.Tuple, error) {
	old, err := s.indexes[0].replace(old, next, mode)
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(s.indexes); i++ {
		if _, err := s.indexes[i].replace(old, next, insertNew); err != nil {
			for i--; i >= 0; i-- {
				s.putBack(s.indexes[i], next, old)
			}
			return nil, err
		}
	}
	s.account(old, next)
	return old, nil
}

// restore undoes a change: was is what it put in, back is what it took out.
func (s *Space) restore(was, back *tuple.Tuple) {
	if was == nil && back == nil || s.engine != memtx {
		return
	}
	for _, x := range s.indexes {
		s.putBack(x, was, back)
	}
	s.account(was, back)
}

// putBack cannot fail in an index that held back before.
func (s *Space) putBack(x *Index, was, back *tuple.Tuple) {
	if _, err := x.store.replace(was, back, insertNew); err != nil {
		s.db.fault("undo in index '%s' of space '%s': %v", x.def.Name, s.def.Name, err)
	}
}

func (s *Space) account(gone, come *tuple.Tuple) {
	if gone != nil {
		s.bytes -= int64(gone.BSize())
		s.db.memory.used -= int64(gone.BSize()) + tupleHeader
	}
	if come != nil {
		s.bytes += int64(come.BSize())
		s.db.memory.used += int64(come.BSize()) + tupleHeader
	}
}
