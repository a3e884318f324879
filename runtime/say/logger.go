package say

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"shardlua/runtime/boxerr"
)

// Config says how the log looks and where it goes.
type Config struct {
	Target   string // as box.cfg.log; see ParseTarget
	Level    Level
	Format   Format
	Nonblock bool // lose lines rather than wait for a slow target
}

// Logger writes the log of one instance. Its methods may be called from any goroutine.
type Logger struct {
	level atomic.Int64
	// Now is the clock of the time stamps. Set it before the first message.
	Now func() time.Time

	mu         sync.Mutex
	stderr     io.Writer
	configured bool
	format     Format
	target     Target
	out        io.WriteCloser // nil: stderr
	buf        []byte
	closed     bool
}

// New returns a Logger that writes bare messages to stderr, as an instance does before box.cfg.
func New(stderr io.Writer) *Logger {
	l := &Logger{stderr: stderr, Now: time.Now}
	l.level.Store(int64(Info))
	return l
}

// Configure opens the target and switches to lines with time stamps. It returns an IllegalParams error for a target
// that cannot be understood, a SystemError for one that cannot be opened; the log is then as it was.
func (l *Logger) Configure(c Config) error {
	target, err := ParseTarget(c.Target)
	if err != nil {
		return err
	}
	if err := CheckFormat(target, c.Format); err != nil {
		return err
	}
	target.absolute()
	out, err := target.open()
	if err != nil {
		return err
	}
	if c.Nonblock && out != nil && target.Kind != File {
		out = newQueued(out)
	}
	switch target.Kind {
	case Pipe:
		fmt.Fprintln(l.stderr, "started logging into a pipe, SIGHUP log rotation disabled")
	case Syslog:
		fmt.Fprintln(l.stderr, "started logging into a syslog, SIGHUP log rotation disabled")
	}
	l.mu.Lock()
	old := l.out
	l.configured, l.closed, l.target, l.format, l.out = true, false, target, c.Format, out
	l.mu.Unlock()
	l.SetLevel(c.Level)
	if old != nil {
		_ = old.Close() // the lines are written; the new target is what counts
	}
	return nil
}

// CheckFormat refuses the json format for syslog.
func CheckFormat(t Target, f Format) error {
	if t.Kind == Syslog && f == JSON {
		return boxerr.Newf(boxerr.ClassIllegalParams, "json can't be used with syslog logger")
	}
	return nil
}

// Configured tells whether Configure was called.
func (l *Logger) Configured() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.configured
}

// Target is where the log goes.
func (l *Logger) Target() Target {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.target
}

// Level is the level of the lightest messages that are written.
func (l *Logger) Level() Level { return Level(l.level.Load()) }

// SetLevel changes the level.
func (l *Logger) SetLevel(level Level) { l.level.Store(int64(level)) }

// Enabled tells whether messages of a level are written.
func (l *Logger) Enabled(level Level) bool { return level <= l.Level() }

// Format is how the lines look.
func (l *Logger) Format() Format {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.format
}

// SetFormat changes how the lines look. It refuses json for syslog.
func (l *Logger) SetFormat(f Format) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := CheckFormat(l.target, f); err != nil {
		return err
	}
	l.format = f
	return nil
}

// Say writes an entry, unless its level is too light.
func (l *Logger) Say(e Entry) {
	if !l.Enabled(e.Level) {
		return
	}
	now := l.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(&e, now)
}

// Sayf writes a message of Go code.
func (l *Logger) Sayf(level Level, format string, args ...any) {
	l.Say(Entry{Level: level, Message: fmt.Sprintf(format, args...)})
}

// write writes one line. The caller holds mu.
func (l *Logger) write(e *Entry, now time.Time) {
	b := l.buf[:0]
	switch {
	case l.format == JSON:
		b = e.appendJSON(b, now, os.Getpid())
	case !l.configured:
		b = e.appendBare(b)
	case l.target.Kind == Syslog:
		b = e.appendSyslog(b, now, os.Getpid(), &l.target)
	default:
		b = e.appendStamped(b, now, os.Getpid())
	}
	b = append(b, '\n')
	if cap(b) <= 64<<10 {
		l.buf = b
	}
	var to = l.stderr
	if l.out != nil && !l.closed {
		to = l.out
		if e.Level == Fatal { // nobody may look into the log of what does not even start
			_, _ = l.stderr.Write(b)
		}
	}
	_, _ = to.Write(b) // there is nowhere to report it
}

// Rotate opens the file of the log again, for when it was moved away; other targets stay as they are. It returns a
// SystemError when the file cannot be opened; the old one then stays in use.
func (l *Logger) Rotate() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.target.Kind != File || l.out == nil || l.closed {
		return nil
	}
	out, err := l.target.openFile()
	if err != nil {
		return err
	}
	_ = l.out.Close() // its lines are written
	l.out = out
	if l.Enabled(Info) {
		// Tarantool does this on a thread of its own, which the line names.
		l.write(&Entry{Level: Info, Message: "log file has been reopened", Cord: "coio", File: "./src/lib/core/say.c", Line: 288}, l.Now())
	}
	return nil
}

// Close writes what is still on its way and closes the target. Later messages go to stderr.
func (l *Logger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.out == nil {
		return nil
	}
	l.closed = true
	return l.out.Close()
}
