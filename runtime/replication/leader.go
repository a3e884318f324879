package replication

import (
	"bytes"

	"github.com/google/uuid"

	"shardlua/runtime/iproto"
	"shardlua/runtime/xlog/vclock"
)

// candidate is an instance that could make the replica set, or have made it.
type candidate struct {
	uuid   uuid.UUID
	ballot iproto.Ballot
}

// leader picks the candidate to join: all instances that see the same candidates pick the same one. Instances that are
// not configured as read-only come first, then those that are up, then those that know most, then the lowest uuid. It
// returns -1 when there is none.
func leader(all []candidate) int {
	best := -1
	for i := range all {
		if best < 0 || all[i].before(&all[best]) {
			best = i
		}
	}
	return best
}

func (c *candidate) before(other *candidate) bool {
	if c.ballot.ReadOnly != other.ballot.ReadOnly {
		return !c.ballot.ReadOnly
	}
	if c.ballot.Loading != other.ballot.Loading {
		return !c.ballot.Loading
	}
	switch c.ballot.VClock.CompareReplicated(&other.ballot.VClock) {
	case vclock.After:
		return true
	case vclock.Before:
		return false
	case vclock.Concurrent:
		// Neither knows all; the one that knows more rows is taken, so that the choice does not depend on the order.
		if a, b := c.ballot.VClock.Signature(), other.ballot.VClock.Signature(); a != b {
			return a > b
		}
	}
	return bytes.Compare(c.uuid[:], other.uuid[:]) < 0
}

// outdated reports whether an instance at v has lost touch with a master: the master has removed logs that it would
// need, and it has nothing that the master has not.
func outdated(v *vclock.VClock, master *iproto.Ballot) bool {
	order := v.CompareReplicated(&master.GCVClock)
	if order == vclock.Equal || order == vclock.After {
		return false
	}
	order = v.CompareReplicated(&master.VClock)
	return order == vclock.Before || order == vclock.Equal
}
