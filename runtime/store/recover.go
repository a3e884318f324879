package store

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
)

// bootstrap makes the database of a new replica set, and its first snapshot.
func (s *Store) bootstrap(ctx context.Context) (at vclock.VClock, err error) {
	cluster := s.config.ReplicasetUUID
	s.instance = s.config.InstanceUUID
	for _, id := range []*uuid.UUID{&cluster, &s.instance} {
		if *id == uuid.Nil {
			*id = uuid.New()
		}
	}
	s.say(say.Info, "instance uuid %s", s.instance)
	if at, joined, err := s.join(ctx); err != nil || joined {
		return at, err
	}
	if s.config.ReadOnly {
		return at, boxerr.New(boxerr.BootstrapReadonly)
	}
	s.say(say.Info, "initializing an empty data directory")
	if err := s.refuseOrphans(); err != nil {
		return at, err
	}
	if err := s.db.Bootstrap(cluster.String(), s.instance.String()); err != nil {
		return at, err
	}
	s.id = 1
	s.say(say.Info, "assigned id %d to replica %s", s.id, s.instance)
	s.say(say.Info, "cluster uuid %s", cluster)
	return at, s.writeSnapshot(ctx, at)
}

// refuseOrphans refuses to start a new history where logs of an older one lie: Tarantool starts and ignores them, and
// whoever lost a snapshot finds out when it is too late.
func (s *Store) refuseOrphans() error {
	logs, err := xlog.Dir{Disk: s.disk, Path: s.config.WALDir, Type: xlog.Log}.List(true, nil)
	if err != nil {
		return systemError(err)
	}
	for _, file := range logs {
		r, err := xlog.OpenReader(s.disk, file.Path, xlog.ReaderOptions{Force: true})
		if err != nil {
			continue
		}
		_, err = r.Next()
		_ = r.Close()
		if err == nil {
			return boxerr.New(boxerr.MissingSnapshot).At(file.Path, 0)
		}
	}
	return nil
}

// recover fills the database from a snapshot and the logs after it, and returns the state that it has reached.
func (s *Store) recover(ctx context.Context, snap xlog.File) (vclock.VClock, error) {
	var at vclock.VClock
	s.instance = snap.Meta.Instance
	if want := s.config.InstanceUUID; want != uuid.Nil && want != s.instance {
		return at, boxerr.New(boxerr.InstanceUUIDMismatch, want.String(), s.instance.String())
	}
	s.say(say.Info, "instance uuid %s", s.instance)
	logs, err := xlog.NewRecovery(xlog.RecoveryConfig{
		Disk: s.disk, Dir: s.config.WALDir, Instance: s.instance, From: snap.Meta.VClock,
		Force: s.config.ForceRecovery, Events: s.events,
	})
	if err != nil {
		return at, recoveryError(err)
	}
	defer logs.Close()
	s.say(say.Info, "recovery start")
	if err := s.recoverSnapshot(ctx, snap); err != nil {
		return at, err
	}
	if err := s.findOwn(); err != nil {
		return at, err
	}
	s.say(say.Info, "cluster uuid %s", s.db.ClusterUUID())
	known := s.id
	s.sayAssigned()
	if err := s.recoverLogs(ctx, logs); err != nil {
		return at, err
	}
	if err := s.findOwn(); err != nil {
		return at, err
	}
	if s.id != known {
		s.sayAssigned()
	}
	if want := s.config.ReplicasetUUID; want != uuid.Nil && want.String() != s.db.ClusterUUID() {
		return at, boxerr.New(boxerr.ReplicasetUUIDMismatch, want.String(), s.db.ClusterUUID())
	}
	return logs.VClock(), nil
}

func (s *Store) sayAssigned() {
	if s.id != 0 {
		s.say(say.Info, "assigned id %d to replica %s", s.id, s.instance)
	}
}

// errUnapplied marks an error of the database, as opposed to one of the file.
type errUnapplied struct {
	row *xlog.Row
	err error
}

func (e *errUnapplied) Error() string {
	return fmt.Sprintf("can't apply row %d of replica %d (%s): %v", e.row.LSN, e.row.ReplicaID, e.row.Type, e.err)
}

func (e *errUnapplied) Unwrap() error { return e.err }

// apply gives rows to the database, and steps aside for other fibers now and then.
type applier struct {
	s     *Store
	ctx   context.Context
	fiber *sched.Fiber
	count int
	row   db.Row
}

// rowsPerYield is how many rows are recovered before other fibers get a turn.
const rowsPerYield = 32000

func (a *applier) apply(r *xlog.Row) error {
	if a.count++; a.count%rowsPerYield == 0 {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		if err := a.fiber.Yield(); err != nil {
			return err
		}
		if a.count%1_000_000 < rowsPerYield {
			a.s.say(say.Info, "%.1fM rows processed", float64(a.count)/1e6)
		}
	}
	switch r.Type {
	case xlog.Confirm, xlog.Rollback:
		return nil // of synchronous replication: what was confirmed or undone is so in the rows that follow
	}
	a.row = db.Row{
		Type: db.RowType(r.Type), GroupID: r.GroupID, ReplicaID: r.ReplicaID, LSN: r.LSN, TSN: r.TSN,
		Commit: r.IsCommit, Timestamp: r.Timestamp,
	}
	err := a.row.ParseBody(r.Body)
	if err == nil {
		err = a.s.db.Recover(&a.row)
	}
	if err == nil {
		return nil
	}
	failure := &errUnapplied{row: r, err: err}
	if a.s.config.ForceRecovery {
		a.s.say(say.Error, "%v", failure)
		return nil
	}
	return failure
}

func (s *Store) recoverSnapshot(ctx context.Context, snap xlog.File) error {
	s.say(say.Info, "%s", s.dotted("recovering from `"+snap.Path+"'"))
	a := &applier{s: s, ctx: ctx, fiber: s.config.Sched.Current()}
	_, err := xlog.ReadSnapshot(s.disk, snap.Path, s.config.ForceRecovery, s.events, a.apply)
	var unapplied *errUnapplied
	if errors.As(err, &unapplied) {
		return fmt.Errorf("%s: %w", snap.Path, err)
	}
	return recoveryError(err)
}

func (s *Store) recoverLogs(ctx context.Context, logs *xlog.Recovery) error {
	a := &applier{s: s, ctx: ctx, fiber: s.config.Sched.Current()}
	for {
		rows, err := logs.Next()
		if err == io.EOF {
			more, err := logs.Finish()
			if err != nil {
				return recoveryError(err)
			}
			if !more {
				return nil
			}
			continue
		}
		if err != nil {
			return recoveryError(err)
		}
		for i := range rows {
			if err := a.apply(&rows[i]); err != nil {
				return err
			}
		}
	}
}
