package socket

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// getLinger reads SO_LINGER, for which package unix has no function.
func getLinger(fd int) (unix.Linger, error) {
	var value unix.Linger
	size := uint32(unsafe.Sizeof(value))
	_, _, n := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_LINGER,
		uintptr(unsafe.Pointer(&value)), uintptr(unsafe.Pointer(&size)), 0)
	if n != 0 {
		return value, n
	}
	return value, nil
}
