package evolution_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime"
	"shardlua/runtime/internals"
)

// TestShapesOfInternalsAreRecorded holds the shape of each module's initial internals to the one that is recorded for
// the version of the code. Who changes the shape adds a migration, which makes a new version, and runs this test once
// to record its shape; a recorded file is never edited.
func TestShapesOfInternalsAreRecorded(t *testing.T) {
	h, err := runtime.New(runtime.Options{Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	for _, list := range evolution.Builtin() {
		t.Run(list.Module, func(t *testing.T) {
			if _, err := h.Eval(fmt.Sprintf("require('%s')", list.Module)); err != nil {
				t.Fatal(err)
			}
			var now []string
			err := h.Do(func(*lua.LState) error {
				table := internals.Of(h).Get(list.Module)
				if table == nil {
					return errors.New("the module has opened no internals of its name")
				}
				now = evolution.Over(table).Shape()
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			checkShape(t, filepath.Join("testdata", fmt.Sprintf("%s.%d.shape", list.Module, list.Version())), now)
		})
	}
}

func checkShape(t *testing.T, file string, now []string) {
	t.Helper()
	recorded, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(file, []byte(strings.Join(now, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("there was no shape recorded for this version; it is now, in %s: look at it and commit it", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := evolution.CompareShapes(strings.Split(strings.TrimSpace(string(recorded)), "\n"), now); diff != "" {
		t.Errorf("the internals have changed their shape without a migration:\n%s", diff)
	}
}
