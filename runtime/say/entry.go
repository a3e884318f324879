package say

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

// Entry is one message.
type Entry struct {
	Level   Level
	Message string
	// Error is what went wrong: the plain format shows it after the message, the json format as a field of its own.
	Error string
	// Fields, when not empty, are encoded members of a json object that stand in the place of the message in the json
	// format.
	Fields string
	// File and Line tell where the message comes from. The plain format shows them for warnings and errors.
	File string
	Line int
	// FiberID and FiberName tell which fiber speaks; no fiber when FiberID is 0.
	FiberID   uint64
	FiberName string
	// Cord is the thread that speaks, "main" when empty.
	Cord string
}

func (e *Entry) cord() string {
	if e.Cord == "" {
		return "main"
	}
	return e.Cord
}

// appendBare adds the message alone, as it is shown before the log is configured.
func (e *Entry) appendBare(b []byte) []byte {
	b = append(b, e.Message...)
	if e.Error != "" {
		b = append(b, ": "...)
		b = append(b, e.Error...)
	}
	return b
}

// appendPlain adds the part of a plain line that begins with the cord.
func (e *Entry) appendPlain(b []byte) []byte {
	b = append(b, e.cord()...)
	if e.FiberID != 0 {
		b = append(b, '/')
		b = strconv.AppendUint(b, e.FiberID, 10)
		b = append(b, '/')
		b = append(b, e.FiberName...)
	}
	if e.File != "" && (e.Level == SysError || e.Level == Error || e.Level == Warn) {
		b = fmt.Appendf(b, " %s:%d", path.Base(e.File), e.Line)
	}
	b = append(b, ' ', levels[e.Level.clamp()].letter, '>', ' ')
	return e.appendBare(b)
}

// appendStamped adds a whole plain line as it goes to a file.
func (e *Entry) appendStamped(b []byte, now time.Time, pid int) []byte {
	b = now.AppendFormat(b, "2006-01-02 15:04:05.000")
	b = fmt.Appendf(b, " [%d] ", pid)
	return e.appendPlain(b)
}

// appendSyslog adds a packet for syslog, as in RFC 3164.
func (e *Entry) appendSyslog(b []byte, now time.Time, pid int, target *Target) []byte {
	b = fmt.Appendf(b, "<%d>", target.Facility<<3|levels[e.Level.clamp()].severity)
	b = now.AppendFormat(b, "Jan _2 15:04:05 ")
	b = fmt.Appendf(b, "%s[%d]: ", target.Identity, pid)
	return e.appendPlain(b)
}

// appendJSON adds an object. It has Tarantool's blanks, the one before the comma after the pid too.
func (e *Entry) appendJSON(b []byte, now time.Time, pid int) []byte {
	b = append(b, `{"time": "`...)
	b = now.AppendFormat(b, "2006-01-02T15:04:05.000-0700")
	b = append(b, `", "level": "`...)
	b = append(b, levels[e.Level.clamp()].word...)
	b = append(b, `", `...)
	if e.Fields != "" {
		b = append(b, e.Fields...)
	} else {
		b = append(b, `"message": `...)
		b = appendQuoted(b, e.Message)
	}
	if e.Error != "" {
		b = append(b, `, "error": `...)
		b = appendQuoted(b, e.Error)
	}
	b = fmt.Appendf(b, `, "pid": %d , "cord_name": `, pid)
	b = appendQuoted(b, e.cord())
	if e.FiberID != 0 {
		b = fmt.Appendf(b, `, "fiber_id": %d, "fiber_name": `, e.FiberID)
		b = appendQuoted(b, e.FiberName)
	}
	if e.File != "" {
		b = append(b, `, "file": `...)
		b = appendQuoted(b, e.File)
		b = fmt.Appendf(b, `, "line": %d`, e.Line)
	}
	return append(b, '}')
}

// appendQuoted adds a string with the escapes that Tarantool's log uses.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		if at := strings.IndexByte("\"\\/\b\f\n\r\t", c); at >= 0 {
			b = append(b, '\\', `"\/bfnrt`[at])
		} else if c < ' ' || c == 0x7f {
			b = fmt.Appendf(b, `\u%04x`, c)
		} else {
			b = append(b, c)
		}
	}
	return append(b, '"')
}
