package wal

import (
	"errors"
	"fmt"
	"slices"

	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
)

// assign numbers the rows of a transaction and moves the clock over them, unless it refuses them.
//
// The transaction's number is the LSN of its first row that is replicated, or of its first row if none is. A
// transaction whose last row is local gets a NOP behind it, because the row that ends the transaction must reach the
// replicas. Rows that come from another instance keep their numbers; local rows that a trigger added to them go
// before them, for the same reason.
func assign(tx *Tx, v *vclock.VClock, id uint32) error {
	if len(tx.Rows) == 0 {
		return errors.New("a transaction without rows")
	}
	remote := slices.ContainsFunc(tx.Rows, func(r xlog.Row) bool { return r.ReplicaID != 0 })
	if remote {
		next := *v
		if err := assignRemote(tx, &next); err != nil {
			return err
		}
		*v = next
	} else {
		assignOwn(tx, v, id)
	}
	last := len(tx.Rows) - 1
	for i := range tx.Rows {
		tx.Rows[i].IsCommit = i == last
	}
	return nil
}

func assignOwn(tx *Tx, v *vclock.VClock, id uint32) {
	last := len(tx.Rows) - 1
	if tx.Rows[last].GroupID == xlog.GroupLocal {
		replicated := slices.ContainsFunc(tx.Rows, func(r xlog.Row) bool { return r.GroupID != xlog.GroupLocal })
		if replicated {
			tx.Rows = append(tx.Rows, xlog.Row{Type: xlog.Nop})
		}
	}
	var tsn int64
	for i := range tx.Rows {
		row := &tx.Rows[i]
		if row.GroupID != xlog.GroupLocal {
			row.ReplicaID = id
		}
		row.LSN = v.Get(row.ReplicaID) + 1
		v.Set(row.ReplicaID, row.LSN)
		if tsn == 0 && row.GroupID != xlog.GroupLocal {
			tsn = row.LSN
		}
	}
	if tsn == 0 {
		tsn = tx.Rows[0].LSN
	}
	for i := range tx.Rows {
		tx.Rows[i].TSN = tsn
	}
}

func assignRemote(tx *Tx, v *vclock.VClock) error {
	slices.SortStableFunc(tx.Rows, func(a, b xlog.Row) int { return foreign(&a) - foreign(&b) })
	var tsn int64
	for i := range tx.Rows {
		row := &tx.Rows[i]
		switch {
		case row.ReplicaID == 0 && row.GroupID != xlog.GroupLocal:
			return errors.New("a transaction mixes rows of another instance with replicated rows of this one")
		case row.ReplicaID == 0:
			row.LSN = v.Get(0) + 1
		case !vclock.Valid(row.ReplicaID):
			return fmt.Errorf("invalid replica id %d", row.ReplicaID)
		case row.LSN <= v.Get(row.ReplicaID):
			return fmt.Errorf("row %d of replica %d is in the log already, which is at %s", row.LSN, row.ReplicaID, v.String())
		}
		v.Set(row.ReplicaID, row.LSN)
		if tsn == 0 && row.ReplicaID != 0 {
			if tsn = row.TSN; tsn == 0 {
				tsn = row.LSN
			}
		}
	}
	for i := range tx.Rows {
		tx.Rows[i].TSN = tsn
	}
	return nil
}

func foreign(r *xlog.Row) int {
	if r.ReplicaID != 0 {
		return 1
	}
	return 0
}
