package xlog

import (
	"context"
	"io"
	"time"

	"shardlua/runtime/sys"
	"shardlua/runtime/xlog/vclock"
)

// CursorConfig says what a Cursor follows.
type CursorConfig struct {
	RecoveryConfig
	// Changed tells that there may be more to read: the channel of a watcher of the log. It may be nil.
	Changed <-chan struct{}
	// Rescan is how often to look without being told (wal_dir_rescan_delay). Zero means only when Changed says so.
	Rescan time.Duration
	Clock  sys.Clock
}

// Cursor follows the logs of a directory while they grow, as a relay or a hot standby does.
type Cursor struct {
	config   CursorConfig
	recovery *Recovery
}

// NewCursor starts to follow after the vclock From.
func NewCursor(config CursorConfig) (*Cursor, error) {
	recovery, err := NewRecovery(config.RecoveryConfig)
	if err != nil {
		return nil, err
	}
	return &Cursor{config: config, recovery: recovery}, nil
}

// Next returns the rows of the next transaction, waiting until there is one or ctx is done. They are valid until the
// next call.
func (c *Cursor) Next(ctx context.Context) ([]Row, error) {
	for {
		tx, err := c.recovery.Next()
		if err != io.EOF {
			return tx, err
		}
		if err := c.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// TryNext is Next without waiting: io.EOF means that there is nothing now.
func (c *Cursor) TryNext() ([]Row, error) { return c.recovery.Next() }

func (c *Cursor) wait(ctx context.Context) error {
	var rescan chan struct{}
	if c.config.Rescan > 0 {
		rescan = make(chan struct{})
		timer := c.config.Clock.AfterFunc(c.config.Rescan, func() { close(rescan) })
		defer timer.Stop()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case _, open := <-c.config.Changed:
		if !open {
			c.config.Changed = nil
		}
	case <-rescan:
	}
	return nil
}

// VClock is the state after the last transaction that Next returned.
func (c *Cursor) VClock() vclock.VClock { return c.recovery.VClock() }

// Close ends the following.
func (c *Cursor) Close() error { return c.recovery.Close() }
