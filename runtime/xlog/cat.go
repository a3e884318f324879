package xlog

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"

	"shardlua/runtime/sys"
)

// CatOptions choose what Cat prints, and how. They are tarantoolctl's.
type CatOptions struct {
	Disk sys.Disk
	// Format is "yaml" (also when empty), "json" or "lua".
	Format string
	// Spaces are the ids of the spaces to print; none means all but the system spaces.
	Spaces []uint32
	// ShowSystem prints the system spaces, too.
	ShowSystem bool
	// From is the first LSN to print, To the one after the last; zero means no limit.
	From, To int64
	// Replicas are the ids of the instances whose rows to print; none means all.
	Replicas []uint32
	// Events is told of broken blocks, which are skipped, and of a file without its end.
	Events Events
}

// firstUserSpace is the first space id that is not a system space's.
const firstUserSpace = 512

// Cat prints the rows of a file, as `tarantoolctl cat` does. Broken blocks are skipped and told to Events.
func Cat(w io.Writer, path string, options CatOptions) error {
	out := &catWriter{w: bufio.NewWriter(w)}
	var print func(*Row, catBody)
	switch options.Format {
	case "", "yaml":
		print = out.yaml
	case "json":
		print = out.json
	case "lua":
		print = out.lua
	default:
		return fmt.Errorf("unknown formatter '%s'", options.Format)
	}
	r, err := OpenReader(options.Disk, path, ReaderOptions{Force: true, Events: options.Events})
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		rows, err := r.Next()
		if unclosed, ok := err.(*UnclosedError); ok {
			options.Events.Tell(Warn, unclosed, "%v", unclosed)
			break
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		for i := range rows {
			body := parseBody(rows[i].Body)
			if options.wants(&rows[i], body) {
				print(&rows[i], body)
			}
		}
	}
	if out.printed && (options.Format == "" || options.Format == "yaml") {
		out.w.WriteString("...\n\n")
	}
	return out.w.Flush()
}

func (o *CatOptions) wants(row *Row, body catBody) bool {
	if row.LSN < o.From || o.To != 0 && row.LSN >= o.To {
		return false
	}
	if len(o.Replicas) > 0 && !slices.Contains(o.Replicas, row.ReplicaID) {
		return false
	}
	space, ok := body.space()
	if len(o.Spaces) > 0 {
		return ok && slices.Contains(o.Spaces, uint32(space))
	}
	return !ok || o.ShowSystem || space >= firstUserSpace
}

// catBody is the fields of a row's body, in the order in which they are printed.
type catBody []catField

type catField struct {
	key   uint64
	value []byte
}

const (
	keySpaceID    = 0x10
	keyIndexBase  = 0x15
	keyKey        = 0x20
	keyTuple      = 0x21
	keyOperations = 0x28
)

// bodyKeys are the names of a body's fields, and the order of those that come before the others.
var bodyKeys = []struct {
	key  uint64
	name string
}{
	{keySpaceID, "space_id"}, {keyOperations, "operations"}, {keyIndexBase, "index_base"}, {keyKey, "key"}, {keyTuple, "tuple"},
	{0x11, "index_id"}, {0x12, "limit"}, {0x13, "offset"}, {0x14, "iterator"}, {0x22, "function_name"}, {0x23, "user_name"},
	{0x24, "server_uuid"}, {0x25, "cluster_uuid"}, {0x26, "vclock"}, {0x27, "expression"}, {0x29, "ballot"},
}

func bodyRank(key uint64) int {
	for i, known := range bodyKeys {
		if known.key == key {
			return i
		}
	}
	return len(bodyKeys)
}

func (f *catField) name() string {
	if rank := bodyRank(f.key); rank < len(bodyKeys) {
		return bodyKeys[rank].name
	}
	return strconv.FormatUint(f.key, 10)
}

// BodyField is a field of a row's body by its name; Value is msgpack that lies in the body.
type BodyField struct {
	Name  string
	Value []byte
}

// BodyFields are those of a body, none if it is no map.
func (row *Row) BodyFields() []BodyField {
	var fields []BodyField
	for _, f := range parseBody(row.Body) {
		fields = append(fields, BodyField{f.name(), f.value})
	}
	return fields
}

// parseBody splits a body; what is not a map with numbers for keys has no fields.
func parseBody(data []byte) catBody {
	count, data, ok := readMap(data)
	if !ok {
		return nil
	}
	var body catBody
	for range count {
		key, value, ok := readUint(data)
		if !ok {
			return body
		}
		if data, ok = skip(value); !ok {
			return body
		}
		body = append(body, catField{key, value[:len(value)-len(data)]})
	}
	slices.SortStableFunc(body, func(a, b catField) int { return bodyRank(a.key) - bodyRank(b.key) })
	return body
}

func (b catBody) get(key uint64) []byte {
	for _, f := range b {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

func (b catBody) space() (uint64, bool) {
	id, _, ok := readUint(b.get(keySpaceID))
	return id, ok
}

var typeNames = map[Type]string{
	0: "OK", Select: "SELECT", Insert: "INSERT", Replace: "REPLACE", Update: "UPDATE", Delete: "DELETE", 6: "CALL", 7: "AUTH",
	8: "EVAL", Upsert: "UPSERT", 10: "CALL", 11: "EXECUTE", Nop: "NOP", 13: "PREPARE",
}

func (t Type) String() string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return strconv.FormatUint(uint64(t), 10)
}

// HeaderField is a field of a row's header as it is shown to people and scripts: a number, "true", or, if Quote is set, a
// text.
type HeaderField struct {
	Name, Value string
	Quote       bool
}

// HeaderFields are those that have a value.
func (row *Row) HeaderFields() []HeaderField {
	var fields []HeaderField
	number := func(name string, v uint64) {
		if v != 0 {
			fields = append(fields, HeaderField{name, strconv.FormatUint(v, 10), false})
		}
	}
	number("lsn", uint64(row.LSN))
	if !row.alone() && row.IsCommit {
		fields = append(fields, HeaderField{"commit", "true", false})
	}
	number("group_id", uint64(row.GroupID))
	number("replica_id", uint64(row.ReplicaID))
	_, known := typeNames[row.Type]
	fields = append(fields, HeaderField{"type", row.Type.String(), known})
	if !row.alone() {
		number("tsn", uint64(row.TSN))
	}
	number("sync", row.Sync)
	number("schema_version", row.Schema)
	if row.Timestamp != 0 {
		fields = append(fields, HeaderField{"timestamp", formatDouble(row.Timestamp), false})
	}
	return fields
}

type catWriter struct {
	w       *bufio.Writer
	printed bool
}

func (c *catWriter) yaml(row *Row, body catBody) {
	c.printed = true
	c.w.WriteString("---\nHEADER:\n")
	for _, f := range row.HeaderFields() {
		fmt.Fprintf(c.w, "  %s: %s\n", f.Name, f.Value)
	}
	if len(body) > 0 {
		c.w.WriteString("BODY:\n")
	}
	for _, f := range body {
		line := fmt.Sprintf("  %s:", f.name())
		e := flowEmitter{out: []byte(line), column: len(line), indent: 2}
		e.value(f.value)
		c.w.Write(append(e.out, '\n'))
	}
}

func (c *catWriter) json(row *Row, body catBody) {
	c.printed = true
	c.w.WriteString(`{"HEADER":{`)
	for i, f := range row.HeaderFields() {
		if i > 0 {
			c.w.WriteByte(',')
		}
		if f.Quote {
			f.Value = `"` + f.Value + `"`
		}
		fmt.Fprintf(c.w, `"%s":%s`, f.Name, f.Value)
	}
	c.w.WriteByte('}')
	for i, f := range body {
		separator := ","
		if i == 0 {
			separator = `,"BODY":{`
		}
		fmt.Fprintf(c.w, `%s"%s":`, separator, f.name())
		text, _ := appendJSON(nil, f.value)
		c.w.Write(text)
	}
	if len(body) > 0 {
		c.w.WriteByte('}')
	}
	c.w.WriteString("}\n")
}

func (c *catWriter) lua(row *Row, body catBody) {
	space, ok := body.space()
	if !ok || row.Type == Nop {
		return
	}
	method, arguments := "", []uint64{keyTuple}
	switch row.Type {
	case Insert:
		method = "insert"
	case Replace:
		method = "replace"
	case Delete:
		method, arguments = "delete", []uint64{keyKey}
	case Update:
		method, arguments = "update", []uint64{keyKey, keyTuple}
	case Upsert:
		method, arguments = "upsert", []uint64{keyTuple, keyOperations}
	default:
		return
	}
	c.printed = true
	fmt.Fprintf(c.w, "box.space[%d]:%s(", space, method)
	for i, key := range arguments {
		if i > 0 {
			c.w.WriteString(", ")
		}
		if value := body.get(key); value != nil {
			text, _ := appendLua(nil, value)
			c.w.Write(text)
		} else {
			c.w.WriteString("nil")
		}
	}
	c.w.WriteString(")\n")
}
