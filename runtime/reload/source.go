package reload

import (
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// Loader is what a Reloader needs of the host's require.
type Loader interface {
	// Loaded is package.loaded.
	Loaded() *lua.LTable
	// Finder remembers where require looks for sources now. The Finder may be used without the baton.
	Finder(L *lua.LState) Finder
}

// Finder finds and reads the sources of modules.
type Finder interface {
	// Find reads the source that require would load. It is ErrNoSource when the module is made by a function in
	// package.preload or by the host, and another error when there is none.
	Find(name string) (Source, error)
	// Stamp describes a file that Find has read as it is now.
	Stamp(file string) (Stamp, error)
}

// Source is the text of a module.
type Source struct {
	Text  []byte
	Chunk string // the name of the chunk
	File  string // empty when it is part of the program
	Stamp Stamp
}

// Stamp tells two states of a file apart.
type Stamp struct {
	Modified time.Time
	Size     int64
}

// ErrNoSource says that a module is made by a function in package.preload or by the host.
var ErrNoSource = errors.New("the module has no source")

// seed is for checksums, which are compared within the process only.
var seed = maphash.MakeSeed()

func checksum(text []byte) uint64 { return max(maphash.Bytes(seed, text), 1) }

// Ran tells which text a module is loaded from. Package runtime calls it when the text was not compiled ahead.
func (r *Reloader) Ran(name string, text []byte) { r.setSource(name, checksum(text)) }

func (r *Reloader) setSource(name string, sum uint64) {
	if tx := r.running; tx != nil && tx.member(r.host.Sched().Current()) {
		tx.sources[name] = sum
		return
	}
	r.record(name).source = sum
}

// chunk is a module that is compiled ahead.
type chunk struct {
	name   string
	source Source
	sum    uint64
	fn     *lua.LFunction
	err    error
	// own says that it belongs to a module that is reloaded: its error spoils the reload. Others are compiled in case
	// that the module unloads them too.
	own bool
}

const (
	// readAttempts is how often files that change while they are read are read anew.
	readAttempts = 10
	// settle is how old a change of a file must be to be taken for a whole one.
	settle = 20 * time.Millisecond
)

// compileAhead compiles the modules of a transaction, their parts and their relatives while other fibers run, so that a
// syntax error anywhere is found before anything has changed. What was compiled is what will run.
func (r *Reloader) compileAhead(L *lua.LState, tx *transaction) error {
	finder := r.loader.Finder(L)
	wanted := make(map[string]bool) // and whether it is one of its own
	for _, root := range tx.roots {
		for name, own := range r.family(root) {
			wanted[name] = wanted[name] || own
		}
	}
	var chunks map[string]*chunk
	for attempt := 0; ; attempt++ {
		var settled bool
		var err error
		tx.fiber.Await(func(done func()) {
			go func() {
				defer done()
				if chunks, err = r.compile(finder, wanted); err == nil || chunks != nil {
					settled = isSettled(finder, chunks, r.host.Machine().Clock.Now())
				}
			}()
		})
		if settled || chunks == nil {
			tx.compiled = chunks
			return err
		}
		if attempt == readAttempts {
			return fmt.Errorf("files of the module do not stop changing while they are read")
		}
		if err := tx.fiber.Sleep(settle); err != nil {
			return err
		}
	}
}

// family are the modules that are loaded anew with one, and whether they are its own: itself, its parts (name.…), and
// those modules beside it (of the same first word) that it has required.
func (r *Reloader) family(root string) map[string]bool {
	names := map[string]bool{root: true}
	clan, _, _ := strings.Cut(root, ".")
	if rec := r.records[root]; rec != nil {
		for _, n := range rec.needs {
			if strings.HasPrefix(n, clan+".") {
				names[n] = strings.HasPrefix(n, root+".")
			}
		}
	}
	return names
}

// compile reads and compiles. It runs without the baton.
func (r *Reloader) compile(finder Finder, wanted map[string]bool) (map[string]*chunk, error) {
	chunks := make(map[string]*chunk)
	var failed error
	for name, own := range wanted {
		source, err := finder.Find(name)
		if err != nil {
			// A module that is there no more may be one that the new version does without.
			continue
		}
		c := &chunk{name: name, source: source, sum: checksum(source.Text), own: own}
		c.fn, c.err = r.host.VM().Load(source.Text, source.Chunk)
		chunks[name] = c
		if own && c.err != nil && (failed == nil || c.err.Error() < failed.Error()) {
			failed = c.err
		}
	}
	return chunks, failed
}

// isSettled tells whether the files are still what was read, and have been so long enough that nobody is in the middle
// of writing them.
func isSettled(finder Finder, chunks map[string]*chunk, now time.Time) bool {
	for _, c := range chunks {
		if c.source.File == "" {
			continue
		}
		stamp, err := finder.Stamp(c.source.File)
		if err != nil || stamp != c.source.Stamp {
			return false
		}
		if age := now.Sub(stamp.Modified); age >= 0 && age < settle {
			return false
		}
	}
	return true
}

// Compiled is the chunk of a module that the calling fiber's reload has compiled ahead, nil when there is none.
func (r *Reloader) Compiled(name string) *lua.LFunction {
	tx := r.running
	if tx == nil || !tx.member(r.host.Sched().Current()) {
		return nil
	}
	c := tx.compiled[name]
	if c == nil || c.err != nil {
		return nil
	}
	tx.sources[name] = c.sum
	return c.fn
}
