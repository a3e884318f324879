package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// stamp is what differs between two runs at the begin of a log line.
var stamp = regexp.MustCompile(`(?m)^[0-9-]+ [0-9:.]+ \[\d+\] main/\d+/\S+ `)

// startCases are options of the first box.cfg that an instance cannot start with, and what it says on stderr although
// its log goes to a file.
var startCases = []struct{ options, want string }{
	{"work_dir = '/no/such'", "can't chdir to `/no/such': No such file or directory\n"},
	{"memtx_dir = '/no/such'", "F> can't initialize storage: error reading directory '/no/such'\n"},
	{"wal_dir = '/no/such'", "F> can't initialize storage: Can't open path: /no/such\n"},
	{"pid_file = '/no/such/x.pid'", "failed to create pid file '/no/such/x.pid': No such file or directory\n"},
	{"wal_max_size = 0", "ER_CFG: Incorrect value for option 'wal_max_size': the value must be greater than one\n" + fatal},
	{"username = 5", "ER_CFG: Incorrect value for option 'username': should be of type string\n" + fatal},
	{"force_recovery = 'x'", "ER_CFG: Incorrect value for option 'force_recovery': should be of type boolean\n" + fatal},
	{"hot_standby = true, wal_dir_rescan_delay = -1", ""},
}

func startWith(t *testing.T, cmd *exec.Cmd) (stderr string, code int) {
	t.Helper()
	var errors strings.Builder
	cmd.Stderr = &errors
	code = exitCode(cmd.Run())
	return stamp.ReplaceAllString(errors.String(), ""), code
}

func TestStartOfBox(t *testing.T) {
	t.Parallel()
	stock, _ := exec.LookPath("tarantool")
	for _, c := range startCases {
		t.Run(c.options, func(t *testing.T) {
			script := "box.cfg{log = 'my.log', log_level = 1, " + c.options + "} os.exit(0)"
			wantCode := 1
			if c.want == "" {
				wantCode = 0
			}
			check := func(host string, cmd *exec.Cmd) {
				if stderr, code := startWith(t, cmd); stderr != c.want || code != wantCode {
					t.Errorf("%s: code %d, errors %q; want %d, %q", host, code, stderr, wantCode, c.want)
				}
			}
			inDir := func() string {
				dir := t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, "box.lua"), []byte(script), 0o644); err != nil {
					t.Fatal(err)
				}
				return dir
			}
			check("ours", program(t, "tarantool", inDir(), "box.lua"))
			if stock != "" {
				cmd := exec.CommandContext(t.Context(), stock, "box.lua")
				cmd.Dir = inDir()
				check("stock", cmd)
			}
		})
	}
}

// A second instance in the directory of one that runs is refused, with a clear word when it is meant to stand by.
func TestDirectoryInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := program(t, "tarantool", dir, "-e", "box.cfg{log_level = 1} print('up') io.flush() io.read() os.exit(0)")
	stdin, err := first.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = stdin.Close()
		_ = first.Wait()
	}()
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "up\n" {
		t.Fatal(line, err)
	}
	for options, want := range map[string]string{
		"":                   "F> can't initialize storage: Failed to lock WAL directory . and hot_standby mode is off\n",
		"hot_standby = true": "F> can't initialize storage: shardlua does not support hot_standby, and another instance uses the directory .\n",
	} {
		stderr, code := startWith(t, program(t, "tarantool", dir, "-e", "box.cfg{log = 'my.log', log_level = 1, "+options+"}"))
		if stderr != want || code != 1 {
			t.Errorf("%s: code %d, errors %q, want %q", options, code, stderr, want)
		}
	}
}
