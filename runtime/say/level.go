package say

// Level is the weight of a message, as in Tarantool's box.cfg.log_level.
type Level int

// The levels. A Logger prints messages whose level is at most its own.
const (
	Fatal Level = iota
	SysError
	Error
	Crit
	Warn
	Info
	Verbose
	Debug
)

// levels holds, by Level, the letter of the plain format, the word of the json format, and the severity of syslog.
var levels = [...]struct {
	letter   byte
	word     string
	severity int
}{
	Fatal:    {'F', "FATAL", 3},
	SysError: {'!', "SYSERROR", 3},
	Error:    {'E', "ERROR", 3},
	Crit:     {'C', "CRIT", 3},
	Warn:     {'W', "WARN", 4},
	Info:     {'I', "INFO", 6},
	Verbose:  {'V', "VERBOSE", 6},
	Debug:    {'D', "DEBUG", 7},
}

// clamp is the nearest of the known levels.
func (l Level) clamp() Level { return min(max(l, Fatal), Debug) }

// ParseLevel finds a level by the name that scripts use, such as "verbose".
func ParseLevel(name string) (Level, bool) {
	for l, names := range levelNames {
		if names == name {
			return Level(l), true
		}
	}
	return 0, false
}

var levelNames = [...]string{
	Fatal: "fatal", SysError: "syserror", Error: "error", Crit: "crit", Warn: "warn", Info: "info", Verbose: "verbose", Debug: "debug",
}

// Format is how a line looks.
type Format int

// The formats.
const (
	Plain Format = iota
	JSON
)

// String is the name that scripts use.
func (f Format) String() string {
	if f == JSON {
		return "json"
	}
	return "plain"
}

// ParseFormat finds a format by its name.
func ParseFormat(name string) (Format, bool) {
	switch name {
	case "plain":
		return Plain, true
	case "json":
		return JSON, true
	}
	return 0, false
}
