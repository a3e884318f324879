package box

import (
	"time"

	lua "github.com/yuin/gopher-lua"
)

// Hooks are what the servers of an instance plug into its database. They are called with the baton, and may wait.
type Hooks struct {
	// OnListen binds the server of the binary protocol to the address of box.cfg.listen, which replaces the one before,
	// and returns the address that it is bound to; an empty address ends the server.
	OnListen func(address string) (bound string, err error)
	// OnNetMsgMax and OnReadahead are told the options of these names, when they change.
	OnNetMsgMax func(n int)
	OnReadahead func(bytes int)
	// OnLoading is told when the database begins to be filled from elsewhere, and when it is complete; the server that
	// listens goes on with the database that is there then.
	OnLoading func(on bool)
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
