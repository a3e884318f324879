package xlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/sys"
	"shardlua/runtime/xlog/vclock"
)

// SnapshotConfig says what WriteSnapshot writes.
type SnapshotConfig struct {
	Disk     sys.Disk
	Clock    sys.Clock
	Dir      string
	Instance uuid.UUID
	VClock   vclock.VClock
	// Version stands in the header; empty means DefaultVersion.
	Version string
	// RateLimit is how many bytes per second to write at most (snap_io_rate_limit times a mebibyte); zero means no
	// limit.
	RateLimit int64
}

// syncEvery is how much of a snapshot may wait in the system's cache: syncing all of it at the end would make the
// log's fsync wait for seconds.
const syncEvery = 16 << 20

// WriteSnapshot writes the snapshot of a vclock and returns its path. rows is called once and gives each row to
// emit; the row may be reused when emit returns. Rows are numbered from 0 and get the time of the start.
// When rows or emit fails, or ctx is done, nothing is left behind. The error is fs.ErrExist if there is a snapshot
// of the vclock already.
func WriteSnapshot(ctx context.Context, config SnapshotConfig, rows func(emit func(*Row) error) error) (string, error) {
	meta := &Meta{FileType: Snapshot, Version: config.Version, Instance: config.Instance, VClock: config.VClock}
	w, err := Create(config.Disk, config.Dir, meta)
	if err != nil {
		return "", fmt.Errorf("snapshot: %w", err)
	}
	s := &snapshot{ctx: ctx, config: config, w: w, start: config.Clock.Monotonic(),
		timestamp: float64(config.Clock.Now().UnixNano()) / 1e9}
	if err := s.write(rows); err != nil {
		return "", fmt.Errorf("snapshot `%s': %w", w.Path(), errors.Join(err, w.Discard()))
	}
	if err := errors.Join(w.Publish(true), w.Close()); err != nil {
		return "", fmt.Errorf("snapshot `%s': %w", w.Path(), err)
	}
	return w.Path(), nil
}

type snapshot struct {
	ctx       context.Context
	config    SnapshotConfig
	w         *Writer
	start     time.Duration
	timestamp float64
	next      int64
	synced    int64
}

func (s *snapshot) write(rows func(emit func(*Row) error) error) error {
	if err := rows(s.emit); err != nil {
		return err
	}
	if err := s.ctx.Err(); err != nil {
		return err
	}
	return s.w.Finish(true)
}

func (s *snapshot) emit(row *Row) error {
	numbered := *row
	numbered.LSN, numbered.TSN, numbered.IsCommit, numbered.Timestamp = s.next, 0, true, s.timestamp
	s.next++
	s.w.Append(&numbered)
	if !s.w.Full() {
		return nil
	}
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if err := s.w.Flush(); err != nil {
		return err
	}
	if s.w.Offset()-s.synced >= syncEvery {
		if err := s.w.Sync(); err != nil {
			return err
		}
		s.synced = s.w.Offset()
	}
	return s.pace()
}

// pace waits until what was written is not more than the rate allows.
func (s *snapshot) pace() error {
	if s.config.RateLimit <= 0 {
		return nil
	}
	due := s.start + time.Duration(float64(s.w.Offset())/float64(s.config.RateLimit)*float64(time.Second))
	wait := due - s.config.Clock.Monotonic()
	if wait <= 0 {
		return nil
	}
	over := make(chan struct{})
	timer := s.config.Clock.AfterFunc(wait, func() { close(over) })
	defer timer.Stop()
	select {
	case <-over:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// NoEOFError is a snapshot that is not complete.
type NoEOFError struct{ File string }

func (e *NoEOFError) Error() string {
	return fmt.Sprintf("snapshot `%s' has no EOF marker; %s", e.File, adviceSnap)
}

// Reason is Tarantool's text.
func (e *NoEOFError) Reason() string { return fmt.Sprintf("snapshot `%s' has no EOF marker", e.File) }

// ReadSnapshot gives each row of a snapshot to visit; the row is valid until visit returns. Force skips broken
// blocks and tells events, but a snapshot without its EOF marker is a *NoEOFError all the same, found after the
// rows were visited.
func ReadSnapshot(disk sys.Disk, path string, force bool, events Events, visit func(*Row) error) (Meta, error) {
	r, err := OpenReader(disk, path, ReaderOptions{Force: force, Events: events, Advice: adviceSnap})
	if err != nil {
		return Meta{}, err
	}
	defer r.Close()
	meta := *r.Meta()
	if meta.FileType != Snapshot {
		return meta, &HeaderError{path, badMeta("Invalid xlog type: expected %s, got %s", Snapshot, meta.FileType)}
	}
	for {
		rows, err := r.Next()
		if err == io.EOF {
			return meta, nil
		}
		if _, ok := err.(*UnclosedError); ok {
			return meta, &NoEOFError{path}
		}
		if err != nil {
			return meta, err
		}
		for i := range rows {
			if err := visit(&rows[i]); err != nil {
				return meta, err
			}
		}
	}
}
