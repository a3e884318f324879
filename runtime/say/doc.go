// Package say is the instance's log: levels, the plain and json formats, and targets that can be rotated.
//
// The one idea: an Entry becomes one line, and a line reaches its target in one write under a lock, so lines of several
// goroutines never mix. Until Configure is called the Logger prints bare messages, as Tarantool does before box.cfg.
//
//	log := say.New(os.Stderr)
//	err := log.Configure(say.Config{Target: "file:/var/log/x.log", Level: say.Info})
//	log.Say(say.Entry{Level: say.Info, Message: "hello", FiberID: 103, FiberName: "x.lua"})
//	log.Rotate() // after the file was moved away
//
// Unlike Tarantool, which cuts a line after 16 KiB, the Logger writes messages of any length.
package say
