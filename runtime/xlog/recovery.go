package xlog

import (
	"io"

	"github.com/google/uuid"

	"shardlua/runtime/sys"
	"shardlua/runtime/xlog/vclock"
)

// RecoveryConfig says what to recover.
type RecoveryConfig struct {
	Disk sys.Disk
	// Dir is the directory with the logs.
	Dir string
	// Instance is whose logs they must be; uuid.Nil accepts everybody's.
	Instance uuid.UUID
	// From is the state that is there already: that of the snapshot.
	From vclock.VClock
	// Force skips what is broken or missing, and tells Events.
	Force bool
	// Replicated leaves out the rows of the local group, and compares clocks without component 0, as a replica does.
	Replicated bool
	// Limit is how far, in bytes, a log that begins at a vclock may be read: the owner of a log that is being written
	// vouches for no more. It may be called from any goroutine. Nil means that all may be read.
	Limit  func(begin *vclock.VClock) int64
	Events Events
}

// Recovery walks through the logs of a directory, from a vclock to the end. It may be asked again after the end, and
// goes on if rows or files were added.
type Recovery struct {
	config  RecoveryConfig
	dir     Dir
	files   []File
	vclock  vclock.VClock
	reader  *Reader
	started bool
	current vclock.VClock // where the last file that was opened starts
	rows    []Row
}

// NewRecovery looks at the directory. Errors about files are those of Dir.List.
func NewRecovery(config RecoveryConfig) (*Recovery, error) {
	r := &Recovery{
		config: config,
		dir:    Dir{Disk: config.Disk, Path: config.Dir, Type: Log, Instance: config.Instance},
		vclock: config.From,
	}
	return r, r.rescan(config.Events)
}

func (r *Recovery) rescan(events Events) error {
	files, err := r.dir.list(r.config.Force, events, r.files)
	if err == nil {
		r.files = files
	}
	return err
}

// VClock is the state after the last transaction that Next returned.
func (r *Recovery) VClock() vclock.VClock { return r.vclock }

// Next returns the rows of the next transaction that From does not include; they are valid until the next call. The
// error is io.EOF when there is no more for now. Half a transaction is never returned.
func (r *Recovery) Next() ([]Row, error) {
	again := false
	for {
		if r.reader == nil {
			if opened, err := r.openNext(); err != nil || !opened {
				return nil, orEOF(err)
			}
		}
		tx, err := r.reader.Next()
		_, unclosed := err.(*UnclosedError)
		switch {
		case err == nil:
			again = false
			if rows := r.follow(tx); len(rows) > 0 {
				return rows, nil
			}
		case err != io.EOF && !unclosed:
			return nil, err
		default:
			if err := r.rescan(nil); err != nil {
				return nil, err
			}
			if r.successor() == nil {
				return nil, io.EOF
			}
			// The writer may have added to this file before it began the next one.
			if !again {
				again = true
				continue
			}
			again = false
			if err := r.leave(err); err != nil {
				return nil, err
			}
		}
	}
}

func orEOF(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// follow picks the rows that are news, and moves the clock over them.
func (r *Recovery) follow(tx []Row) []Row {
	r.rows = r.rows[:0]
	for i := range tx {
		row := &tx[i]
		if r.vclock.Get(row.ReplicaID) >= row.LSN {
			continue
		}
		r.vclock.Set(row.ReplicaID, row.LSN)
		if !r.config.Replicated || row.GroupID != GroupLocal {
			r.rows = append(r.rows, *row)
		}
	}
	return r.rows
}

// compare relates two clocks as the configuration sees them.
func (r *Recovery) compare(a, b *vclock.VClock) vclock.Order {
	if r.config.Replicated {
		return a.CompareReplicated(b)
	}
	return a.Compare(b)
}

// successor returns the file after the current one, or nil.
func (r *Recovery) successor() *File {
	for i := range r.files {
		if r.files[i].Meta.VClock.Compare(&r.current) == vclock.After {
			return &r.files[i]
		}
	}
	return nil
}

// first returns the last file that starts at or before the vclock, otherwise the first one, or nil.
func (r *Recovery) first() *File {
	var found *File
	for i := range r.files {
		order := r.compare(&r.files[i].Meta.VClock, &r.vclock)
		if found == nil || order == vclock.Before || order == vclock.Equal {
			found = &r.files[i]
		}
	}
	return found
}

// next returns the file to open now, or nil.
func (r *Recovery) next() *File {
	if r.started {
		return r.successor()
	}
	return r.first()
}

func (r *Recovery) openNext() (bool, error) {
	file := r.next()
	if file == nil {
		if err := r.rescan(nil); err != nil {
			return false, err
		}
		if file = r.next(); file == nil {
			return false, nil
		}
	}
	if order := r.compare(&file.Meta.VClock, &r.vclock); order != vclock.Before && order != vclock.Equal {
		err := &GapError{Dir: r.config.Dir, From: r.vclock, To: file.Meta.VClock}
		if !r.config.Force {
			return false, err
		}
		r.config.Events.Tell(Error, err, "XlogGapError: %s", err.Reason())
		r.config.Events.Tell(Warn, err, "ignoring a gap in LSN")
		r.vclock.Merge(&file.Meta.VClock)
	}
	options := ReaderOptions{Force: r.config.Force, Events: r.config.Events}
	if r.config.Limit != nil {
		begin := file.Meta.VClock
		options.Limit = func() int64 { return r.config.Limit(&begin) }
	}
	reader, err := OpenReader(r.config.Disk, file.Path, options)
	if err != nil {
		return false, err
	}
	r.config.Events.Tell(Info, nil, "recover from `%s'", file.Path)
	r.reader, r.started, r.current = reader, true, file.Meta.VClock
	return true, nil
}

// leave closes the current file, which ended as end says. A file that merely ends early loses nothing that was
// acknowledged, unless the next file shows that there was more.
func (r *Recovery) leave(end error) error {
	if unclosed, ok := end.(*UnclosedError); ok {
		if more, err := r.reader.CheckTail(); more || err != nil {
			return err
		}
		if next := r.successor(); next != nil && !r.config.Force {
			if order := r.compare(&next.Meta.VClock, &r.vclock); order != vclock.Before && order != vclock.Equal {
				gap := GapError{From: r.vclock, To: next.Meta.VClock}
				return &CorruptError{File: r.reader.Path(), Offset: unclosed.Offset, Advice: adviceForce,
					Reason: "the file was cut short: " + gap.Reason()}
			}
		}
		r.config.Events.Tell(Warn, unclosed, "%v", unclosed)
	} else {
		r.config.Events.Tell(Info, nil, "done `%s'", r.reader.Path())
	}
	err := r.reader.Close()
	r.reader = nil
	return err
}

// Finish ends the recovery after Next has returned io.EOF: it tells about the end of the last file, and returns an
// error if that file is broken there and not merely unclosed. In force mode it may find more transactions behind a
// broken block: then more is true, and Next goes on.
func (r *Recovery) Finish() (more bool, err error) {
	if r.reader == nil {
		return false, nil
	}
	_, end := r.reader.Next()
	reader := r.reader
	if err := r.leave(end); err != nil {
		return false, err
	}
	return r.reader == reader, nil
}

// Close gives up the recovery.
func (r *Recovery) Close() error {
	if r.reader == nil {
		return nil
	}
	err := r.reader.Close()
	r.reader = nil
	return err
}
