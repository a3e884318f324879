package db

import (
	"fmt"

	"shardlua/runtime/boxerr"
)

// unsupported is the one error for what this database leaves out on purpose.
func unsupported(what, feature string) error {
	return boxerr.New(boxerr.Unsupported, what, feature)
}

func errSQL() error { return unsupported("shardlua", "SQL") }

func errNoSuchSpaceID(id uint32) error {
	return boxerr.New(boxerr.NoSuchSpace, fmt.Sprintf("%d", id))
}

func errNoSuchIndex(id uint32, s *Space) error {
	return boxerr.New(boxerr.NoSuchIndexID, id, s.Name())
}
