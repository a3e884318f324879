package wire

import (
	"encoding/binary"
	"fmt"
	"strings"

	"shardlua/runtime/iproto"
	"shardlua/runtime/tuple/mp"
)

// topology is the instances that a kind of work is given to.
type topology struct {
	name   string
	roles  []string // started in this order
	target string   // the role that requests go to
	wal    string   // wal_mode; empty leaves it to the caller
}

var topologies = []topology{
	{name: "single", roles: []string{"single"}, target: "single"},
	{name: "durable", roles: []string{"single"}, target: "single", wal: "write"},
	{name: "cluster", roles: []string{"storage_1", "storage_2", "router"}, target: "router", wal: "write"},
	{name: "storage", roles: []string{"storage_1", "storage_2", "router"}, target: "storage_1", wal: "write"},
}

// work is one kind of request.
type work struct {
	name     string
	topology string
	// request appends header and body; n varies the key.
	request func(b []byte, n int) []byte
	// failed finds a failure in an answer without an error code; nil when there is none to find.
	failed func(frame []byte) bool
}

const (
	benchSpace = 600
	buckets    = 3000
)

// works are all kinds, as they are printed.
var works = []work{
	{name: "ping", topology: "single", request: func(b []byte, _ int) []byte { return append(header(b, iproto.TypePing), 0x80) }},
	{name: "select", topology: "single", request: func(b []byte, n int) []byte {
		b = append(header(b, iproto.TypeSelect), 0x83, iproto.KeySpaceID)
		b = append(appendUint16(b, benchSpace), iproto.KeyLimit, 1, iproto.KeyKey, 0x91)
		return appendUint16(b, key(n))
	}},
	{name: "call", topology: "single", request: func(b []byte, n int) []byte { return appendUint16(call(b, "echo", 1), key(n)) }},
	{name: "get", topology: "single", request: func(b []byte, n int) []byte { return appendUint16(call(b, "get", 1), key(n)) }},
	{name: "replace", topology: "single", request: replace},
	{name: "replace-write", topology: "durable", request: replace},
	{name: "storage-read", topology: "storage", failed: notTrue, request: func(b []byte, n int) []byte {
		b = mp.AppendString(ownBucket(call(b, "vshard.storage.call", 4), n), "read")
		return appendUint16(append(mp.AppendString(b, "get"), 0x91), key(n))
	}},
	{name: "storage-write", topology: "storage", failed: notTrue, request: func(b []byte, n int) []byte {
		b = mp.AppendString(ownBucket(call(b, "vshard.storage.call", 4), n), "write")
		b = appendUint16(append(mp.AppendString(b, "put"), 0x92), key(n))
		return mp.AppendString(b, "another value")
	}},
	{name: "router-callrw", topology: "cluster", failed: isNil, request: func(b []byte, n int) []byte {
		b = appendUint16(call(b, "vshard.router.callrw", 3), uint16(256+n%(buckets-256)))
		b = appendUint16(append(mp.AppendString(b, "put"), 0x92), key(n))
		return mp.AppendString(b, "another value")
	}},
	{name: "router-callro", topology: "cluster", failed: isNil, request: func(b []byte, n int) []byte {
		b = appendUint16(call(b, "vshard.router.callro", 3), uint16(256+n%(buckets-256)))
		return appendUint16(append(mp.AppendString(b, "get"), 0x91), key(n))
	}},
}

// Works are the kinds of work, in the order in which they are usually measured.
func Works() []string {
	var names []string
	for _, w := range works {
		names = append(names, w.name)
	}
	return names
}

func findWork(name string) (work, error) {
	for _, w := range works {
		if w.name == name {
			return w, nil
		}
	}
	return work{}, fmt.Errorf("no work %q, know %s", name, strings.Join(Works(), ", "))
}

// frame is a whole request. All frames of one kind of work are equally long.
func (w work) frame(n int) []byte {
	b := w.request([]byte{0xce, 0, 0, 0, 0}, n)
	binary.BigEndian.PutUint32(b[1:], uint32(len(b)-5))
	return b
}

// key is one of the space's, and takes three bytes.
func key(n int) uint16 { return uint16(256 + n%9000) }

func appendUint16(b []byte, v uint16) []byte {
	return binary.BigEndian.AppendUint16(append(b, 0xcd), v)
}

func header(b []byte, typ iproto.Type) []byte {
	return append(b, 0x82, iproto.KeyRequestType, byte(typ), iproto.KeySync, 7)
}

// call begins a call with so many arguments.
func call(b []byte, function string, arguments int) []byte {
	b = mp.AppendString(append(header(b, iproto.TypeCall), 0x82, iproto.KeyFunctionName), function)
	return mp.AppendArrayHeader(append(b, iproto.KeyTuple), arguments)
}

func replace(b []byte, n int) []byte {
	b = append(header(b, iproto.TypeReplace), 0x82, iproto.KeySpaceID)
	b = appendUint16(append(appendUint16(b, benchSpace), iproto.KeyTuple, 0x92), key(n))
	return mp.AppendString(b, "another value")
}

// ownBucket appends a bucket that storage_1 has. The first half of the buckets goes to the replica set whose uuid sorts
// first, which is its own.
func ownBucket(b []byte, n int) []byte { return appendUint16(b, uint16(256+n%(buckets/2-256))) }

// A reply to a call begins with three keys in the header, and a body of one key whose array has the long form of
// length: on both hosts, so that the first result stands where it always does.
const firstResult = 23 + 7

func notTrue(frame []byte) bool { return len(frame) <= firstResult || frame[firstResult] != 0xc3 }

func isNil(frame []byte) bool { return len(frame) <= firstResult || frame[firstResult] == 0xc0 }
