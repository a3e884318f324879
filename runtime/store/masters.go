package store

import (
	"context"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/say"
	"shardlua/runtime/xlog/vclock"
)

// Masters are the other instances of the replica set, from which a database can be had. Their methods are called by the
// fiber that opens the Store, and may wait.
type Masters interface {
	// Bootstrap is asked before a new replica set is made. It may fill the empty database of the instance with what a
	// master sends, and returns the state that that is in; joined is false when this instance is to make the replica
	// set.
	Bootstrap(instance uuid.UUID, fill *db.DB) (at vclock.VClock, joined bool, err error)
	// Rejoin is asked when the files of the instance were recovered up to at. When no master has the logs any more that
	// would bring it up to date, it fills an empty database instead.
	Rejoin(instance uuid.UUID, at vclock.VClock, empty func() *db.DB) (now vclock.VClock, joined bool, err error)
}

// join fills the new database from a master, if there is one, and writes the first snapshot.
func (s *Store) join(ctx context.Context) (at vclock.VClock, joined bool, err error) {
	if s.config.Masters == nil {
		return at, false, nil
	}
	if at, joined, err = s.config.Masters.Bootstrap(s.instance, s.db); err != nil || !joined {
		return at, false, err
	}
	return at, true, s.keepJoined(ctx, at)
}

// rejoin replaces what was recovered when it is too old to be brought up to date.
func (s *Store) rejoin(ctx context.Context, at vclock.VClock) (vclock.VClock, error) {
	if s.config.Masters == nil {
		return at, nil
	}
	now, joined, err := s.config.Masters.Rejoin(s.instance, at, func() *db.DB {
		s.newDB()
		return s.db
	})
	if err != nil || !joined {
		return at, err
	}
	s.id = 0
	return now, s.keepJoined(ctx, now)
}

func (s *Store) keepJoined(ctx context.Context, at vclock.VClock) error {
	if want := s.config.ReplicasetUUID; want != uuid.Nil && want.String() != s.db.ClusterUUID() {
		return boxerr.New(boxerr.ReplicasetUUIDMismatch, want.String(), s.db.ClusterUUID())
	}
	if err := s.findOwn(); err != nil {
		return err
	}
	return s.snapshot(ctx, at, s.db.ReadView())
}

// newDB makes the empty database.
func (s *Store) newDB() {
	s.db = db.New(db.Options{
		Waiter: s.journal, Procedures: s.config.Procedures,
		Fault: func(text string) { s.say(say.Crit, "internal error, please report it: %s", text) },
	})
	if s.config.Prepare != nil {
		s.config.Prepare(s.db)
	}
}
