package golden

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	lualibs "shardlua/test/lua_libs"
)

//go:embed lua/*.lua
var luaFiles embed.FS

// workplace is where one run keeps its files: the instances' directories, the
// Lua modules that the runner brings along, and sockets.
type workplace struct {
	dir  string
	lib  string
	lock *os.File
	// temporary directories are removed with the workplace.
	temporary bool

	mu      sync.Mutex
	sockets string
	made    int
	ports   map[int]bool
}

// openWorkplace takes the directory for this run alone. An explicit one that
// is in use is an error; otherwise a temporary directory steps in.
func openWorkplace(explicit, byDefault string) (*workplace, error) {
	if explicit != "" {
		dir, err := filepath.Abs(explicit)
		if err != nil {
			return nil, err
		}
		w := &workplace{dir: dir}
		if err := w.take(); err != nil {
			return nil, fmt.Errorf("vardir: %w", err)
		}
		return w, w.install()
	}
	w := &workplace{dir: byDefault}
	if err := w.take(); err != nil {
		dir, err := os.MkdirTemp("", "golden-")
		if err != nil {
			return nil, err
		}
		w = &workplace{dir: filepath.Join(dir, "test", "var"), temporary: true}
		if err := w.take(); err != nil {
			return nil, err
		}
	}
	return w, w.install()
}

var errVarDirInUse = errors.New("in use by another run")

func (w *workplace) take() error {
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(w.dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return fmt.Errorf("%s: %w", w.dir, errVarDirInUse)
	}
	w.lock = lock
	return nil
}

// install writes the runner's Lua modules: test_run and its kin, and the
// project's libraries for suites that do not bring their own.
func (w *workplace) install() error {
	w.lib = filepath.Join(w.dir, "lib")
	err := errors.Join(
		copyTree(luaFiles, "lua", w.lib),
		copyTree(lualibs.Files, ".", filepath.Join(w.lib, "lua_libs")),
	)
	if err != nil {
		w.close()
		return err
	}
	return nil
}

// close gives the directory free. Files of failed tests stay, except where
// the directory was a temporary one and nothing failed.
func (w *workplace) close() {
	if w.sockets != "" {
		os.RemoveAll(w.sockets)
	}
	w.lock.Close()
}

// discard removes a temporary workplace with everything in it.
func (w *workplace) discard() {
	if w.temporary {
		os.RemoveAll(filepath.Dir(filepath.Dir(w.dir)))
	}
}

// buildDir is BUILDDIR: scripts expect BUILDDIR/test/var to exist.
func (w *workplace) buildDir() (string, error) {
	if above, ok := strings.CutSuffix(w.dir, filepath.FromSlash("/test/var")); ok {
		return above, nil
	}
	dir := filepath.Join(w.dir, "build")
	return dir, os.MkdirAll(filepath.Join(dir, "test", "var"), 0o755)
}

// maxSocketPath is what fits in sockaddr_un everywhere, less a byte for the
// end and a margin for the suffix that box.cfg adds while it binds.
const maxSocketPath = 96

// unixEndpoint is a socket beside the instance's files, or in a short
// temporary directory where that path would not fit a socket's address.
func (w *workplace) unixEndpoint(dir, name string) (endpoint, error) {
	path := filepath.Join(dir, name)
	if len(path) <= maxSocketPath {
		return endpoint{"unix", path}, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sockets == "" {
		dir, err := os.MkdirTemp("", "gs-")
		if err != nil {
			return endpoint{}, err
		}
		w.sockets = dir
	}
	w.made++
	return endpoint{"unix", filepath.Join(w.sockets, fmt.Sprintf("%d", w.made))}, nil
}

// tcpEndpoint is a port that the kernel gave, that is free right now, and that
// no other server of the run has.
func (w *workplace) tcpEndpoint() (endpoint, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ports == nil {
		w.ports = map[int]bool{}
	}
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return endpoint{}, err
		}
		port := listener.Addr().(*net.TCPAddr).Port
		listener.Close()
		if !w.ports[port] {
			w.ports[port] = true
			return endpoint{"tcp", fmt.Sprintf("localhost:%d", port)}, nil
		}
	}
}

// providedLib tells whether the runner itself brings a Lua library along.
func providedLib(name string) bool {
	if name == "lua_libs" {
		return true
	}
	_, err := fs.Stat(lualibs.Files, name)
	return err == nil
}

// copyTree writes a tree of files to a directory on disk.
func copyTree(from fs.FS, root, to string) error {
	return fs.WalkDir(from, root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		text, err := fs.ReadFile(from, path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
}

// copyFileOrTree copies a library to where instances start.
func copyFileOrTree(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return copyTree(os.DirFS(from), ".", to)
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, info.Mode().Perm()|0o600)
}

// scriptText reads an instance's script. Clusters keep one script under
// several names by symbolic links; a checkout without links has, instead of
// each, a file whose text is the name of its target.
func scriptText(path string) ([]byte, error) {
	for range 8 {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if len(text) == 0 || len(text) > 255 || strings.ContainsAny(string(text), "\n\x00 ") {
			return text, nil
		}
		target := filepath.Join(filepath.Dir(path), string(text))
		if info, err := os.Stat(target); err != nil || !info.Mode().IsRegular() {
			return text, nil
		}
		path = target
	}
	return nil, fmt.Errorf("%s: too many links", path)
}
