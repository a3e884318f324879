package replication

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/iproto"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
)

// serverVersion is the version that requests carry: 2.6.0, a byte for each number.
const serverVersion = 2<<16 | 6<<8

// versionID packs the number of a greeting, such as "2.6.0", the way that requests carry it.
func versionID(text string) uint32 {
	var id uint32
	parts := strings.SplitN(text, ".", 4)
	for i := range 3 {
		var part uint64
		if i < len(parts) {
			part, _ = strconv.ParseUint(parts[i], 10, 8)
		}
		id = id<<8 | uint32(part)
	}
	return id
}

// appendFrame adds a frame: the length, and the row.
func appendFrame(b []byte, row *xlog.Row) []byte {
	at := len(b)
	b = append(b, 0xce, 0, 0, 0, 0)
	b = row.Append(b)
	binary.BigEndian.PutUint32(b[at+1:], uint32(len(b)-at-5))
	return b
}

// appendVClock adds a clock without component 0, which is nobody else's business.
func appendVClock(b []byte, v vclock.VClock) []byte {
	v.Set(0, 0)
	return v.AppendMsgpack(b)
}

func vclockBody(v vclock.VClock) []byte {
	return appendVClock([]byte{0x81, iproto.KeyVClock}, v)
}

func uuidBody(id uuid.UUID) []byte {
	return mp.AppendString([]byte{0x81, iproto.KeyInstanceUUID}, id.String())
}

// subscription is the body of a SUBSCRIBE, a JOIN, a FETCH SNAPSHOT or a REGISTER, whatever of it there is.
type subscription struct {
	Cluster  uuid.UUID
	Instance uuid.UUID
	VClock   vclock.VClock
	Version  uint32
	Anon     bool
	// IDFilter are the instances whose rows are not wanted.
	IDFilter uint32

	hasVClock bool
}

func (s *subscription) append(b []byte) []byte {
	n := 5
	if s.IDFilter != 0 {
		n++
	}
	b = mp.AppendMapHeader(b, n)
	b = mp.AppendString(append(b, iproto.KeyClusterUUID), s.Cluster.String())
	b = mp.AppendString(append(b, iproto.KeyInstanceUUID), s.Instance.String())
	b = appendVClock(append(b, iproto.KeyVClock), s.VClock)
	b = mp.AppendUint(append(b, iproto.KeyServerVersion), uint64(s.Version))
	b = mp.AppendBool(append(b, iproto.KeyReplicaAnon), s.Anon)
	if s.IDFilter == 0 {
		return b
	}
	b = append(b, iproto.KeyIDFilter)
	count := 0
	for id := range uint(vclock.Size) {
		if s.IDFilter&(1<<id) != 0 {
			count++
		}
	}
	b = mp.AppendArrayHeader(b, count)
	for id := range uint(vclock.Size) {
		if s.IDFilter&(1<<id) != 0 {
			b = mp.AppendUint(b, uint64(id))
		}
	}
	return b
}

// parse reads a body: foreign bytes that are one checked value.
func (s *subscription) parse(body []byte) error {
	*s = subscription{}
	var failure error
	fail := func(err error) {
		if failure == nil {
			failure = err
		}
	}
	ok := iproto.EachKey(body, func(key uint64, v []byte) {
		switch key {
		case iproto.KeyClusterUUID, iproto.KeyInstanceUUID:
			id, err := uuid.Parse(string(mp.Bytes(v)))
			if err != nil || len(mp.Bytes(v)) != 36 {
				fail(boxerr.New(boxerr.InvalidMsgPack, "invalid UUID"))
				return
			}
			if key == iproto.KeyClusterUUID {
				s.Cluster = id
			} else {
				s.Instance = id
			}
		case iproto.KeyVClock:
			clock, _, err := vclock.DecodeMsgpack(v)
			if err != nil {
				fail(boxerr.New(boxerr.InvalidMsgPack, "invalid VCLOCK"))
			}
			s.VClock, s.hasVClock = clock, true
		case iproto.KeyServerVersion:
			if n, ok := mp.Uint64(v); ok {
				s.Version = uint32(n)
			}
		case iproto.KeyReplicaAnon:
			s.Anon = mp.Boolean(v)
		case iproto.KeyIDFilter:
			if err := s.parseFilter(v); err != nil {
				fail(err)
			}
		}
	})
	if !ok {
		return boxerr.New(boxerr.InvalidMsgPack, "request body")
	}
	return failure
}

func (s *subscription) parseFilter(v []byte) error {
	n, pos := mp.ArrayHeader(v)
	for range n {
		if mp.KindOf(v[pos:]) != mp.Uint {
			return boxerr.New(boxerr.InvalidMsgPack, "invalid ID_FILTER")
		}
		id, _ := mp.Uint64(v[pos:])
		if id >= vclock.Size {
			return boxerr.New(boxerr.InvalidMsgPack, "invalid ID_FILTER")
		}
		s.IDFilter |= 1 << id
		pos += mp.Skip(v[pos:])
	}
	return nil
}

// missing returns the error for a request without one of the fields that it needs.
func (s *subscription) missing(cluster, clock bool) error {
	switch {
	case cluster && s.Cluster == uuid.Nil:
		return boxerr.New(boxerr.MissingRequestField, "replicaset UUID")
	case s.Instance == uuid.Nil:
		return boxerr.New(boxerr.MissingRequestField, "instance UUID")
	case clock && !s.hasVClock:
		return boxerr.New(boxerr.MissingRequestField, "VCLOCK")
	}
	return nil
}

// parseBallot reads the answer to a vote: foreign bytes that are one checked value.
func parseBallot(body []byte) (iproto.Ballot, error) {
	var b iproto.Ballot
	bad := boxerr.New(boxerr.InvalidMsgPack, "invalid ballot")
	good := true
	ok := iproto.EachKey(body, func(key uint64, v []byte) {
		if key != iproto.KeyBallot {
			return
		}
		n, pos := mp.MapHeader(v)
		for range n {
			field, isNumber := mp.Uint64(v[pos:])
			isNumber = isNumber && mp.KindOf(v[pos:]) == mp.Uint
			pos += mp.Skip(v[pos:])
			if isNumber {
				good = setBallot(&b, field, v[pos:]) && good
			}
			pos += mp.Skip(v[pos:])
		}
	})
	if !ok || !good {
		return b, bad
	}
	return b, nil
}

func setBallot(b *iproto.Ballot, field uint64, v []byte) bool {
	switch field {
	case iproto.BallotIsROCfg, iproto.BallotIsLoading:
		if mp.KindOf(v) != mp.Bool {
			return false
		}
		if field == iproto.BallotIsROCfg {
			b.ReadOnly = mp.Boolean(v)
		} else {
			b.Loading = mp.Boolean(v)
		}
	case iproto.BallotVClock, iproto.BallotGCVClock:
		clock, _, err := vclock.DecodeMsgpack(v)
		if err != nil {
			return false
		}
		if field == iproto.BallotVClock {
			b.VClock = clock
		} else {
			b.GCVClock = clock
		}
	}
	return true
}
