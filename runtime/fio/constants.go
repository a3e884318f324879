package fio

import (
	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/vm"
)

type constant struct {
	name  string
	value int
}

var flags = []constant{
	{"O_APPEND", unix.O_APPEND}, {"O_ASYNC", unix.O_ASYNC}, {"O_CLOEXEC", unix.O_CLOEXEC}, {"O_CREAT", unix.O_CREAT},
	{"O_DIRECT", unix.O_DIRECT}, {"O_DIRECTORY", unix.O_DIRECTORY}, {"O_EXCL", unix.O_EXCL},
	{"O_LARGEFILE", 0}, // nothing on 64-bit systems
	{"O_NDELAY", unix.O_NDELAY}, {"O_NOATIME", unix.O_NOATIME}, {"O_NOCTTY", unix.O_NOCTTY},
	{"O_NOFOLLOW", unix.O_NOFOLLOW}, {"O_NONBLOCK", unix.O_NONBLOCK}, {"O_PATH", unix.O_PATH},
	{"O_RDONLY", unix.O_RDONLY}, {"O_RDWR", unix.O_RDWR}, {"O_SYNC", unix.O_SYNC}, {"O_TMPFILE", unix.O_TMPFILE},
	{"O_TRUNC", unix.O_TRUNC}, {"O_WRONLY", unix.O_WRONLY},
}

var modes = []constant{
	{"S_IRWXU", 0o700}, {"S_IRUSR", 0o400}, {"S_IWUSR", 0o200}, {"S_IXUSR", 0o100},
	{"S_IRWXG", 0o070}, {"S_IRGRP", 0o040}, {"S_IWGRP", 0o020}, {"S_IXGRP", 0o010},
	{"S_IRWXO", 0o007}, {"S_IROTH", 0o004}, {"S_IWOTH", 0o002}, {"S_IXOTH", 0o001},
}

var whences = []constant{
	{"SEEK_SET", unix.SEEK_SET}, {"SEEK_CUR", unix.SEEK_CUR}, {"SEEK_END", unix.SEEK_END},
	{"SEEK_DATA", unix.SEEK_DATA}, {"SEEK_HOLE", unix.SEEK_HOLE},
}

// bits reads a value that is a number, a name of group, or a table of both; unknown is the name that group has not.
func bits(v lua.LValue, group []constant) (value int, unknown string) {
	switch v := v.(type) {
	case lua.LNumber:
		return int(v), ""
	case *lua.LTable:
		for i := 1; i <= v.Len(); i++ {
			one, bad := bits(vm.GetInt(v, i), group)
			if bad != "" {
				return 0, bad
			}
			value |= one
		}
		return value, ""
	}
	name := v.String()
	for _, c := range group {
		if c.name == name {
			return c.value, ""
		}
	}
	return 0, name
}
