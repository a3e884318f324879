package log

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/module"
	"shardlua/runtime/say"
	"shardlua/runtime/vm"
)

// Options are the log's options as log.cfg and box.cfg share them. The names are those of log.cfg: log, level, format,
// nonblock. Use them with the baton.
type Options struct {
	logger *say.Logger
	table  *lua.LTable // what scripts see as log.cfg
	// OnChange, when set, is told what the module log has changed: box.cfg shows the same options.
	OnChange func(name string, value lua.LValue)
}

type optionsKey struct{}

// boxNames maps the names of box.cfg to those of log.cfg.
var boxNames = map[string]string{"log": "log", "log_level": "level", "log_format": "format", "log_nonblock": "nonblock"}

// BoxName is the option of log.cfg that an option of box.cfg stands for; empty when it stands for none.
func BoxName(name string) string { return boxNames[name] }

// InBox is the option of box.cfg that an option of log.cfg stands for.
func InBox(name string) string {
	if name == "log" {
		return name
	}
	return "log_" + name
}

// OptionsOf returns the host's options.
func OptionsOf(h module.Host) *Options {
	if o, ok := h.Service(optionsKey{}).(*Options); ok {
		return o
	}
	o := &Options{logger: h.Log(), table: h.VM().State().NewTable()}
	o.table.RawSetString("level", lua.LNumber(o.logger.Level()))
	o.table.RawSetString("format", lua.LString(o.logger.Format().String()))
	h.SetService(optionsKey{}, o)
	return o
}

// Get is the value of an option, nil when it was never set.
func (o *Options) Get(name string) lua.LValue { return o.table.RawGetString(name) }

// Check returns what is wrong with a value for an option, in Tarantool's words; nil when nothing is.
func (o *Options) Check(name string, value lua.LValue) error {
	switch name {
	case "log", "nonblock":
		if o.logger.Configured() {
			return errors.New("can't be set dynamically")
		}
	}
	switch name {
	case "log":
		text, ok := value.(lua.LString)
		if !ok {
			return errors.New("should be of type string")
		}
		_, err := say.ParseTarget(string(text))
		return err
	case "nonblock":
		if _, ok := value.(lua.LBool); !ok {
			return errNonblock
		}
	case "level":
		_, err := parseLevel(value)
		return err
	case "format":
		format, err := parseFormat(value)
		if err != nil {
			return err
		}
		return say.CheckFormat(o.target(), format)
	}
	return nil
}

func parseLevel(value lua.LValue) (lua.LNumber, error) {
	switch v := value.(type) {
	case lua.LNumber:
		return v, nil
	case lua.LString:
		if level, ok := say.ParseLevel(string(v)); ok {
			return lua.LNumber(level), nil
		}
		return 0, errors.New("expected crit,warn,info,debug,syserror,verbose,fatal,error")
	}
	return 0, errors.New("must be a number or a string")
}

func parseFormat(value lua.LValue) (say.Format, error) {
	if text, ok := value.(lua.LString); ok {
		if format, ok := say.ParseFormat(string(text)); ok {
			return format, nil
		}
	}
	return 0, errors.New("expected json,plain")
}

// target is where the log goes, or will go once Apply is called.
func (o *Options) target() say.Target {
	if text, ok := o.Get("log").(lua.LString); ok && !o.logger.Configured() {
		target, _ := say.ParseTarget(string(text)) // Check has seen it
		return target
	}
	return o.logger.Target()
}

// Set takes a value that Check has approved. Level and format have effect at once when the log is open, the others at
// Apply.
func (o *Options) Set(name string, value lua.LValue) {
	switch name {
	case "level":
		level, _ := parseLevel(value)
		o.logger.SetLevel(say.Level(level))
		value = level
	case "format":
		if format, err := parseFormat(value); err == nil && o.logger.Configured() {
			_ = o.logger.SetFormat(format) // Check has seen it
		}
	}
	o.table.RawSetString(name, value)
}

// change is Set on behalf of a script that uses this module.
func (o *Options) change(name string, value lua.LValue) {
	o.Set(name, value)
	if o.OnChange != nil {
		o.OnChange(name, o.Get(name))
	}
}

// Apply opens the log with the options as they are, unless it is open. Its errors are box errors.
func (o *Options) Apply() error {
	if o.logger.Configured() {
		return nil
	}
	level, _ := parseLevel(o.Get("level"))
	format, _ := parseFormat(o.Get("format"))
	return o.logger.Configure(say.Config{
		Target: lua.LVAsString(o.Get("log")), Level: say.Level(level), Format: format, Nonblock: lua.LVAsBool(o.Get("nonblock")),
	})
}

// luaCfg is log.cfg(options). Tarantool 2.6 refuses the name of a level in the first call; here it may be a name always.
func (m *lib) luaCfg(L *lua.LState) int {
	cfg, ok := L.Get(2).(*lua.LTable)
	if !ok && !vm.IsNil(L.Get(2)) {
		vm.RaiseString(L, -1, "builtin/log.lua:467: attempt to index local 'cfg' (a %s value)", vm.TypeName(L.Get(2)))
	}
	if !ok {
		cfg = L.NewTable()
	}
	m.checkCfg(L, cfg)
	for _, name := range []string{"log", "nonblock", "format", "level"} {
		if value := cfg.RawGetString(name); !vm.IsNil(value) {
			m.options.change(name, value)
		}
	}
	if err := m.options.Apply(); err != nil {
		m.fail(err)
	}
	m.sayCfg(L)
	return 0
}

// checkCfg raises what is wrong with the options given to log.cfg, in Tarantool's order; the place in its sources is
// part of the text.
func (m *lib) checkCfg(L *lua.LState, cfg *lua.LTable) {
	given := func(name string) (lua.LValue, bool) {
		value := cfg.RawGetString(name)
		return value, !vm.IsNil(value)
	}
	for _, option := range []struct{ name, place string }{{"format", "477"}, {"level", "485"}} {
		if value, ok := given(option.name); ok {
			if err := m.options.Check(option.name, value); err != nil {
				m.raiseCfg(L, option.name, option.place, err)
			}
		}
	}
	if text, ok := cfg.RawGetString("log").(lua.LString); ok {
		target, _ := say.ParseTarget(string(text)) // Check tells of errors, below
		if format, err := parseFormat(cfg.RawGetString("format")); err == nil {
			if err := say.CheckFormat(target, format); err != nil {
				m.raiseCfg(L, "format", "477", err)
			}
		}
	}
	if value, ok := given("nonblock"); ok && value.Type() != lua.LTBool {
		m.raiseCfg(L, "nonblock", "491", errNonblock)
	}
	for _, name := range []string{"log", "nonblock"} {
		if value, ok := given(name); ok {
			if err := m.options.Check(name, value); err != nil {
				m.raiseCfg(L, name, "447", err)
			}
		}
	}
}

var errNonblock = errors.New("option must be 'true' or 'false'")

func (m *lib) raiseCfg(L *lua.LState, name, place string, err error) {
	var illegal *boxerr.Error
	if name == "log" && errors.As(err, &illegal) {
		m.fail(err)
	}
	vm.RaiseString(L, -1, "builtin/log.lua:%s: log.cfg: '%s' %s", place, name, err)
}

// fail ends the instance, which cannot go on without its log.
func (m *lib) fail(err error) {
	e := boxerr.From(err)
	if e.Type == boxerr.ClassSystemError {
		m.host.Log().Sayf(say.Error, "%s %s: %s", e.Type, e.Message, errnoText(e.Errno))
	} else {
		m.host.Log().Sayf(say.Error, "%s: %s", e.Type, e.Message)
	}
	m.host.Log().Sayf(say.Fatal, "failed to initialize logging subsystem")
	m.host.Exit(1)
}
