// Package sys is the door to the machine: time, disk and network, each behind one small interface.
//
// The one idea: code of the host never calls time.Now, os.Open or net.Listen itself. It asks the Clock, Disk or
// Network that the host owns, so that a test can hand in a clock that moves by hand, a disk that loses what was
// not synced, or a network that delays and drops (package systest).
//
//	machine := sys.Real()
//	f, err := machine.Disk.Create("/tmp/x")
//	deadline := machine.Clock.Monotonic() + time.Second
//
// Errors are those of packages os, net and syscall: errors.Is(err, fs.ErrNotExist) and errors.Is(err,
// syscall.ENOSPC) work on every implementation.
package sys

// Machine is the three interfaces together, as a host owns them.
type Machine struct {
	Clock   Clock
	Disk    Disk
	Network Network
}

// Real returns the machine that the process runs on.
func Real() Machine {
	return Machine{Clock: NewClock(), Disk: RealDisk{}, Network: RealNetwork{}}
}
