package iproto

import "shardlua/runtime/tuple/mp"

// Type is what a frame asks for, or, in a reply, how it went.
type Type uint32

// The requests.
const (
	TypeOK        Type = 0
	TypeSelect    Type = 1
	TypeInsert    Type = 2
	TypeReplace   Type = 3
	TypeUpdate    Type = 4
	TypeDelete    Type = 5
	TypeCall16    Type = 6
	TypeAuth      Type = 7
	TypeEval      Type = 8
	TypeUpsert    Type = 9
	TypeCall      Type = 10
	TypeExecute   Type = 11
	TypeNop       Type = 12
	TypePrepare   Type = 13
	TypeBegin     Type = 14
	TypeCommit    Type = 15
	TypeRollback  Type = 16
	TypePing      Type = 64
	TypeJoin      Type = 65
	TypeSubscribe Type = 66
	// TypeVoteDeprecated is the vote of 1.10, which answers with a vclock only.
	TypeVoteDeprecated Type = 67
	TypeVote           Type = 68
	TypeFetchSnapshot  Type = 69
	TypeRegister       Type = 70
	TypeID             Type = 73
	TypeWatch          Type = 74
	TypeUnwatch        Type = 75
	TypeEvent          Type = 76

	// TypeChunk is a message that comes before the reply: box.session.push.
	TypeChunk Type = 128
	// TypeError is set in the reply that is an error; the rest of the number is the error's code.
	TypeError Type = 1 << 15
)

// Keys of headers and bodies.
const (
	KeyRequestType   = 0x00
	KeySync          = 0x01
	KeyReplicaID     = 0x02
	KeyLSN           = 0x03
	KeyTimestamp     = 0x04
	KeySchemaVersion = 0x05
	KeyServerVersion = 0x06
	KeyGroupID       = 0x07
	KeyTSN           = 0x08
	KeyFlags         = 0x09
	KeyStreamID      = 0x0a
	KeySpaceID       = 0x10
	KeyIndexID       = 0x11
	KeyLimit         = 0x12
	KeyOffset        = 0x13
	KeyIterator      = 0x14
	KeyIndexBase     = 0x15
	KeyKey           = 0x20
	KeyTuple         = 0x21
	KeyFunctionName  = 0x22
	KeyUserName      = 0x23
	KeyInstanceUUID  = 0x24
	KeyClusterUUID   = 0x25
	KeyVClock        = 0x26
	KeyExpr          = 0x27
	KeyOps           = 0x28
	KeyBallot        = 0x29
	KeyTupleMeta     = 0x2a
	KeyOptions       = 0x2b
	KeyData          = 0x30
	KeyError24       = 0x31
	KeyMetadata      = 0x32
	KeyBindMetadata  = 0x33
	KeyBindCount     = 0x34
	KeySQLText       = 0x40
	KeySQLBind       = 0x41
	KeySQLInfo       = 0x42
	KeyStatementID   = 0x43
	KeyReplicaAnon   = 0x50
	KeyIDFilter      = 0x51
	KeyError         = 0x52
	KeyVersion       = 0x54
	KeyFeatures      = 0x55
	KeyTimeout       = 0x56
	KeyEvent         = 0x57
	KeyEventData     = 0x58
	KeyTxnIsolation  = 0x59

	keyMax = 0x60
	// keyEnd is the end of the keys that 2.6 knows.
	keyEnd = 0x53
)

// Keys of a ballot.
const (
	BallotIsROCfg   = 0x01
	BallotVClock    = 0x02
	BallotGCVClock  = 0x03
	BallotIsLoading = 0x04
)

// kinds is what the value of each key must be; a key that is not here is skipped whatever it holds.
var kinds = [keyMax]kindSet{
	KeyRequestType: uints, KeySync: uints, KeyReplicaID: uints, KeyLSN: uints, KeyTimestamp: 1 << mp.Double,
	KeySchemaVersion: uints, KeyServerVersion: uints, KeyGroupID: uints, KeyTSN: uints, KeyFlags: uints, KeyStreamID: uints,
	KeySpaceID: uints, KeyIndexID: uints, KeyLimit: uints, KeyOffset: uints, KeyIterator: uints, KeyIndexBase: uints,
	KeyKey: arrays, KeyTuple: arrays, KeyFunctionName: strs, KeyUserName: strs,
	KeyInstanceUUID: strs, KeyClusterUUID: strs, KeyVClock: maps, KeyExpr: strs, KeyOps: arrays, KeyBallot: maps,
	KeyTupleMeta: maps, KeyOptions: arrays | maps, KeyData: arrays, KeyError24: strs, KeySQLText: strs, KeySQLBind: arrays,
	KeySQLInfo: maps, KeyStatementID: uints, KeyReplicaAnon: 1 << mp.Bool, KeyIDFilter: arrays, KeyError: maps,
	KeyVersion: uints, KeyFeatures: arrays, KeyEvent: strs,
}

type kindSet uint16

const (
	uints  kindSet = 1 << mp.Uint
	strs   kindSet = 1 << mp.Str
	arrays kindSet = 1 << mp.Array
	maps   kindSet = 1 << mp.Map
)

// fits reports whether a key may have the value that begins b.
func fits(key uint64, b []byte) bool {
	return key >= keyMax || kinds[key] == 0 || kinds[key]&(1<<mp.KindOf(b)) != 0
}

// fitsHeader reports whether a header may have a pair, as 2.6 sees it: what it does not know there must be a number if
// it is near those that it knows, otherwise nil.
func fitsHeader(key uint64, value []byte) bool {
	switch {
	case key >= keyEnd:
		return false
	case key == KeyOptions:
		return mp.KindOf(value) == mp.Map
	case key < KeyKey && kinds[key] == 0:
		return mp.KindOf(value) == mp.Uint
	case key > KeyOptions || kinds[key] == 0:
		return mp.IsNil(value)
	}
	return fits(key, value)
}

// fieldNames are what "Missing mandatory field" calls the keys.
var fieldNames = map[uint64]string{
	KeySpaceID: "space id", KeyIndexID: "index id", KeyLimit: "limit", KeyKey: "key", KeyTuple: "tuple",
	KeyFunctionName: "function name", KeyUserName: "user name", KeyExpr: "expression", KeyOps: "operations",
	KeyInstanceUUID: "instance UUID", KeyClusterUUID: "cluster UUID", KeyVClock: "vector clock",
	KeyEvent: "event key",
}
