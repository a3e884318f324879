package boxerr_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"shardlua/runtime/boxerr"
)

func TestNewFillsTheText(t *testing.T) {
	for _, c := range []struct {
		err  *boxerr.Error
		want string
	}{
		{boxerr.New(boxerr.NoSuchSpace, "x"), "Space 'x' does not exist"},
		{boxerr.New(boxerr.KeyPartCount, 1, 2), "Invalid key part count (expected [0..1], got 2)"},
		{boxerr.New(boxerr.UpdateArgType, byte('+'), 2, "a number"), "Argument type in operation '+' on field 2 does not match field type: expected a number"},
		{boxerr.New(boxerr.UpdateArgType, 'д', 2, "a number"), "Argument type in operation 'д' on field 2 does not match field type: expected a number"},
		{boxerr.New(boxerr.NoSuchProc, "f"), "Procedure 'f' is not defined"},
		{boxerr.New(boxerr.InvalidOrder, 1, uint64(2), 3), "Invalid LSN order for instance 1: previous LSN = 2, new lsn = 3"},
		{boxerr.New(boxerr.NoSuchSpace), "Space '%s' does not exist"},
		{boxerr.New(boxerr.Code(9999)), "Unknown error"},
	} {
		if c.err.Error() != c.want {
			t.Errorf("got %q, want %q", c.err, c.want)
		}
	}
}

func TestStack(t *testing.T) {
	a, b := boxerr.New(boxerr.Timeout), boxerr.New(boxerr.NoConnection)
	if err := a.SetPrev(b); err != nil {
		t.Fatal(err)
	}
	if a.SetPrev(a) == nil || b.SetPrev(a) == nil {
		t.Error("a loop passes")
	}
	if s := a.Stack(); len(s) != 2 || s[0] != a || s[1] != b {
		t.Errorf("the stack is %v", s)
	}
	if !errors.Is(a, boxerr.NoConnection) || errors.Is(b, boxerr.Timeout) {
		t.Error("errors.Is does not look down the stack")
	}
	if boxerr.From(fmt.Errorf("while connecting: %w", a)) != a || boxerr.From(nil) != nil {
		t.Error("From does not find the error")
	}
	if e := boxerr.From(errors.New("x")); e.Type != boxerr.ClassLuajitError || e.Message != "x" {
		t.Errorf("From made %+v", e)
	}
}

func TestClasses(t *testing.T) {
	denied := boxerr.NewAccessDenied("Read", "space", "s", "u")
	if denied.Error() != "Read access to space 's' is denied for user 'u'" || denied.Fields["object_name"] != "s" || denied.Code != uint32(boxerr.AccessDenied) {
		t.Errorf("got %+v", denied)
	}
	if e := boxerr.NewCustom("Mine", 5, "words"); e.TypeName() != "Mine" || e.Type != boxerr.ClassCustomError {
		t.Errorf("got %+v", e)
	}
	if e := boxerr.NewSystem(boxerr.ClassSystemError, 2, "open %s", "x"); e.Code != uint32(boxerr.System) || e.Errno != 2 || e.Message != "open x" {
		t.Errorf("got %+v", e)
	}
	if e := boxerr.New(boxerr.Timeout).At("a.lua", 3); e.File != "a.lua" || e.Line != 3 {
		t.Errorf("got %+v", e)
	}
}

func TestNames(t *testing.T) {
	for _, c := range boxerr.Codes() {
		if got, ok := boxerr.ByName(c.Name()); got != c || !ok {
			t.Errorf("%s is found as %d", c.Name(), got)
		}
	}
	if _, ok := boxerr.ByName("NO_SUCH_NAME"); ok {
		t.Error("a name that does not exist is found")
	}
}

const script = `
for name, code in pairs(box.error) do
    if type(code) == 'number' then
        local ok, e = pcall(box.error.new, code, '101', '102', '103', '104', '105', '106')
        print(code, name, ok and e.message or '')
    end
end
os.exit(0)`

func TestCodesAgainstTarantool(t *testing.T) {
	tarantool, err := exec.LookPath("tarantool")
	if err != nil {
		t.Skip("tarantool is not installed: nothing to compare with")
	}
	file := filepath.Join(t.TempDir(), "codes.lua")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tarantool, file).Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		code, ok := boxerr.ByName(fields[1])
		if !ok || fmt.Sprint(uint32(code)) != fields[0] || !code.Listed() {
			t.Errorf("%s is %d, want %s", fields[1], code, fields[0])
		}
		theirs[fields[1]] = true
		// A C character of "101" is its number's: only texts without one compare.
		if got := boxerr.New(code, 101, 102, 103, 104, 105, 106).Message; fields[2] != "" && !strings.Contains(code.Text(), "%c") && got != fields[2] {
			t.Errorf("%s: got %q, want %q", fields[1], got, fields[2])
		}
	}
	for _, c := range boxerr.Codes() {
		if c.Listed() != theirs[c.Name()] {
			t.Errorf("%s: listed is %v", c.Name(), c.Listed())
		}
	}
}
