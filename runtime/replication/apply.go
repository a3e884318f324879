package replication

import (
	"errors"
	"fmt"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/xlog"
)

const adminID = db.AdminID

// waitEvery is how many transactions are given to the log before the applier waits for one: that bounds what is on its
// way, and lets other fibers run.
const waitEvery = 128

// context is the fiber's way into the database; triggers that scripts have set find their transaction in it.
func (a *applier) context(f *sched.Fiber) *db.Context {
	d := a.set.local.DB()
	if c, ok := f.Txn.(*db.Context); ok && a.of == d {
		return c
	}
	c := d.NewContext(db.AdminID)
	c.Session, a.of = a.session, d
	f.Txn, f.OnYield, f.OnEnd = c, c.OnYield, c.OnFiberEnd
	return c
}

// applyTx applies a transaction, unless it came by another way already: what the log has numbered is there, and no
// other fiber runs between the look at that and our own submission.
func (a *applier) applyTx(f *sched.Fiber, tx transaction) error {
	s := a.set
	if a.broken != nil {
		return a.broken
	}
	have := s.local.Log().Assigned()
	if last := &tx[len(tx)-1]; have.Get(last.ReplicaID) >= last.LSN {
		a.signalAck()
		a.checkStep()
		return nil
	}
	if first := &tx[0]; have.Get(first.ReplicaID) >= first.LSN {
		return boxerr.New(boxerr.InvalidOrder, first.ReplicaID, have.Get(first.ReplicaID), first.LSN)
	}
	c := a.context(f)
	if err := c.Begin(); err != nil {
		return err
	}
	schema := s.local.DB().SchemaVersion()
	for i := range tx {
		if err := a.applyRow(c, &tx[i]); err != nil {
			s.say(say.Error, "error applying row: %s", describe(&tx[i]))
			if undo := c.Rollback(); undo != nil {
				s.say(say.Crit, "can't roll back: %v", undo)
			}
			return err
		}
	}
	if s.config.SchemaChanged != nil && s.local.DB().SchemaVersion() != schema {
		s.config.SchemaChanged()
	}
	if a.unwaited++; a.unwaited%waitEvery != 0 {
		err := c.CommitThen(a.committed)
		if err != nil {
			a.committed(err)
		}
		return err
	}
	err := c.Commit()
	a.committed(err)
	return err
}

// committed is told how a transaction went. When the log could not take it, whoever has skipped rows because they were
// on their way there must not go on: all appliers stop.
func (a *applier) committed(err error) {
	if err == nil {
		a.signalAck()
		a.checkStep()
		return
	}
	for _, other := range a.set.appliers {
		other.broken = err
		other.hangUp()
	}
}

// applyRow applies one row. A key that is there already may be passed over, by configuration.
func (a *applier) applyRow(c *db.Context, row *xlog.Row) error {
	r, err := dbRow(row)
	if err != nil {
		return err
	}
	d := a.set.local.DB()
	if err := refuseSync(d, row, r); err != nil {
		return err
	}
	err = d.Apply(c, r)
	if err == nil || !a.set.options.SkipConflict || !errors.Is(err, boxerr.TupleFound) {
		return err
	}
	a.set.say(say.Error, "%v", err)
	nop := &db.Row{Type: db.RowNop, GroupID: r.GroupID, ReplicaID: r.ReplicaID, LSN: r.LSN, TSN: r.TSN, Commit: r.Commit,
		Timestamp: r.Timestamp}
	return d.Apply(c, nop)
}

// refuseSync returns an error for rows of synchronous replication.
func refuseSync(d *db.DB, row *xlog.Row, r *db.Row) error {
	if row.Type == xlog.Confirm || row.Type == xlog.Rollback {
		return boxerr.New(boxerr.Unsupported, "shardlua", "synchronous replication")
	}
	if r != nil {
		if space := d.Space(r.SpaceID); space != nil && space.Def().Sync {
			return boxerr.New(boxerr.Unsupported, "shardlua", fmt.Sprintf("synchronous replication, which space '%s' asks for", space.Name()))
		}
	}
	return nil
}

// dbRow is a row as the database wants it.
func dbRow(row *xlog.Row) (*db.Row, error) {
	if row.Type == xlog.Confirm || row.Type == xlog.Rollback {
		return nil, nil
	}
	if row.Type > 0xff {
		return nil, boxerr.New(boxerr.UnknownRequestType, uint32(row.Type))
	}
	r := &db.Row{Type: db.RowType(row.Type), GroupID: row.GroupID, ReplicaID: row.ReplicaID, LSN: row.LSN, TSN: row.TSN,
		Commit: row.IsCommit, Timestamp: row.Timestamp}
	return r, r.ParseBody(row.Body)
}

// describe shows a row in an error message.
func describe(row *xlog.Row) string {
	names := map[xlog.Type]string{xlog.Insert: "INSERT", xlog.Replace: "REPLACE", xlog.Update: "UPDATE", xlog.Delete: "DELETE",
		xlog.Upsert: "UPSERT", xlog.Nop: "NOP", xlog.Confirm: "CONFIRM", xlog.Rollback: "ROLLBACK"}
	name := names[row.Type]
	if name == "" {
		name = fmt.Sprint(uint32(row.Type))
	}
	text := fmt.Sprintf("{type: '%s', replica_id: %d, lsn: %d", name, row.ReplicaID, row.LSN)
	if r, err := dbRow(row); err == nil && r != nil {
		text += fmt.Sprintf(", space_id: %d, index_id: %d", r.SpaceID, r.IndexID)
	}
	return text + "}"
}
