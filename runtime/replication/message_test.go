package replication

import (
	"reflect"
	"testing"

	"github.com/google/uuid"

	"shardlua/runtime/iproto"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
)

func clock(pairs ...int64) vclock.VClock {
	var v vclock.VClock
	for i := 0; i < len(pairs); i += 2 {
		v.Set(uint32(pairs[i]), pairs[i+1])
	}
	return v
}

func TestSubscriptionRoundTrip(t *testing.T) {
	s := subscription{Cluster: uuid.New(), Instance: uuid.New(), VClock: clock(1, 5, 31, 7), Version: serverVersion,
		Anon: true, IDFilter: 1<<1 | 1<<31, hasVClock: true}
	body := s.append(nil)
	if err := mp.Validate(body); err != nil {
		t.Fatal(err)
	}
	var got subscription
	if err := got.parse(body); err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := (&subscription{}).missing(false, false); err == nil {
		t.Error("a request without an instance is accepted")
	}
}

func TestVersionID(t *testing.T) {
	for text, want := range map[string]uint32{"2.6.0": serverVersion, "1.10.15": 1<<16 | 10<<8 | 15, "2": 2 << 16, "x": 0, "2.6.x": serverVersion} {
		if got := versionID(text); got != want {
			t.Errorf("%s: %x", text, got)
		}
	}
}

func TestLeader(t *testing.T) {
	id := func(first byte) uuid.UUID { return uuid.UUID{first} }
	for name, test := range map[string]struct {
		all  []candidate
		want int
	}{
		"nobody":               {nil, -1},
		"lowest uuid":          {[]candidate{{id(2), iproto.Ballot{}}, {id(1), iproto.Ballot{}}, {id(3), iproto.Ballot{}}}, 1},
		"not read-only":        {[]candidate{{id(1), iproto.Ballot{ReadOnly: true}}, {id(2), iproto.Ballot{Loading: true}}}, 1},
		"up first":             {[]candidate{{id(1), iproto.Ballot{Loading: true}}, {id(2), iproto.Ballot{}}}, 1},
		"knows most":           {[]candidate{{id(1), iproto.Ballot{VClock: clock(1, 5)}}, {id(2), iproto.Ballot{VClock: clock(1, 6)}}}, 1},
		"concurrent":           {[]candidate{{id(1), iproto.Ballot{VClock: clock(1, 5)}}, {id(2), iproto.Ballot{VClock: clock(2, 6)}}}, 1},
		"local is not counted": {[]candidate{{id(2), iproto.Ballot{VClock: clock(0, 9)}}, {id(1), iproto.Ballot{}}}, 1},
	} {
		if got := leader(test.all); got != test.want {
			t.Errorf("%s: %d", name, got)
		}
	}
}

func TestOutdated(t *testing.T) {
	master := iproto.Ballot{VClock: clock(1, 10, 2, 3), GCVClock: clock(1, 8)}
	for want, all := range map[bool][]vclock.VClock{
		true:  {clock(), clock(1, 7), clock(1, 7, 2, 3)},
		false: {clock(1, 8), clock(1, 10, 2, 3), clock(1, 7, 2, 4), clock(1, 7, 3, 1)},
	} {
		for _, v := range all {
			if got := outdated(&v, &master); got != want {
				t.Errorf("%s: %v", v, got)
			}
		}
	}
}

func TestAssembly(t *testing.T) {
	row := func(id uint32, lsn, tsn int64, commit bool) xlog.Row {
		return xlog.Row{Type: xlog.Insert, ReplicaID: id, LSN: lsn, TSN: tsn, IsCommit: commit}
	}
	for name, test := range map[string]struct {
		rows []xlog.Row
		size int // of the last transaction, -1 for an error
	}{
		"one row":          {[]xlog.Row{row(1, 5, 5, true)}, 1},
		"three rows":       {[]xlog.Row{row(1, 5, 5, false), row(1, 6, 5, false), row(1, 7, 5, true)}, 3},
		"unfinished":       {[]xlog.Row{row(1, 5, 5, false)}, 0},
		"no instance":      {[]xlog.Row{row(0, 5, 5, true)}, -1},
		"no such instance": {[]xlog.Row{row(32, 5, 5, true)}, -1},
		"interleaved":      {[]xlog.Row{row(1, 5, 5, false), row(2, 6, 6, true)}, -1},
		"not the first":    {[]xlog.Row{row(1, 6, 5, true)}, -1},
		"no number":        {[]xlog.Row{row(1, 0, 0, true)}, -1},
	} {
		var a assembly
		var tx transaction
		var err error
		for _, r := range test.rows {
			if tx, err = a.add(r); err != nil {
				break
			}
		}
		if err != nil != (test.size < 0) || err == nil && len(tx) != test.size {
			t.Errorf("%s: %d rows, %v", name, len(tx), err)
		}
	}
}

// FuzzBodies gives foreign bytes to every parser of a body; what a row may be is checked by the packet's decoder.
func FuzzBodies(f *testing.F) {
	s := subscription{Cluster: uuid.New(), Instance: uuid.New(), VClock: clock(1, 5), IDFilter: 6}
	f.Add(appendFrame(nil, &xlog.Row{Type: xlog.Type(iproto.TypeSubscribe), Body: s.append(nil)})[5:])
	f.Add(appendFrame(nil, &xlog.Row{Type: xlog.Type(iproto.TypeOK), Body: vclockBody(clock(1, 2))})[5:])
	f.Add([]byte{0x80, 0x81, iproto.KeyBallot, 0x82, 1, 0xc3, 2, 0x81, 1, 5})
	f.Fuzz(func(t *testing.T, frame []byte) {
		var row xlog.Row
		if err := decodeRow(&row, frame); err != nil {
			return
		}
		var got subscription
		_ = got.parse(row.Body)
		_, _ = parseBallot(row.Body)
		_ = describe(&row)
		var a assembly
		_, _ = a.add(row)
	})
}
