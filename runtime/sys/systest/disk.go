package systest

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"

	"shardlua/runtime/sys"
)

// Op names what a disk is asked to do, for the hook that makes it fail.
type Op string

// The operations that the hook sees.
const (
	OpOpen     Op = "open"
	OpCreate   Op = "create"
	OpRead     Op = "read"
	OpWrite    Op = "write"
	OpSync     Op = "sync"
	OpTruncate Op = "truncate"
	OpRename   Op = "rename"
	OpRemove   Op = "remove"
	OpReadDir  Op = "readdir"
	OpStat     Op = "stat"
	OpMkdir    Op = "mkdir"
	OpSyncDir  Op = "syncdir"
)

// Disk is a file system in memory with two states: what programs see, and what a crash leaves. File content gets
// from the first to the second by File.Sync, names by SyncDir.
type Disk struct {
	mu       sync.Mutex
	names    map[string]*inode
	durable  map[string]*inode
	unsynced []nameChange
	capacity int64
	used     int64
	hook     func(op Op, name string) error
	epoch    int
}

// nameChange is one entry of the directories' journal: path now leads to node, or nowhere.
type nameChange struct {
	path string
	node *inode
}

type inode struct {
	dir     bool
	data    []byte
	safe    []byte
	mode    fs.FileMode
	modTime time.Time
}

// NewDisk returns an empty disk without a limit.
func NewDisk() *Disk {
	root := &inode{dir: true, mode: fs.ModeDir | 0o755}
	return &Disk{
		names:    map[string]*inode{"/": root, ".": root},
		durable:  map[string]*inode{"/": root, ".": root},
		capacity: -1,
	}
}

// SetCapacity limits the bytes that files may take together: a write past it is cut short with ENOSPC. Negative
// means no limit.
func (d *Disk) SetCapacity(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.capacity = bytes
}

// Used returns the bytes that files take.
func (d *Disk) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}

// Fail installs a hook that sees every operation before it happens; an error that it returns is the operation's.
// The hook must not use the disk. Nil removes it.
func (d *Disk) Fail(hook func(op Op, name string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hook = hook
}

// Crash is a power failure: every open file is dead afterwards (fs.ErrClosed), names are those of the last SyncDir
// plus a random beginning of what came later, and each file's content is that of its last Sync plus, if it was
// appended to, a random beginning of what came later.
func (d *Disk) Crash(rng *rand.Rand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, change := range d.unsynced[:rng.IntN(len(d.unsynced)+1)] {
		apply(d.durable, change)
	}
	d.names = make(map[string]*inode, len(d.durable))
	d.used = 0
	survivors := map[*inode]*inode{}
	for _, path := range sortedPaths(d.durable) {
		old := d.durable[path]
		node, ok := survivors[old]
		if !ok {
			node = old.afterCrash(rng)
			survivors[old] = node
			d.used += int64(len(node.data))
		}
		d.names[path] = node
	}
	d.durable = make(map[string]*inode, len(d.names))
	for path, node := range d.names {
		d.durable[path] = node
	}
	d.unsynced = nil
	d.epoch++
}

func (n *inode) afterCrash(rng *rand.Rand) *inode {
	content := append([]byte(nil), n.safe...)
	if len(n.data) > len(n.safe) && string(n.data[:len(n.safe)]) == string(n.safe) {
		extra := rng.IntN(len(n.data) - len(n.safe) + 1)
		content = append(content, n.data[len(n.safe):len(n.safe)+extra]...)
	}
	return &inode{dir: n.dir, data: content, safe: append([]byte(nil), content...), mode: n.mode, modTime: n.modTime}
}

func sortedPaths(names map[string]*inode) []string {
	paths := make([]string, 0, len(names))
	for path := range names {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	return paths
}

func apply(names map[string]*inode, c nameChange) {
	if c.node == nil {
		delete(names, c.path)
	} else {
		names[c.path] = c.node
	}
}

func (d *Disk) change(path string, node *inode) {
	c := nameChange{path, node}
	apply(d.names, c)
	d.unsynced = append(d.unsynced, c)
}

func (d *Disk) check(op Op, name string) error {
	if d.hook == nil {
		return nil
	}
	if err := d.hook(op, name); err != nil {
		return &fs.PathError{Op: string(op), Path: name, Err: err}
	}
	return nil
}

func fail(op Op, name string, err error) error {
	return &fs.PathError{Op: string(op), Path: name, Err: err}
}

// OpenFile implements sys.Disk.
func (d *Disk) OpenFile(name string, flag int, perm fs.FileMode) (sys.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	path := filepath.Clean(name)
	node := d.names[path]
	op := OpOpen
	if node == nil && flag&os.O_CREATE != 0 {
		op = OpCreate
	}
	if err := d.check(op, name); err != nil {
		return nil, err
	}
	switch {
	case node == nil && flag&os.O_CREATE == 0:
		return nil, fail(op, name, fs.ErrNotExist)
	case node == nil:
		if parent := d.names[filepath.Dir(path)]; parent == nil || !parent.dir {
			return nil, fail(op, name, fs.ErrNotExist)
		}
		node = &inode{mode: perm.Perm(), modTime: time.Unix(0, 0)}
		d.change(path, node)
	case flag&os.O_EXCL != 0:
		return nil, fail(op, name, fs.ErrExist)
	case node.dir && flag&(os.O_WRONLY|os.O_RDWR) != 0:
		return nil, fail(op, name, syscall.EISDIR)
	case flag&os.O_TRUNC != 0:
		d.used -= int64(len(node.data))
		node.data = nil
	}
	return &file{disk: d, node: node, name: name, flag: flag, epoch: d.epoch}, nil
}

// Create implements sys.Disk.
func (d *Disk) Create(name string) (sys.File, error) {
	return d.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

// Rename implements sys.Disk.
func (d *Disk) Rename(oldname, newname string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(OpRename, oldname); err != nil {
		return err
	}
	from, to := filepath.Clean(oldname), filepath.Clean(newname)
	node := d.names[from]
	if node == nil {
		return fail(OpRename, oldname, fs.ErrNotExist)
	}
	if from == to {
		return nil
	}
	if replaced := d.names[to]; replaced != nil {
		if replaced.dir {
			return fail(OpRename, newname, fs.ErrExist)
		}
		d.used -= int64(len(replaced.data))
	}
	d.change(to, node)
	d.change(from, nil)
	return nil
}

// Remove implements sys.Disk.
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(OpRemove, name); err != nil {
		return err
	}
	path := filepath.Clean(name)
	node := d.names[path]
	if node == nil {
		return fail(OpRemove, name, fs.ErrNotExist)
	}
	if node.dir && len(d.children(path)) > 0 {
		return fail(OpRemove, name, syscall.ENOTEMPTY)
	}
	d.used -= int64(len(node.data))
	d.change(path, nil)
	return nil
}

// ReadDir implements sys.Disk.
func (d *Disk) ReadDir(name string) ([]fs.DirEntry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(OpReadDir, name); err != nil {
		return nil, err
	}
	path := filepath.Clean(name)
	node := d.names[path]
	if node == nil {
		return nil, fail(OpReadDir, name, fs.ErrNotExist)
	}
	if !node.dir {
		return nil, fail(OpReadDir, name, syscall.ENOTDIR)
	}
	var entries []fs.DirEntry
	for _, child := range d.children(path) {
		entries = append(entries, fs.FileInfoToDirEntry(d.names[child].info(child)))
	}
	return entries, nil
}

func (d *Disk) children(dir string) []string {
	var found []string
	for path := range d.names {
		if path != dir && path != "." && filepath.Dir(path) == dir {
			found = append(found, path)
		}
	}
	sort.Strings(found)
	return found
}

// Stat implements sys.Disk.
func (d *Disk) Stat(name string) (fs.FileInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(OpStat, name); err != nil {
		return nil, err
	}
	path := filepath.Clean(name)
	node := d.names[path]
	if node == nil {
		return nil, fail(OpStat, name, fs.ErrNotExist)
	}
	return node.info(path), nil
}

// MkdirAll implements sys.Disk.
func (d *Disk) MkdirAll(name string, perm fs.FileMode) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(OpMkdir, name); err != nil {
		return err
	}
	path := filepath.Clean(name)
	parts := strings.Split(path, "/")
	for i := range parts {
		part := strings.Join(parts[:i+1], "/")
		if part == "" {
			continue
		}
		if node := d.names[part]; node == nil {
			d.change(part, &inode{dir: true, mode: fs.ModeDir | perm.Perm(), modTime: time.Unix(0, 0)})
		} else if !node.dir {
			return fail(OpMkdir, part, syscall.ENOTDIR)
		}
	}
	return nil
}

// SyncDir implements sys.Disk.
func (d *Disk) SyncDir(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(OpSyncDir, name); err != nil {
		return err
	}
	dir := filepath.Clean(name)
	if node := d.names[dir]; node == nil || !node.dir {
		return fail(OpSyncDir, name, fs.ErrNotExist)
	}
	rest := d.unsynced[:0]
	for _, c := range d.unsynced {
		if filepath.Dir(c.path) == dir || c.path == dir {
			apply(d.durable, c)
		} else {
			rest = append(rest, c)
		}
	}
	d.unsynced = rest
	return nil
}
