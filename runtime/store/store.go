// Package store keeps the database of an instance on disk: it brings the engine (package db), its files (package xlog)
// and its log (package wal) together.
//
// The one idea: the log is the truth and the baton is the order. What a directory holds becomes the database when the
// Store opens; from then on every transaction goes to the log in the order in which the database made it, is written
// by a goroutine that never touches the database, and its outcome is handed back to the fibers a batch at a time.
//
//	s, err := store.Open(ctx, store.Config{MemtxDir: dir, WALDir: dir, WALMode: wal.Write, Machine: m, Sched: sched})
//	c := s.DB().NewContext(db.AdminID)
//	...
//	err = s.Checkpoint()
//	err = s.Close()
//
// Open, Checkpoint, Close and all others are called with the baton, by a fiber, which they park while the disk works.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/sys"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
	"shardlua/runtime/xlog/wal"
)

// Config says where a Store lives and how it writes. The names are those of box.cfg.
type Config struct {
	// MemtxDir has the snapshots, WALDir the logs; they may be the same. A log is written unless WALMode is None, and
	// what is in WALDir is recovered in every mode.
	MemtxDir string
	WALDir   string
	WALMode  wal.Mode
	// WALMaxSize is the size in bytes at which a log file is followed by the next; zero means 256 MiB.
	WALMaxSize int64
	// ForceRecovery skips what is broken instead of refusing to open.
	ForceRecovery bool
	// InstanceUUID and ReplicasetUUID are what the directory must hold, or what a new one is to have. uuid.Nil accepts
	// what is there, and makes new ones.
	InstanceUUID   uuid.UUID
	ReplicasetUUID uuid.UUID
	Checkpoints    CheckpointPolicy
	// SnapRate is how many bytes of a snapshot are written per second; zero means no limit.
	SnapRate int64
	// ReadOnly refuses to make a new replica set: a read-only instance can only join one.
	ReadOnly bool

	// TooLong is how long a write to the log may take before it is worth a warning.
	TooLong time.Duration

	Machine    sys.Machine
	Sched      *sched.Scheduler
	Procedures db.Procedures
	// Log gets what an operator should know. It may be called from any goroutine, and may be nil.
	Log func(say.Entry)
	// Lock makes sure that nobody else uses a directory. Nil means flock(2) on the directory.
	Lock func(dir string) (release func(), err error)
	// Prepare is called, when not nil, with the empty database before it is filled: to set up what watches it.
	Prepare func(*db.DB)
	// Masters, when not nil, are asked before a new database is made.
	Masters Masters
}

// Store is a database with its files.
type Store struct {
	config   Config
	disk     sys.Disk
	db       *db.DB
	log      *wal.Log
	journal  *journal
	instance uuid.UUID
	id       uint32
	release  func()
	files    *xlog.Collector
	policy   CheckpointPolicy
	rate     int64

	checkpointing bool
	backup        *xlog.Pin
	daemon        *daemon
	closed        bool
}

// Open locks the directory, and recovers what it holds or, when it holds no snapshot, makes a new database. Errors are
// box errors, or those of package xlog, which name the file, the place in it and what to do. Nothing that is in the
// directory is changed when Open fails, apart from the files of a bootstrap that was begun.
func Open(ctx context.Context, config Config) (*Store, error) {
	s := &Store{config: config, disk: config.Machine.Disk, policy: config.Checkpoints, rate: config.SnapRate}
	if s.config.Log == nil {
		s.config.Log = func(say.Entry) {}
	}
	lock := config.Lock
	if lock == nil {
		lock = lockDir
	}
	if _, err := s.disk.Stat(config.MemtxDir); err != nil {
		return nil, noDirectory(config.MemtxDir, err)
	}
	if _, err := s.disk.Stat(config.WALDir); err != nil {
		return nil, noPath(config.WALDir, err)
	}
	release, err := lock(config.WALDir)
	if errors.Is(err, errLocked) {
		return nil, boxerr.New(boxerr.AlreadyRunning, config.WALDir)
	}
	if err != nil {
		return nil, systemError(err)
	}
	s.release = release
	s.journal = newJournal(config.Sched)
	s.journal.slow = slowWrites{clock: config.Machine.Clock, log: s.config.Log, threshold: config.TooLong}
	s.newDB()
	if err := s.fill(ctx); err != nil {
		release()
		return nil, err
	}
	return s, nil
}

// fill makes the database what the directory says.
func (s *Store) fill(ctx context.Context) error {
	snaps := xlog.Dir{Disk: s.disk, Path: s.config.MemtxDir, Type: xlog.Snapshot}
	list, err := snaps.List(s.config.ForceRecovery, s.events)
	if err != nil {
		return recoveryError(err)
	}
	var at vclock.VClock
	if len(list) == 0 {
		at, err = s.bootstrap(ctx)
	} else if at, err = s.recover(ctx, list[len(list)-1]); err == nil {
		at, err = s.rejoin(ctx, at)
	}
	if err != nil {
		return err
	}
	logs := xlog.Dir{Disk: s.disk, Path: s.config.WALDir, Type: xlog.Log, Instance: s.instance}
	snaps.Instance = s.instance
	if s.files, err = xlog.NewCollector(snaps, logs, max(1, s.policy.Count), s.events); err != nil {
		return recoveryError(err)
	}
	s.log, err = wal.Open(wal.Config{
		Dir: s.config.WALDir, Mode: s.config.WALMode, Instance: s.instance, InstanceID: s.id, VClock: at,
		MaxSize: s.config.WALMaxSize, Disk: s.disk, Clock: s.config.Machine.Clock, Events: s.walEvents,
		AfterBatch: s.journal.handOver, MakeRoom: s.makeRoom, ManualResume: true, Gather: gather,
	})
	if err != nil {
		return systemError(err)
	}
	s.journal.start(s.log, s.config.WALMode == wal.None)
	s.db.SetJournal(s.journal)
	return nil
}

// DB is the database.
func (s *Store) DB() *db.DB { return s.db }

// Log is the write-ahead log, for relays.
func (s *Store) Log() *wal.Log { return s.log }

// Files are the snapshots and logs that are kept, for relays to pin what they need.
func (s *Store) Files() *xlog.Collector { return s.files }

// InstanceUUID is the instance's own.
func (s *Store) InstanceUUID() uuid.UUID { return s.instance }

// InstanceID is the instance's number in the replica set, 0 while it has none.
func (s *Store) InstanceID() uint32 { return s.id }

// SetInstanceID changes the number that own rows are written with.
func (s *Store) SetInstanceID(id uint32) {
	s.id = id
	s.db.SetReplicaID(id)
	if s.log != nil {
		s.log.SetInstanceID(id)
	}
}

// VClock is the state that is written.
func (s *Store) VClock() vclock.VClock { return s.log.VClock() }

// Close writes what is under way, ends the log and lets the directory go. Transactions that come later fail.
func (s *Store) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.daemon != nil {
		s.daemon.stop()
	}
	var err error
	s.await(func() { err = s.log.Close() })
	s.journal.stop()
	s.release()
	return err
}

// await runs f on another goroutine while the calling fiber waits.
func (s *Store) await(f func()) {
	await(s.config.Sched, f)
}

func await(sc *sched.Scheduler, f func()) {
	sc.Current().Await(func(done func()) {
		go func() {
			defer done()
			f()
		}()
	})
}

// findOwn looks the instance up in _cluster.
func (s *Store) findOwn() error {
	cluster := s.db.SpaceByName("_cluster")
	rows, err := cluster.Select(s.db.NewContext(db.AdminID), 0, db.ALL, 0, vclock.Size, nil)
	if err != nil {
		return err
	}
	for _, t := range rows {
		data := t.Data()
		_, size := mp.ArrayHeader(data)
		data = data[size:]
		size = mp.Skip(data)
		id, _ := mp.Uint64(data[:size])
		if string(mp.Bytes(data[size:])) == s.instance.String() {
			s.id = uint32(id)
			s.db.SetReplicaID(s.id)
		}
	}
	return nil
}

// say logs for the calling fiber.
func (s *Store) say(level say.Level, format string, args ...any) {
	e := say.Entry{Level: level, Message: fmt.Sprintf(format, args...)}
	if f := s.config.Sched.Current(); f != nil {
		e.FiberID, e.FiberName = f.ID(), f.Name()
	}
	s.config.Log(e)
}

// events logs what package xlog tells, for the calling fiber.
func (s *Store) events(e xlog.Event) { s.say(levelOf(e), "%s", s.dotted(e.Text)) }

// walEvents logs what the log's goroutine tells.
func (s *Store) walEvents(e xlog.Event) { s.cord("wal", levelOf(e), "%s", s.dotted(e.Text)) }

// dotted writes the names of files in the working directory as Tarantool does, with the dot that filepath.Join drops.
func (s *Store) dotted(text string) string {
	if s.config.MemtxDir != "." && s.config.WALDir != "." {
		return text
	}
	return strings.NewReplacer("`0", "`./0", "removed 0", "removed ./0").Replace(text)
}

// cord logs for a goroutine that Tarantool has a thread for.
func (s *Store) cord(name string, level say.Level, format string, args ...any) {
	s.config.Log(say.Entry{Level: level, Message: fmt.Sprintf(format, args...), Cord: name, FiberID: 101, FiberName: "main"})
}

func levelOf(e xlog.Event) say.Level {
	switch e.Level {
	case xlog.Warn:
		return say.Warn
	case xlog.Error:
		return say.Error
	}
	return say.Info
}

// CheckpointPolicy says when snapshots are made and how many are kept.
type CheckpointPolicy struct {
	// Interval is the time between two snapshots; zero means that time makes none.
	Interval time.Duration
	// WALThreshold is how many bytes of log make a snapshot due; zero means that their number makes none.
	WALThreshold int64
	// Count is how many snapshots are kept, at least 1.
	Count int
}
