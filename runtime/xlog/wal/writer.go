package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
)

// batchLimit bounds, in bytes of rows, what is gathered for one write.
const batchLimit = 16 << 20

// writer is the part of the log that touches files. Only the log's goroutine uses it.
type writer struct {
	config   *Config
	vclock   vclock.VClock // the state after the last row that was written
	file     *xlog.Writer  // the current file, or nil
	empty    bool          // it holds no row
	begin    vclock.VClock // where it begins
	previous vclock.VClock // where the file before the next one begins
	any      bool          // there is such a file
	// ended is told of a file that gets no more, how long it is.
	ended func(begin *vclock.VClock, end int64)
}

// findPrevious looks for the newest log of the directory, which the header of the next one refers to.
func (w *writer) findPrevious() error {
	dir := xlog.Dir{Disk: w.config.Disk, Path: w.config.Dir, Type: xlog.Log, Instance: w.config.Instance}
	files, err := dir.List(true, nil)
	if err != nil {
		return fmt.Errorf("write-ahead log: %w", err)
	}
	for _, file := range files {
		if file.Meta.VClock.Compare(&w.vclock) == vclock.Before {
			w.previous, w.any = file.Meta.VClock, true
		}
	}
	return nil
}

// write writes transactions from the front of the entries, up to an errand or the batch limit, and returns how many.
// When it fails, none is written.
func (w *writer) write(entries []entry) (n int, err error) {
	if n, err = w.tryWrite(entries); errors.Is(err, syscall.ENOSPC) && w.config.MakeRoom != nil && w.config.MakeRoom() {
		n, err = w.tryWrite(entries)
	}
	return n, err
}

func (w *writer) tryWrite(entries []entry) (n int, err error) {
	if w.file != nil && w.file.Offset() >= w.config.MaxSize {
		path := w.file.Path()
		if err := w.rotate(); err != nil {
			w.config.Events.Tell(xlog.Warn, err, "failed to close the log `%s': %v", path, err)
		}
	}
	if err := w.open(); err != nil {
		return 0, err
	}
	after := w.vclock
	now := float64(w.config.Clock.Now().UnixNano()) / 1e9
	size := 0
	for n < len(entries) && entries[n].tx != nil && size < batchLimit {
		before := w.file.Buffered()
		for i := range entries[n].tx.Rows {
			row := &entries[n].tx.Rows[i]
			if row.Timestamp == 0 {
				row.Timestamp = now
			}
			w.file.Append(row)
			after.Set(row.ReplicaID, row.LSN)
		}
		size += w.file.Buffered() - before
		n++
		if w.file.Full() {
			if err := w.file.Seal(); err != nil {
				w.file.Drop()
				return 0, err
			}
		}
	}
	offset := w.file.Offset()
	if err := w.file.Flush(); err != nil {
		return 0, err
	}
	if w.config.Mode == Fsync {
		if err := w.file.Sync(); err != nil {
			return 0, errors.Join(err, w.file.Undo(offset))
		}
	}
	w.vclock, w.empty = after, false
	return n, nil
}

// open makes sure that there is a current file.
func (w *writer) open() error {
	if w.file != nil {
		return nil
	}
	meta := &xlog.Meta{
		FileType:   xlog.Log,
		Version:    w.config.Version,
		Instance:   w.config.Instance,
		VClock:     w.vclock,
		PrevVClock: w.previous,
		HasPrev:    w.any,
	}
	file, err := w.create(meta)
	if errors.Is(err, fs.ErrExist) {
		file, err = xlog.Reopen(w.config.Disk, w.config.Dir, meta)
	}
	if errors.Is(err, fs.ErrExist) {
		if err := w.moveAside(filepath.Join(w.config.Dir, xlog.FileName(xlog.Log, &meta.VClock))); err != nil {
			return err
		}
		file, err = w.create(meta)
	}
	if err != nil {
		return err
	}
	w.file, w.empty, w.begin = file, true, meta.VClock
	return nil
}

// create makes the next file, and gives it its name only when its header is complete.
func (w *writer) create(meta *xlog.Meta) (*xlog.Writer, error) {
	sync := w.config.Mode == Fsync
	file, err := xlog.Create(w.config.Disk, w.config.Dir, meta)
	if err != nil {
		return nil, err
	}
	if sync {
		if err := file.Sync(); err != nil {
			return nil, errors.Join(err, file.Discard())
		}
	}
	if err := file.Publish(sync); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// moveAside keeps a file under another name. It stands where the next one must go and has no row that could be
// read, otherwise the log would go on from a later state.
func (w *writer) moveAside(path string) error {
	for i := 1; ; i++ {
		aside := fmt.Sprintf("%s.broken.%d", path, i)
		_, err := w.config.Disk.Stat(aside)
		if err == nil {
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := w.config.Disk.Rename(path, aside); err != nil {
			return err
		}
		w.config.Events.Tell(xlog.Warn, nil, "the log `%s` holds nothing that can be read, keeping it as `%s'", path, aside)
		return nil
	}
}

// rotate ends the current file, if it holds a row.
func (w *writer) rotate() error {
	if w.file == nil || w.empty {
		return nil
	}
	return w.finish()
}

// finish closes the current file with the EOF marker. When it fails, the file stays current.
func (w *writer) finish() error {
	if err := w.file.Finish(w.config.Mode == Fsync); err != nil {
		return err
	}
	w.ended(&w.begin, w.file.Offset())
	err := w.file.Close()
	w.file = nil
	w.previous, w.any = w.begin, true
	return err
}

func (w *writer) sync() error {
	if w.file == nil {
		return nil
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	return w.config.Disk.SyncDir(w.config.Dir)
}

// close ends the current file, and leaves an empty one behind.
func (w *writer) close() error {
	if w.config.Mode == None {
		return nil
	}
	err := w.rotate()
	if err == nil {
		err = w.open()
	}
	if err == nil {
		err = w.finish()
	}
	if w.file != nil {
		err = errors.Join(err, w.file.Close())
	}
	return err
}
