package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/console"
	"shardlua/runtime"
)

const reloadHelp = `Usage: shardlua reload [flags] URI|SOCKET MODULE…

Reloads modules of a running instance as one transaction, through its console (console.listen) or its binary port:
all of them, or, when any part fails, none. A module that ends with * stands for all that begin so.

%s
Exit codes: 0 done, 1 refused or rolled back, 2 wrong usage.

Example:
  shardlua reload --dry-run /var/run/tarantool/storage_1_a.control vshard.storage 'myapp.*'
  shardlua reload --health 'box.info.status == "running"' admin:secret@10.0.0.1:3301 vshard.storage
`

// reloadAnswer is what the other side's chunk returns, as JSON.
type reloadAnswer struct {
	Error  string          `json:"error,omitempty"`
	Text   string          `json:"text"`
	Report json.RawMessage `json:"report,omitempty"`
	// Refused says that a dry run found reasons against the reload.
	Refused bool `json:"refused"`
}

func runReload(args []string) int {
	flags, help := newFlags("reload")
	dryRun := flags.Bool("dry-run", false, "tell what would happen and what would be refused, and change nothing")
	changed := flags.Bool("changed", false, "leave modules out whose files have not changed")
	timeout := flags.Duration("timeout", 0, "how long to wait for the fibers of the old version to end, such as 5s")
	health := flags.String("health", "", "Lua `EXPR` that must be true after the switch, or the reload is rolled back")
	asJSON := flags.Bool("json", false, "print the report as JSON")
	flags.SetInterspersed(true)
	err := flags.Parse(args)
	rest := flags.Args()
	switch {
	case err != nil:
		return fail(exitUsage, "reload: %v; see shardlua reload --help", err)
	case *help:
		fmt.Printf(reloadHelp, flags.FlagUsages())
		return exitOK
	case len(rest) < 2:
		return fail(exitUsage, "reload: give an instance and modules; see shardlua reload --help")
	case *timeout < 0:
		return fail(exitUsage, "reload: the timeout is negative")
	}
	answer, err := askReload(address(rest[0]), reloadChunk(rest[1:], *dryRun, *changed, *timeout, *health))
	switch {
	case err != nil:
		return fail(exitFailed, "reload: %s: %v", rest[0], err)
	case answer.Error != "":
		return fail(exitFailed, "reload: %s", answer.Error)
	case *asJSON:
		fmt.Println(string(answer.Report))
	default:
		fmt.Fprint(os.Stdout, answer.Text)
	}
	if answer.Refused {
		return exitFailed
	}
	return exitOK
}

// reloadChunk is what the instance evaluates. It throws nothing.
func reloadChunk(modules []string, dryRun, changed bool, timeout time.Duration, health string) string {
	var options strings.Builder
	for _, m := range modules {
		options.WriteString(luaString(m) + ", ")
	}
	fmt.Fprintf(&options, "dry_run = %t, changed = %t, timeout = %v", dryRun, changed, timeout.Seconds())
	if health != "" {
		options.WriteString(", health = assert(loadstring('return ' .. " + luaString(health) + ", '=health'))")
	}
	return `local json = require('json')
local ok, report = pcall(function()
    local found, host = pcall(require, 'shardlua')
    if not found then error('the instance is no shardlua host', 0) end
    return host.reload{` + options.String() + `}
end)
if not ok then return json.encode({error = tostring(report)}) end
local text = report.text
report.text = nil
return json.encode({text = text, report = report, refused = report.dry_run and #report.refused > 0 or false})`
}

// luaString is a text as a Lua literal.
func luaString(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(text) {
		if c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			b.WriteString(`\` + fmt.Sprintf("%03d", c))
			continue
		}
		b.WriteByte(c)
	}
	b.WriteByte('"')
	return b.String()
}

func askReload(uri, chunk string) (*reloadAnswer, error) {
	host, err := runtime.New(runtime.Options{Args: []string{"shardlua"}, Stderr: io.Discard})
	if err != nil {
		return nil, err
	}
	defer host.Leave()
	defer endOnSignals(host, true)()
	type outcome struct {
		text string
		err  error
	}
	ended := make(chan outcome, 1)
	go func() {
		var o outcome
		err := host.Do(func(L *lua.LState) error {
			o.text, o.err = console.Of(host).Ask(L, uri, chunk)
			return nil
		})
		if o.err == nil {
			o.err = err
		}
		ended <- o
	}()
	var o outcome
	select {
	case <-host.Done():
		return nil, fmt.Errorf("interrupted; the instance goes on with the reload")
	case o = <-ended:
	}
	if o.err != nil {
		return nil, o.err
	}
	answer := &reloadAnswer{}
	if err := json.Unmarshal([]byte(o.text), answer); err != nil {
		return nil, fmt.Errorf("unexpected answer: %s", o.text)
	}
	return answer, nil
}
