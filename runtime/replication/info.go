package replication

import (
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/xlog/vclock"
)

// Info is an entry of box.info.replication.
type Info struct {
	ID   uint32
	UUID uuid.UUID
	LSN  int64
	// Upstream is how we follow the instance, Downstream how it follows us; nil when it does not.
	Upstream   *Upstream
	Downstream *Downstream
}

// Upstream is box.info.replication[n].upstream.
type Upstream struct {
	Status string
	// Idle is the time since anything was received, Lag how old the last row was when it came; both in seconds.
	Idle, Lag float64
	Peer      string
	// Message is the last error, SystemMessage what the system said of it; empty when there was none.
	Message, SystemMessage string
}

// Downstream is box.info.replication[n].downstream. VClock and Idle belong to the status "follow", the messages to
// "stopped".
type Downstream struct {
	Status                 string
	Idle                   float64
	VClock                 vclock.VClock
	Message, SystemMessage string
}

// Infos lists the instances of _cluster, in the order of their numbers.
func (s *Set) Infos() []Info {
	var list []Info
	for id := uint32(1); id < vclock.Size; id++ {
		if m := s.byID[id]; m != nil {
			list = append(list, s.info(m))
		}
	}
	return list
}

// AnonInfos lists the anonymous replicas that follow us: box.info.replication_anon().
func (s *Set) AnonInfos() []Info {
	var list []Info
	for _, m := range s.members {
		if m.anon && m.id == 0 && m.relay != nil && m.relay.following() {
			list = append(list, s.info(m))
		}
	}
	return list
}

func (s *Set) info(m *member) Info {
	info := Info{ID: m.id, UUID: m.uuid}
	if s.local != nil && m.id != 0 {
		v := s.local.Log().VClock()
		info.LSN = v.Get(m.id)
	}
	if m.applier != nil && m.applier.state != stateOff {
		info.Upstream = m.applier.info()
	}
	if m.relay != nil {
		info.Downstream = m.relay.info(s.now())
	}
	return info
}

func (a *applier) info() *Upstream {
	u := &Upstream{
		Status: string(a.state), Lag: a.lag, Peer: a.peer.name,
		Idle: (a.set.now() - a.lastRow).Seconds(),
	}
	u.Message, u.SystemMessage = messages(a.err)
	return u
}

// messages splits an error into its text and the text of its errno.
func messages(err error) (message, system string) {
	if err == nil {
		return "", ""
	}
	e := boxerr.From(err)
	if e.Errno != 0 {
		system = systemText(syscall.Errno(e.Errno))
	}
	return e.Message, system
}

// now is the monotonic time.
func (s *Set) now() time.Duration { return s.config.Machine.Clock.Monotonic() }

// systemText is what the C library says of an errno: Go's text with a capital.
func systemText(no syscall.Errno) string {
	text := no.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
