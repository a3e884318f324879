package say

import (
	"slices"
	"strings"

	"shardlua/runtime/boxerr"
)

// Kind is the sort of a Target.
type Kind int

// The kinds of targets.
const (
	Stderr Kind = iota
	File
	Pipe
	Syslog
)

// Target is where the lines go.
type Target struct {
	Kind Kind
	// Path is the file, or the command for the shell.
	Path string
	// Of syslog: the name of the program, the number of the facility, and "unix:/path", "host" or "host:port"; empty
	// means the machine's own.
	Identity string
	Facility int
	Server   string
}

const defaultFacility = 23 // local7

// facilities are the names of syslog's facilities, by number (RFC 3164, section 4.1.1).
var facilities = [...]string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	16: "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

// ParseTarget reads a target as box.cfg.log has it: a file name, "file:name", "pipe:command", "| command",
// "syslog:identity=…,facility=…,server=…", or nothing for the standard error stream. Its errors are IllegalParams.
func ParseTarget(s string) (Target, error) {
	if s == "" {
		return Target{}, nil
	}
	if command, ok := strings.CutPrefix(s, "|"); ok {
		return Target{Kind: Pipe, Path: command}, nil
	}
	prefix, rest, found := strings.Cut(s, ":")
	switch {
	case !found:
		return Target{Kind: File, Path: s}, nil
	case prefix == "file":
		return Target{Kind: File, Path: rest}, nil
	case prefix == "pipe":
		return Target{Kind: Pipe, Path: rest}, nil
	case prefix == "syslog":
		return parseSyslog(rest)
	}
	return Target{}, boxerr.Newf(boxerr.ClassIllegalParams, "expecting a file name or a prefix, such as '|', 'pipe:', 'syslog:'")
}

func parseSyslog(options string) (Target, error) {
	t := Target{Kind: Syslog, Identity: "tarantool", Facility: defaultFacility}
	var seen []string
	if options == "" {
		return t, nil
	}
	for option := range strings.SplitSeq(options, ",") {
		name, value, found := strings.Cut(option, "=")
		if !found || !slices.Contains([]string{"identity", "facility", "server"}, name) {
			return Target{}, boxerr.Newf(boxerr.ClassIllegalParams, "bad option '%s'", option)
		}
		if slices.Contains(seen, name) {
			return Target{}, boxerr.Newf(boxerr.ClassIllegalParams, "duplicate option '%s'", name)
		}
		seen = append(seen, name)
		switch name {
		case "identity":
			t.Identity = value
		case "server":
			t.Server = value
		case "facility":
			if t.Facility = slices.Index(facilities[:], value); t.Facility < 0 || value == "" {
				return Target{}, boxerr.Newf(boxerr.ClassIllegalParams, "bad syslog facility option '%s'", value)
			}
		}
	}
	return t, nil
}
