package xlog

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"shardlua/runtime/sys"
	"shardlua/runtime/xlog/vclock"
)

// inProgress is added to the name of a file that is not ready.
const inProgress = ".inprogress"

// FileName is the name of the file that starts at (a log) or holds (a snapshot) a vclock.
func FileName(t FileType, v *vclock.VClock) string {
	return fmt.Sprintf("%020d%s", v.Signature(), t.Ext())
}

// Writer writes one file. Rows are collected in a block by Append and reach the file by Flush. A Writer is used by
// one goroutine at a time.
type Writer struct {
	disk   sys.Disk
	file   sys.File
	path   string
	dir    string
	codec  *codec
	rows   []byte
	block  []byte
	offset int64
	broken bool
}

// Create starts the file of meta in dir, under its name with .inprogress behind. It fails with fs.ErrExist if the
// final name is taken. A left-over .inprogress file is replaced.
func Create(disk sys.Disk, dir string, meta *Meta) (*Writer, error) {
	path := filepath.Join(dir, FileName(meta.FileType, &meta.VClock))
	if _, err := disk.Stat(path); err == nil {
		return nil, &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := disk.OpenFile(path+inProgress, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	w := &Writer{disk: disk, file: file, path: path, dir: dir, codec: newCodec()}
	w.block = meta.Append(w.block)
	if err := w.write(); err != nil {
		return nil, errors.Join(err, w.Discard())
	}
	return w, nil
}

// Append adds a row to the block.
func (w *Writer) Append(row *Row) { w.rows = row.Append(w.rows) }

// Buffered is the size of the block that Append has built.
func (w *Writer) Buffered() int { return len(w.rows) }

// Full says that the block is large enough to be flushed between two transactions.
func (w *Writer) Full() bool { return headSize+len(w.rows) >= blockTarget }

// Offset is the size of the file.
func (w *Writer) Offset() int64 { return w.offset }

// Path is the final name of the file.
func (w *Writer) Path() string { return w.path }

// Seal ends the block: what is appended later goes to another one. Nothing is written yet.
func (w *Writer) Seal() error {
	if len(w.rows) == 0 {
		return nil
	}
	var err error
	w.block, err = w.codec.appendBlock(w.block, w.rows)
	w.rows = shrink(w.rows)
	return err
}

// Flush writes everything that was appended, in one write. When it fails, the file is cut back to what it was, what
// was appended is dropped, and the Writer can be used on. If cutting back fails, every later Flush tries it again
// first.
func (w *Writer) Flush() error {
	if err := w.Seal(); err != nil {
		w.Drop()
		return err
	}
	return w.write()
}

// Drop forgets what was appended and not flushed.
func (w *Writer) Drop() { w.rows, w.block = shrink(w.rows), shrink(w.block) }

// shrink empties a buffer, and lets it go if a huge transaction has made it huge.
func shrink(buf []byte) []byte {
	if cap(buf) > 8<<20 {
		return nil
	}
	return buf[:0]
}

func (w *Writer) write() error {
	defer func() { w.block = shrink(w.block) }()
	if len(w.block) == 0 {
		return nil
	}
	if w.broken {
		if err := w.cutTo(w.offset); err != nil {
			return fmt.Errorf("%s: an earlier write failed and cannot be undone: %w", w.path, err)
		}
		w.broken = false
	}
	n, err := w.file.Write(w.block)
	if err == nil && n < len(w.block) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return errors.Join(err, w.cutTo(w.offset))
	}
	w.offset += int64(n)
	return nil
}

// cutTo removes everything behind an offset.
func (w *Writer) cutTo(offset int64) error {
	err := w.file.Truncate(offset)
	if err == nil {
		_, err = w.file.Seek(offset, io.SeekStart)
	}
	if err != nil {
		w.offset, w.broken = offset, true
		return fmt.Errorf("cut back to offset %d: %w", offset, err)
	}
	w.offset = offset
	return nil
}

// Undo cuts the file back to an offset that Offset returned, after a Sync that failed.
func (w *Writer) Undo(offset int64) error { return w.cutTo(offset) }

// Sync makes what was flushed last.
func (w *Writer) Sync() error { return w.file.Sync() }

// Publish gives the file its final name. A log is published before its first row, a snapshot after its last.
func (w *Writer) Publish(sync bool) error {
	if err := w.disk.Rename(w.path+inProgress, w.path); err != nil {
		return err
	}
	if !sync {
		return nil
	}
	return w.disk.SyncDir(w.dir)
}

// Finish flushes, writes the EOF marker and, if sync is set, syncs. The file stays open, so that a snapshot can be
// published before Close.
func (w *Writer) Finish(sync bool) error {
	if err := w.Flush(); err != nil {
		return err
	}
	w.block = append(w.block, magicEOF>>24, magicEOF>>16&0xff, magicEOF>>8&0xff, magicEOF&0xff)
	before := w.offset
	if err := w.write(); err != nil {
		return err
	}
	if !sync {
		return nil
	}
	if err := w.Sync(); err != nil {
		return errors.Join(err, w.cutTo(before))
	}
	return nil
}

// Close closes the file as it is.
func (w *Writer) Close() error { return w.file.Close() }

// Discard closes and removes a file that was not published.
func (w *Writer) Discard() error {
	return errors.Join(w.file.Close(), w.disk.Remove(w.path+inProgress))
}

// Reopen opens a log that holds no row yet, to append to it: an instance that was started and stopped without a
// change leaves one. The EOF marker goes. The error is fs.ErrExist if the file holds anything else.
func Reopen(disk sys.Disk, dir string, meta *Meta) (*Writer, error) {
	path := filepath.Join(dir, FileName(meta.FileType, &meta.VClock))
	taken := &fs.PathError{Op: "reopen", Path: path, Err: fs.ErrExist}
	r, err := OpenReader(disk, path, ReaderOptions{})
	if err != nil {
		return nil, errors.Join(taken, err)
	}
	old, offset := *r.Meta(), r.Offset()
	_, err = r.Next()
	if closeErr := r.Close(); closeErr != nil {
		return nil, closeErr
	}
	unclosed, isUnclosed := err.(*UnclosedError)
	if err != io.EOF && !(isUnclosed && unclosed.Tail == 0) || old.VClock != meta.VClock || old.Instance != meta.Instance {
		return nil, taken
	}
	file, err := disk.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	w := &Writer{disk: disk, file: file, path: path, dir: dir, codec: newCodec()}
	if err := w.cutTo(offset); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return w, nil
}
