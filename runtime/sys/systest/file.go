package systest

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// file is an open handle of Disk. A crash kills it.
type file struct {
	disk   *Disk
	node   *inode
	name   string
	flag   int
	epoch  int
	offset int64
	closed bool
}

func (f *file) Name() string { return f.name }

// begin takes the disk's lock and says whether op may go on; the caller must release the lock in any case.
func (f *file) begin(op Op) error {
	f.disk.mu.Lock()
	if f.closed || f.epoch != f.disk.epoch {
		return fail(op, f.name, fs.ErrClosed)
	}
	return f.disk.check(op, f.name)
}

func (f *file) Read(p []byte) (int, error) {
	err := f.begin(OpRead)
	defer f.disk.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := f.readAt(p, f.offset)
	f.offset += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	err := f.begin(OpRead)
	defer f.disk.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return f.readAt(p, off)
}

func (f *file) readAt(p []byte, off int64) (int, error) {
	if f.node.dir {
		return 0, fail(OpRead, f.name, syscall.EISDIR)
	}
	if off < 0 {
		return 0, fail(OpRead, f.name, fs.ErrInvalid)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if off >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) Write(p []byte) (int, error) {
	err := f.begin(OpWrite)
	defer f.disk.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if f.flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		return 0, fail(OpWrite, f.name, syscall.EBADF)
	}
	if f.flag&os.O_APPEND != 0 {
		f.offset = int64(len(f.node.data))
	}
	end := f.offset + int64(len(p))
	if grow := end - int64(len(f.node.data)); grow > 0 && f.disk.capacity >= 0 {
		if free := max(f.disk.capacity-f.disk.used, 0); grow > free {
			end -= grow - free
			err = fail(OpWrite, f.name, syscall.ENOSPC)
		}
	}
	n := max(end-f.offset, 0)
	f.resize(max(int64(len(f.node.data)), f.offset+n))
	copy(f.node.data[f.offset:], p[:n])
	f.offset += n
	return int(n), err
}

func (f *file) resize(size int64) {
	old := int64(len(f.node.data))
	f.disk.used += size - old
	if size <= old {
		f.node.data = f.node.data[:size:size]
		return
	}
	f.node.data = append(f.node.data, make([]byte, size-old)...)
}

func (f *file) Seek(offset int64, whence int) (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += f.offset
	case io.SeekEnd:
		offset += int64(len(f.node.data))
	}
	if offset < 0 {
		return 0, fail("seek", f.name, fs.ErrInvalid)
	}
	f.offset = offset
	return offset, nil
}

func (f *file) Sync() error {
	err := f.begin(OpSync)
	defer f.disk.mu.Unlock()
	if err != nil {
		return err
	}
	safe := f.node.safe
	if len(safe) > len(f.node.data) || string(safe) != string(f.node.data[:len(safe)]) {
		safe = safe[:0]
	}
	f.node.safe = append(safe, f.node.data[len(safe):]...)
	return nil
}

func (f *file) Truncate(size int64) error {
	err := f.begin(OpTruncate)
	defer f.disk.mu.Unlock()
	if err != nil {
		return err
	}
	if size < 0 {
		return fail(OpTruncate, f.name, fs.ErrInvalid)
	}
	f.resize(size)
	return nil
}

func (f *file) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.closed {
		return fail("close", f.name, fs.ErrClosed)
	}
	f.closed = true
	return nil
}

func (f *file) Stat() (fs.FileInfo, error) {
	err := f.begin(OpStat)
	defer f.disk.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return f.node.info(f.name), nil
}

func (n *inode) info(path string) fs.FileInfo {
	return fileInfo{name: filepath.Base(path), size: int64(len(n.data)), mode: n.mode, modTime: n.modTime}
}

type fileInfo struct {
	name    string
	size    int64
	mode    fs.FileMode
	modTime time.Time
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return i.modTime }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }
