package db

import (
	"errors"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
)

// TestTransactionsAreUsedAgain looks for traces of one transaction of a single
// statement in the next.
func TestTransactionsAreUsedAgain(t *testing.T) {
	j := &heldJournal{}
	d, c := modelDB(t, j, nil)
	s := d.Space(modelSpace)
	replace := func(id int) {
		t.Helper()
		if _, err := s.Replace(c, modelWith(id, modelRow{-1, ""}).encode(id)); err != nil {
			t.Fatal(err)
		}
	}
	committed, rolledBack := 0, 0
	var stale *Savepoint
	tr := s.OnReplace.Add(func(c *Context, _ *Space, _, next *tuple.Tuple, _ RowType) error {
		c.Txn().OnCommit.Add(func(*Context, []Change) { committed++ }, nil)
		c.Txn().OnRollback.Add(func(*Context, []Change) { rolledBack++ }, nil)
		var err error
		stale, err = c.Savepoint()
		return err
	}, nil)
	replace(1)
	s.OnReplace.Remove(tr)
	replace(2)
	bad := s.OnReplace.Add(func(*Context, *Space, *tuple.Tuple, *tuple.Tuple, RowType) error {
		if err := c.RollbackTo(stale); !errors.Is(err, boxerr.NoSuchSavepoint) {
			t.Errorf("the savepoint of another transaction: %v", err)
		}
		return errors.New("no")
	}, nil)
	if _, err := s.Replace(c, modelWith(3, modelRow{-1, ""}).encode(3)); err == nil {
		t.Error("the trigger's error is lost")
	}
	s.OnReplace.Remove(bad)
	if committed != 1 || rolledBack != 0 {
		t.Errorf("%d commits and %d rollbacks reported", committed, rolledBack)
	}
	rows := len(j.rows)
	replace(4)
	if _, err := s.Delete(c, 0, []byte{0x91, 4}); err != nil {
		t.Fatal(err)
	}
	if got := j.rows[rows:]; len(got) != 2 || got[0].Type != RowReplace || got[1].Type != RowDelete || got[1].Tuple != nil {
		t.Errorf("journaled: %+v", got)
	}
	if s.Len() != 2 || c.InTxn() {
		t.Error(s.Len(), c.InTxn())
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
}

// instantWaiter is for journals that answer while the fiber is parked.
type instantWaiter func()

func (w instantWaiter) Park(start func(wake func())) {
	woken := false
	start(func() { woken = true })
	for !woken {
		w()
	}
}

// TestLateAnswerOfTheJournal fails a transaction, and gives the journal's
// answer for the one that fell with it only when others are under way.
func TestLateAnswerOfTheJournal(t *testing.T) {
	j := &heldJournal{}
	var inner error
	nested := false
	d, _ := modelDB(t, j, instantWaiter(func() {}))
	s := d.Space(modelSpace)
	j.hold = true
	d.waiter = instantWaiter(func() {
		if !nested {
			// Another fiber submits its own, behind the first.
			nested = true
			_, inner = s.Replace(d.NewContext(AdminID), modelWith(2, modelRow{2, ""}).encode(2))
			return
		}
		if len(j.held) == 2 {
			j.answer(errors.New("disk is full"))
		}
	})
	_, err := s.Replace(d.NewContext(AdminID), modelWith(1, modelRow{1, ""}).encode(1))
	if !errors.Is(err, boxerr.WALIO) || !errors.Is(inner, boxerr.WALIO) {
		t.Fatal(err, inner)
	}
	// The answer for the second is still due, and the third is in flight.
	late := j.held[0]
	j.held, j.queue = nil, nil
	d.waiter = instantWaiter(func() {
		late(errors.New("disk is full"))
		j.answer(nil)
	})
	if _, err := s.Replace(d.NewContext(AdminID), modelWith(3, modelRow{3, ""}).encode(3)); err != nil {
		t.Errorf("the answer for another transaction failed this one: %v", err)
	}
	if s.Len() != 1 {
		t.Errorf("%d tuples", s.Len())
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
}

// TestRightsAreAskedAgain takes a right away that was used before.
func TestRightsAreAskedAgain(t *testing.T) {
	d, c := newDB(t, Options{})
	populate(t, d, c)
	put(t, c, privID, `[1,32,"universe",0,24]`)
	put(t, c, privID, `[1,32,"space",513,3]`)
	joe, s := d.NewContext(32), d.Space(513)
	for range 2 {
		if _, err := s.Select(joe, 0, ALL, 0, 1, nil); err != nil {
			t.Fatal(err)
		}
	}
	joe.SetUID(GuestID)
	if _, err := s.Select(joe, 0, ALL, 0, 1, nil); !errors.Is(err, boxerr.AccessDenied) {
		t.Errorf("as another user: %v", err)
	}
	joe.SetUID(32)
	if _, err := d.Space(privID).Delete(c, 0, pack(t, `[32,"space",513]`)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Select(joe, 0, ALL, 0, 1, nil); !errors.Is(err, boxerr.AccessDenied) {
		t.Errorf("after the right was taken: %v", err)
	}
}
