// Package evolution brings the state of a reloadable module from the shape that an old version of it left to the shape
// that the new one needs.
//
// The one idea: state outlives code. A module keeps its state in a table, its internals, which carry a version: the
// number of migrations that were applied to them. A List names all migrations of a module in order; Upgrade runs those
// that the internals lack, each once, and counts the version up directly after each, so that the number is true even
// when a later migration fails. Internals without a version are from before the first migration.
//
//	list := evolution.List{Module: "myapp.queue", Migrations: []evolution.Migration{{
//		Name: "name the queues",
//		Up: func(in evolution.Internals) error {
//			in.Set("queues", in.NewTable())
//			return nil
//		},
//	}}}
//	err := list.Upgrade(internals, logger)
//
// The package never guesses: internals newer than the list, or a version that the list does not reach, are refused
// with both numbers named.
package evolution

import (
	"fmt"
	"time"
)

// Migration is one step in the shape of a module's internals.
type Migration struct {
	// Name says what the step does, for people.
	Name string
	// Up takes internals of the version before to this one. An error leaves the version as it was.
	Up func(Internals) error
	// Down undoes Up; nil means that there is no way back.
	Down func(Internals) error
}

// List has the migrations of one module, the oldest first. Its length is the newest version of the internals.
type List struct {
	// Module is the Lua module whose internals these are, such as vshard.storage.
	Module     string
	Migrations []Migration
}

// Level says how a message of an upgrade is to be logged.
type Level int

// The levels of messages.
const (
	Info Level = iota
	Error
)

// Log takes the messages of an upgrade.
type Log func(level Level, message string)

// Step is one migration that an upgrade would run or has run.
type Step struct {
	Version int // of the internals after the step
	Name    string
	Down    bool
	Took    time.Duration
}

// String is the step as people read it.
func (s Step) String() string {
	verb := "up"
	if s.Down {
		verb = "down"
	}
	return fmt.Sprintf("%s to %d, %s", verb, s.Version, s.Name)
}

// Version is the number of migrations, which is the version of the internals that they lead to.
func (l *List) Version() int { return len(l.Migrations) }

// DowngradeError says that the internals are newer than the code.
type DowngradeError struct {
	Module         string
	Loaded, Script int
}

func (e *DowngradeError) Error() string {
	return fmt.Sprintf("%s.reload_evolution: auto-downgrade is not implemented; loaded version is %d, upgrade script version is %d",
		e.Module, e.Loaded, e.Script)
}

// StepError says that a migration failed.
type StepError struct {
	Module  string
	Version int // that the migration leads to
	Err     error
}

func (e *StepError) Error() string {
	return fmt.Sprintf("%s.reload_evolution: error during upgrade to %d version: %v", e.Module, e.Version, e.Err)
}

func (e *StepError) Unwrap() error { return e.Err }

// UnknownVersionError says that the code needs a version that the list does not lead to.
type UnknownVersionError struct {
	Module         string
	Needed, Newest int
}

func (e *UnknownVersionError) Error() string {
	return fmt.Sprintf("%s.reload_evolution: the module needs internals of version %d, the host knows the way to version %d only",
		e.Module, e.Needed, e.Newest)
}

// Plan lists the migrations that lead from one version to another.
func (l *List) Plan(from, to int) ([]Step, error) {
	if from < 0 || to < 0 || to > l.Version() && from <= to {
		return nil, &UnknownVersionError{Module: l.Module, Needed: to, Newest: l.Version()}
	}
	steps := []Step{}
	for v := from; v < to; v++ {
		steps = append(steps, Step{Version: v + 1, Name: l.Migrations[v].Name})
	}
	for v := from; v > to; v-- {
		if v > l.Version() || l.Migrations[v-1].Down == nil {
			return nil, &DowngradeError{Module: l.Module, Loaded: from, Script: to}
		}
		steps = append(steps, Step{Version: v - 1, Name: l.Migrations[v-1].Name, Down: true})
	}
	return steps, nil
}

// Upgrade brings internals to the newest version. It is UpgradeTo(in, l.Version(), log).
func (l *List) Upgrade(in Internals, log Log) ([]Step, error) {
	return l.UpgradeTo(in, l.Version(), log)
}

// UpgradeTo brings internals to the version that the code needs, and returns the steps that it ran. Each is logged;
// an error is logged too, and returned.
func (l *List) UpgradeTo(in Internals, version int, log Log) ([]Step, error) {
	steps, err := l.Plan(in.Version(), version)
	if err != nil {
		log(Error, err.Error())
		return nil, err
	}
	for i := range steps {
		if err := l.run(in, &steps[i]); err != nil {
			log(Error, err.Error())
			return steps[:i], err
		}
		verb := "upgraded"
		if steps[i].Down {
			verb = "downgraded"
		}
		log(Info, fmt.Sprintf("%s.reload_evolution: %s to %d version", l.Module, verb, steps[i].Version))
	}
	return steps, nil
}

func (l *List) run(in Internals, step *Step) error {
	do := l.Migrations[max(step.Version, 1)-1].Up
	if step.Down {
		do = l.Migrations[step.Version].Down
	}
	began := time.Now()
	if err := call(do, in); err != nil {
		return &StepError{Module: l.Module, Version: step.Version, Err: err}
	}
	step.Took = time.Since(began)
	in.setVersion(step.Version)
	in.record(*step, began)
	return nil
}

// call runs a migration; a panic of it is an error.
func call(do func(Internals) error, in Internals) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v", v)
		}
	}()
	return do(in)
}
