package sys

import (
	"io"
	"io/fs"
	"os"
)

// Disk is a file system. Methods mean what the functions of package os of the same name mean.
type Disk interface {
	// OpenFile opens name with the O_ flags of package os.
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	// Create makes or truncates name for reading and writing, with mode 0666 before umask.
	Create(name string) (File, error)
	// Rename moves a file, replacing the target. It lasts through a crash only after SyncDir.
	Rename(oldname, newname string) error
	// Remove deletes a file or an empty directory.
	Remove(name string) error
	// ReadDir lists a directory, sorted by name.
	ReadDir(name string) ([]fs.DirEntry, error)
	// Stat describes a file, following symbolic links.
	Stat(name string) (fs.FileInfo, error)
	// MkdirAll makes a directory and its parents.
	MkdirAll(name string, perm fs.FileMode) error
	// SyncDir makes the creations, renames and removals in a directory last.
	SyncDir(name string) error
}

// File is an open file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.Seeker
	io.Closer
	// Name is the name that the file was opened with.
	Name() string
	// Sync makes the file's content last through a crash.
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// RealDisk is the machine's file system.
type RealDisk struct{}

// OpenFile implements Disk.
func (RealDisk) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Create implements Disk.
func (d RealDisk) Create(name string) (File, error) {
	return d.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

// Rename implements Disk.
func (RealDisk) Rename(oldname, newname string) error { return os.Rename(oldname, newname) }

// Remove implements Disk.
func (RealDisk) Remove(name string) error { return os.Remove(name) }

// ReadDir implements Disk.
func (RealDisk) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// Stat implements Disk.
func (RealDisk) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// MkdirAll implements Disk.
func (RealDisk) MkdirAll(name string, perm fs.FileMode) error { return os.MkdirAll(name, perm) }

// SyncDir implements Disk.
func (RealDisk) SyncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
