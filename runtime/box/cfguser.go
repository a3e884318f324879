package box

import (
	"os/user"
	"strconv"
	"syscall"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
)

// errnoText is a number of the operating system in its words.
func errnoText(n syscall.Errno) string { return errno.Text(int(n)) }

// changeUser gives up the rights of root for those of the option username. Other users keep theirs.
func (b *Box) changeUser(name string) error {
	if name == "" {
		return nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return boxerr.Newf(boxerr.ClassSystemError, "User not found: %s", name)
	}
	if syscall.Getuid() != 0 && syscall.Geteuid() != 0 {
		return nil
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := syscall.Setgid(gid); err != nil {
		return boxerr.Newf(boxerr.ClassSystemError, "setgid: %v", err)
	}
	if err := syscall.Setuid(uid); err != nil {
		return boxerr.Newf(boxerr.ClassSystemError, "setuid: %v", err)
	}
	return nil
}
