package xlog

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"shardlua/runtime/sys"
	"shardlua/runtime/xlog/vclock"
)

// Dir is a directory with the files of one type. Copies of it are independent.
type Dir struct {
	Disk sys.Disk
	Path string
	Type FileType
	// Instance is whose files they must be; uuid.Nil accepts everybody's.
	Instance uuid.UUID
}

// File is a file of a Dir.
type File struct {
	Path string
	Meta Meta
}

// List returns the files in the order of their vclocks. A file whose header is broken, names another instance, or
// does not match its name is an error, or with force is left out and told to events. Files being written are not
// listed. A directory that does not exist is empty.
func (d Dir) List(force bool, events Events) ([]File, error) { return d.list(force, events, nil) }

// list is List, which takes what it can from the files known already.
func (d Dir) list(force bool, events Events, known []File) ([]File, error) {
	entries, err := d.Disk.ReadDir(d.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files []File
	for _, entry := range entries {
		signature, ok := d.signature(entry.Name())
		if !ok {
			continue
		}
		path := filepath.Join(d.Path, entry.Name())
		if i := slices.IndexFunc(known, func(f File) bool { return f.Path == path }); i >= 0 {
			files = append(files, known[i])
			continue
		}
		file, err := d.open(path, signature)
		if errors.Is(err, fs.ErrNotExist) {
			continue // collected since the directory was read
		}
		if err == nil {
			err = inOrder(files, file)
		}
		if err == nil {
			files = append(files, file)
			continue
		}
		if !force {
			return nil, err
		}
		events.Tell(Error, err, "%v", err)
	}
	return files, nil
}

func (d Dir) signature(name string) (int64, bool) {
	digits, ok := strings.CutSuffix(name, d.Type.Ext())
	if !ok || len(digits) != 20 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	return int64(n), err == nil
}

func (d Dir) open(path string, signature int64) (File, error) {
	r, err := OpenReader(d.Disk, path, ReaderOptions{})
	if err != nil {
		return File{}, err
	}
	meta := *r.Meta()
	if err := r.Close(); err != nil {
		return File{}, err
	}
	switch {
	case meta.FileType != d.Type:
		err = badMeta("Invalid xlog type: expected %s, got %s", d.Type, meta.FileType)
	case d.Instance != uuid.Nil && meta.Instance != d.Instance:
		err = badMeta("invalid instance UUID")
	case meta.VClock.Signature() != signature:
		err = badMeta("signature check failed")
	}
	if err != nil {
		return File{}, &HeaderError{path, err}
	}
	return File{Path: path, Meta: meta}, nil
}

// inOrder checks that a file continues the history of the one before it.
func inOrder(before []File, file File) error {
	if len(before) == 0 {
		return nil
	}
	last := before[len(before)-1]
	if last.Meta.VClock.Compare(&file.Meta.VClock) != vclock.Before {
		return &HeaderError{file.Path, badMeta("invalid vclock order: %s after %s", file.Meta.VClock, last.Meta.VClock)}
	}
	return nil
}
