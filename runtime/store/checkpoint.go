package store

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/say"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
)

// Checkpoint writes a snapshot of the database as it is now, and removes the files that nobody needs any more.
func (s *Store) Checkpoint(ctx context.Context) error {
	if s.checkpointing {
		return boxerr.New(boxerr.CheckpointInProgress)
	}
	s.checkpointing = true
	defer func() { s.checkpointing = false }()
	at := s.log.Assigned()
	if list := s.files.Checkpoints(); len(list) > 0 && list[len(list)-1].VClock == at {
		return nil
	}
	// The view has the transactions that wait for the log. They are in the snapshot only if all of them get there.
	view, failures := s.db.ReadView(), s.journal.failures
	var err error
	s.await(func() { _, err = s.log.Rotate() })
	s.journal.drain()
	if s.journal.failures != failures {
		return boxerr.New(boxerr.CheckpointRollback)
	}
	if err != nil {
		return systemError(err)
	}
	written := s.journal.written.Load()
	if err := s.snapshot(ctx, at, view); err != nil {
		return err
	}
	s.journal.written.Add(-written)
	s.files.AddCheckpoint(at)
	s.collect()
	if s.daemon != nil {
		s.daemon.checkpointDone()
	}
	return nil
}

// CheckpointInProgress tells whether a snapshot is being written.
func (s *Store) CheckpointInProgress() bool { return s.checkpointing }

// writeSnapshot writes the first snapshot.
func (s *Store) writeSnapshot(ctx context.Context, at vclock.VClock) error {
	return s.snapshot(ctx, at, s.db.ReadView())
}

func (s *Store) snapshot(ctx context.Context, at vclock.VClock, view *db.ReadView) error {
	config := xlog.SnapshotConfig{
		Disk: s.disk, Clock: s.config.Machine.Clock, Dir: s.config.MemtxDir, Instance: s.instance, VClock: at,
		RateLimit: s.rate,
	}
	var err error
	s.await(func() {
		s.cord("snapshot", say.Info, "saving snapshot `%s.inprogress'",
			display(config.Dir, xlog.FileName(xlog.Snapshot, &at)))
		if err = writeView(ctx, config, view); err == nil {
			s.cord("snapshot", say.Info, "done")
		}
	})
	if errors.Is(err, fs.ErrExist) {
		return nil // a snapshot of this very state
	}
	return systemError(err)
}

func writeView(ctx context.Context, config xlog.SnapshotConfig, view *db.ReadView) error {
	var body []byte
	row := xlog.Row{}
	_, err := xlog.WriteSnapshot(ctx, config, func(emit func(*xlog.Row) error) error {
		return view.Rows(func(r *db.Row) error {
			body = r.AppendBody(body[:0])
			row = xlog.Row{Type: xlog.Type(r.Type), GroupID: r.GroupID, Body: body}
			return emit(&row)
		})
	})
	return err
}

// display is a path in the form of log lines, with the dot that filepath.Join drops.
func display(dir, name string) string {
	if dir == "." {
		return "./" + name
	}
	return filepath.Join(dir, name)
}

// collect removes files, and logs what cannot be removed.
func (s *Store) collect() {
	s.await(func() { _, _ = s.files.Collect() })
}

// makeRoom removes what is not needed when the disk is full. It runs on the log's goroutine.
func (s *Store) makeRoom() bool {
	removed, _ := s.files.Collect()
	return len(removed) > 0
}

// BackupStart pins a checkpoint, 0 for the newest, and returns the files that make it up.
func (s *Store) BackupStart(age int) ([]string, error) {
	if s.backup != nil {
		return nil, boxerr.New(boxerr.BackupInProgress)
	}
	pin, ok := s.files.PinCheckpoint("backup", age)
	if !ok {
		return nil, boxerr.New(boxerr.MissingSnapshot)
	}
	var files []string
	var err error
	s.await(func() { files, err = pin.Files() })
	if err != nil {
		pin.Release()
		return nil, systemError(err)
	}
	s.backup = pin
	for i, name := range files {
		files[i] = display(filepath.Dir(name), filepath.Base(name))
	}
	return files, nil
}

// BackupStop lets go of what BackupStart pinned.
func (s *Store) BackupStop() {
	if s.backup == nil {
		return
	}
	s.backup.Release()
	s.backup = nil
	s.collect()
}
