package procedure

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/box"
	"shardlua/runtime/boxerr"
	"shardlua/runtime/iproto"
	"shardlua/runtime/module"
	"shardlua/runtime/sched"
	"shardlua/runtime/sys"
	"shardlua/runtime/uri"
)

// Plug makes box.cfg drive the server of an instance: its address, net_msg_max and readahead.
func Plug(h module.Host) {
	b, s := box.Of(h), Server(h)
	b.OnListen = func(address string) (string, error) {
		if address == "" {
			s.StopListening()
			return "", nil
		}
		s.Open(b.DB(), b.InstanceUUID())
		s.SetBallot(func() iproto.Ballot { return b.Replicaset().Ballot() })
		s.OnReplication(func(f *sched.Fiber, c *iproto.Conn, r *iproto.Request) error {
			return b.Replicaset().Serve(f, c, r)
		})
		return listen(s, address)
	}
	b.OnLoading = func(on bool) {
		s.SetLoading(on)
		if s.Addr() != nil {
			s.Open(b.DB(), b.InstanceUUID())
		}
	}
	b.OnNetMsgMax = s.SetNetMsgMax
	b.OnReadahead = s.SetReadahead
}

// listen binds an address as box.cfg.listen has it: host:port, a port, or the path of a unix socket.
func listen(s *iproto.Server, address string) (bound string, err error) {
	network, place, ok := endpoint(address)
	if !ok {
		return "", boxerr.New(boxerr.Cfg, "listen", "expected host:service or /unix.socket")
	}
	if err := s.Listen(context.Background(), network, place); err != nil {
		return "", bindError(network, err)
	}
	if network == "unix" {
		return "unix/:(socket)", nil
	}
	return s.Addr().String(), nil
}

func endpoint(text string) (network, address string, ok bool) {
	u, ok := uri.Parse(text)
	switch {
	case !ok:
		return "", "", false
	case u.Unix != nil:
		return "unix", *u.Unix, true
	case u.Service == nil:
		return "", "", false
	case u.Host == nil:
		return "tcp", ":" + *u.Service, true
	case *u.Host == "*":
		return "tcp", ":" + *u.Service, true
	}
	return "tcp", net.JoinHostPort(*u.Host, *u.Service), true
}

// bindError is the error that box.cfg throws when an address cannot be bound.
func bindError(network string, err error) error {
	var number syscall.Errno
	var resolve *net.DNSError
	var service *net.AddrError
	errors.As(err, &number)
	fd := -1
	var bind *sys.BindError
	if errors.As(err, &bind) {
		fd = bind.FD
	}
	var unlink *fs.PathError
	switch {
	case errors.As(err, &resolve), errors.As(err, &service):
		return boxerr.NewSystem(boxerr.ClassSocketError, int(number), "can't resolve uri for bind, called on fd -1")
	case network == "unix" && (number == syscall.EADDRINUSE || errors.As(err, &unlink)):
		return boxerr.NewSystem(boxerr.ClassSocketError, int(number), "unlink, called on fd %d, aka unix/:(socket)", fd)
	case network == "unix":
		return boxerr.NewSystem(boxerr.ClassSocketError, int(number), "bind, called on fd %d, aka unix/:(socket)", fd)
	}
	return boxerr.NewSystem(boxerr.ClassSocketError, int(number), "binary: failed to bind, called on fd -1")
}

var boxStats = map[iproto.Type]box.Stat{
	iproto.TypeSelect: box.StatSelect, iproto.TypeInsert: box.StatInsert, iproto.TypeReplace: box.StatReplace,
	iproto.TypeUpdate: box.StatUpdate, iproto.TypeUpsert: box.StatUpsert, iproto.TypeDelete: box.StatDelete,
	iproto.TypeCall: box.StatCall, iproto.TypeCall16: box.StatCall, iproto.TypeEval: box.StatEval,
	iproto.TypeAuth: box.StatAuth, iproto.TypeError: box.StatError, iproto.TypeExecute: box.StatExecute,
	iproto.TypePrepare: box.StatPrepare,
}

// code is the Lua function of one with a body.
func (p *runner) code(call *iproto.Call) (lua.LValue, error) {
	if call.Function.Language != "LUA" {
		return nil, boxerr.New(boxerr.Unsupported, "shardlua", "functions in "+call.Function.Language)
	}
	if call.Function.Body == "" {
		return nil, nil
	}
	return box.Of(p.host).Compiled(call.Function)
}

// count adds to box.stat.
func (p *runner) count(typ iproto.Type, n int64) {
	b := box.Of(p.host)
	if stat, ok := boxStats[typ]; ok {
		b.Count(stat, n)
	}
}
