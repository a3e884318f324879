package box

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/db"
)

// Hooks are what the servers of an instance plug into its database. They are called with the baton, and may wait.
type Hooks struct {
	// OnListen binds the server of the binary protocol to the address of box.cfg.listen, which replaces the one before,
	// and returns the address that it is bound to; an empty address ends the server.
	OnListen func(address string) (bound string, err error)
	// OnNetMsgMax and OnReadahead are told the options of these names, when they change.
	OnNetMsgMax func(n int)
	OnReadahead func(bytes int)
	// OnReplication is told the options of replication, at the start and whenever one of them changes.
	OnReplication func(o ReplicationOptions) error
	// OnReplicaInfo adds upstream and downstream to an entry of box.info.replication.
	OnReplicaInfo func(L *lua.LState, r db.Replica, entry *lua.LTable)
	// OnAnonymousCount tells how many anonymous replicas there are.
	OnAnonymousCount func() int
}

// ReplicationOptions are the options replication and replication_* of box.cfg.
type ReplicationOptions struct {
	// Peers are addresses, "user:password@host:port" and the like.
	Peers          []string
	Anonymous      bool
	ConnectTimeout time.Duration
	// ConnectQuorum is how many peers must be there, -1 for all.
	ConnectQuorum  int
	Timeout        time.Duration
	SyncLag        time.Duration
	SyncTimeout    time.Duration
	SkipConflict   bool
	SynchroQuorum  int
	SynchroTimeout time.Duration
}

func (s settings) duration(name string) time.Duration {
	return time.Duration(min(s.number(name), 1e9) * float64(time.Second))
}

func (s settings) quorum() int {
	if n, ok := s["replication_connect_quorum"].(lua.LNumber); ok {
		return int(n)
	}
	return -1
}
