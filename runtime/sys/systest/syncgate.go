package systest

import (
	"io/fs"
	"sync"

	"shardlua/runtime/sys"
)

// SyncGate is a disk on which a sync can be held up between the write and its success or failure, while others read
// what was written.
type SyncGate struct {
	sys.Disk

	mu   sync.Mutex
	held *HeldSync
}

// HeldSync is the sync that a SyncGate holds up.
type HeldSync struct {
	begun   chan struct{}
	verdict chan error
}

// Hold holds up the next sync of a file.
func (g *SyncGate) Hold() *HeldSync {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = &HeldSync{begun: make(chan struct{}), verdict: make(chan error, 1)}
	return g.held
}

// Begun is closed when somebody has asked for the sync.
func (h *HeldSync) Begun() <-chan struct{} { return h.begun }

// End lets the sync take place, or fail with an error; only the first call counts.
func (h *HeldSync) End(err error) {
	select {
	case h.verdict <- err:
	default:
	}
}

// OpenFile implements sys.Disk.
func (g *SyncGate) OpenFile(name string, flag int, perm fs.FileMode) (sys.File, error) {
	f, err := g.Disk.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &gatedFile{f, g}, nil
}

// Create implements sys.Disk.
func (g *SyncGate) Create(name string) (sys.File, error) {
	f, err := g.Disk.Create(name)
	if err != nil {
		return nil, err
	}
	return &gatedFile{f, g}, nil
}

type gatedFile struct {
	sys.File
	gate *SyncGate
}

func (f *gatedFile) Sync() error {
	f.gate.mu.Lock()
	held := f.gate.held
	f.gate.held = nil
	f.gate.mu.Unlock()
	if held != nil {
		close(held.begun)
		if err := <-held.verdict; err != nil {
			return err
		}
	}
	return f.File.Sync()
}
