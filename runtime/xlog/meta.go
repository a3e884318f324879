package xlog

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"shardlua/runtime/xlog/vclock"
)

// FileType is the first line of a file.
type FileType string

// The two kinds of files.
const (
	Log      FileType = "XLOG"
	Snapshot FileType = "SNAP"
)

// Ext is the extension of files of the type, with its dot.
func (t FileType) Ext() string {
	if t == Snapshot {
		return ".snap"
	}
	return ".xlog"
}

// formatVersion is what we write; files of the older version differ in nothing that is read here.
const (
	formatVersion    = "0.13"
	formatVersionOld = "0.12"
)

// DefaultVersion is what stands in a file's Version field unless the writer says otherwise. It names the Tarantool
// whose format the file has.
const DefaultVersion = "2.6.0-0-g47aa4e01e"

// maxMeta bounds the text header, so that a foreign file is recognized without reading all of it.
const maxMeta = 64 << 10

// Meta is the text header of a file.
type Meta struct {
	FileType FileType
	// Version is that of the program that wrote the file.
	Version  string
	Instance uuid.UUID
	// VClock is the state that a snapshot holds, or that a log starts after.
	VClock vclock.VClock
	// PrevVClock is the VClock of the log before this one, if HasPrev.
	PrevVClock vclock.VClock
	HasPrev    bool
}

// Append appends the header with the empty line that ends it.
func (m *Meta) Append(dst []byte) []byte {
	version := m.Version
	if version == "" {
		version = DefaultVersion
	}
	dst = fmt.Appendf(dst, "%s\n%s\nVersion: %s\nInstance: %s\nVClock: %s\n",
		m.FileType, formatVersion, version, m.Instance, m.VClock)
	if m.HasPrev {
		dst = fmt.Appendf(dst, "PrevVClock: %s\n", m.PrevVClock)
	}
	return append(dst, '\n')
}

// MetaError says what is wrong with a header, in Tarantool's words.
type MetaError struct{ Reason string }

func (e *MetaError) Error() string { return e.Reason }

func badMeta(format string, args ...any) error { return &MetaError{fmt.Sprintf(format, args...)} }

// unexpectedEnd is what Tarantool says of a file that ends within its header.
const unexpectedEnd = "Unexpected end of file, run with 'force_recovery = true'"

// ParseMeta reads the header at the start of data and returns its length. Unknown fields are skipped. Errors are
// *MetaError.
func ParseMeta(data []byte) (m Meta, size int, err error) {
	end := bytes.Index(data, []byte("\n\n"))
	if end < 0 {
		return Meta{}, 0, badMeta(unexpectedEnd)
	}
	lines := strings.Split(string(data[:end]), "\n")
	if len(lines) < 2 {
		return Meta{}, 0, badMeta("failed to parse xlog type string")
	}
	m.FileType = FileType(lines[0])
	if len(lines[0]) > 10 {
		return Meta{}, 0, badMeta("failed to parse xlog type string")
	}
	if lines[1] != formatVersion && lines[1] != formatVersionOld {
		return Meta{}, 0, badMeta("unsupported file format version %s", lines[1])
	}
	for _, line := range lines[2:] {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return Meta{}, 0, badMeta("can't extract meta value")
		}
		value = strings.TrimLeft(value, " \t")
		if err := m.set(key, value); err != nil {
			return Meta{}, 0, err
		}
	}
	return m, end + 2, nil
}

func (m *Meta) set(key, value string) error {
	switch key {
	case "Instance", "Server":
		id, err := uuid.Parse(value)
		if err != nil || len(value) != 36 {
			return badMeta("can't parse instance UUID")
		}
		m.Instance = id
	case "VClock":
		v, err := vclock.Parse(value)
		if err != nil {
			return badMeta("%v", err)
		}
		m.VClock = v
	case "PrevVClock":
		v, err := vclock.Parse(value)
		if err != nil {
			return badMeta("%v", err)
		}
		m.PrevVClock, m.HasPrev = v, true
	case "Version":
		m.Version = value
	}
	return nil
}
