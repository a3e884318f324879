package store

import (
	"errors"
	"syscall"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/xlog"
)

// systemError makes a SystemError of an error of the operating system.
func systemError(err error) error {
	var e *boxerr.Error
	var errno syscall.Errno
	if err == nil || errors.As(err, &e) {
		return err
	}
	if errors.As(err, &errno) {
		return boxerr.NewSystem(boxerr.ClassSystemError, int(errno), "%s", err.Error())
	}
	return err
}

// noPath is a directory that cannot be locked because it is not there.
func noPath(dir string, err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		errno = syscall.ENOENT
	}
	return boxerr.NewSystem(boxerr.ClassSystemError, int(errno), "Can't open path: %s", dir)
}

// noDirectory is a directory that cannot be read.
func noDirectory(dir string, err error) error {
	var errno syscall.Errno
	errors.As(err, &errno)
	return boxerr.NewSystem(boxerr.ClassSystemError, int(errno), "error reading directory '%s'", dir)
}

// recoveryError gives what is wrong with a file the class that Tarantool has for it. The text is package xlog's, which
// says where and what to do; Tarantool's own, which is shorter, is its beginning.
func recoveryError(err error) error {
	var gap *xlog.GapError
	var header *xlog.HeaderError
	var corrupt *xlog.CorruptError
	var noEOF *xlog.NoEOFError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &gap), errors.As(err, &header), errors.As(err, &corrupt), errors.As(err, &noEOF):
		return boxerr.Newf(boxerr.ClassXlogError, "%s", err.Error())
	}
	return systemError(err)
}
