package vm

import (
	"fmt"
	"math"

	"shardlua/runtime/vm/syntax"

	lua "github.com/yuin/gopher-lua"
)

// compiler writes the bytecode of one function.
type compiler struct {
	parent *compiler
	chunk  string
	main   bool
	proto  *lua.FunctionProto

	constants map[any]int
	active    []activeLocal
	free      int // the first register that holds nothing
	scope     *scope
	upvalues  []upvalueSource
}

type activeLocal struct {
	name string
	reg  int
	info *lua.DbgLocalInfo
}

type upvalueSource struct {
	name  string
	local bool // of the enclosing function, else one of its upvalues
	index int
}

type scope struct {
	parent   *scope
	first    int // active locals outside
	loop     bool
	until    bool // a condition is evaluated in the scope after its last statement
	captured bool // some local of the scope is an upvalue of a closure
	labels   []label
	gotos    []pendingGoto
}

type label struct {
	name   string
	pc     int
	active int
}

type pendingGoto struct {
	name   string // "" is break
	pc     int
	line   int
	active int
}

func compile(main *syntax.Func, chunk string) (proto *lua.FunctionProto, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*syntax.Error)
			if !ok {
				panic(r)
			}
			proto, err = nil, e
		}
	}()
	c := newCompiler(nil, main, chunk)
	c.function(main)
	return c.proto, nil
}

func newCompiler(parent *compiler, f *syntax.Func, chunk string) *compiler {
	c := &compiler{parent: parent, chunk: chunk, main: parent == nil, constants: map[any]int{}}
	c.proto = &lua.FunctionProto{
		SourceName:       chunk,
		LineDefined:      f.Line,
		LastLineDefined:  f.LastLine,
		NumParameters:    uint8(len(f.Params)),
		IsVarArg:         compiledHere,
		NumUsedRegisters: 2,
	}
	if f.Vararg {
		c.proto.IsVarArg |= lua.VarArgIsVarArg
	}
	return c
}

func (c *compiler) fail(line int, format string, args ...any) {
	panic(&syntax.Error{Text: fmt.Sprintf("%s:%d: %s", c.chunk, line, fmt.Sprintf(format, args...))})
}

func (c *compiler) limit(line, n int, what string) {
	if c.main {
		c.fail(line, "main function has more than %d %s", n, what)
	}
	c.fail(line, "function at line %d has more than %d %s", c.proto.LineDefined, n, what)
}

func (c *compiler) function(f *syntax.Func) {
	c.openScope(false)
	for _, name := range f.Params {
		c.declare(name, c.reserve(1, f.Line), f.Line)
	}
	c.statements(f.Body)
	c.leaveScope()
	c.emit(abc(opReturn, 0, 1, 0), f.LastLine)
	c.proto.NumUpvalues = uint8(len(c.upvalues))
	for _, u := range c.upvalues {
		c.proto.DbgUpvalues = append(c.proto.DbgUpvalues, u.name)
	}
}

func (c *compiler) emit(inst uint32, line int) int {
	c.proto.Code = append(c.proto.Code, inst)
	c.proto.DbgSourcePositions = append(c.proto.DbgSourcePositions, line)
	return len(c.proto.Code) - 1
}

func (c *compiler) pc() int { return len(c.proto.Code) }

// jump emits a jump whose target is set later.
func (c *compiler) jump(line int) int { return c.emit(ad(opJmp, 0, 0), line) }

func (c *compiler) patchTo(pc, target int) {
	d := target - (pc + 1)
	if d > maxJump || d < -maxJump {
		c.fail(c.proto.DbgSourcePositions[pc], "control structure too long")
	}
	c.proto.Code[pc] = c.proto.Code[pc]&0xffff | uint32(uint16(int16(d)))<<16
}

func (c *compiler) patchHere(jumps []int) { c.patchAll(jumps, c.pc()) }

func (c *compiler) patchAll(jumps []int, target int) {
	for _, pc := range jumps {
		c.patchTo(pc, target)
	}
}

func (c *compiler) reserve(n, line int) int {
	r := c.free
	c.free += n
	if c.free > maxRegisters {
		c.fail(line, "function or expression too complex")
	}
	// One more than the highest register in use: calls of metamethods and
	// iterators start above it.
	if c.free > int(c.proto.NumUsedRegisters) {
		c.proto.NumUsedRegisters = uint8(c.free)
	}
	return r
}

func (c *compiler) declare(name string, reg, line int) {
	if len(c.active) >= maxLocals {
		c.limit(line, maxLocals, "local variables")
	}
	info := &lua.DbgLocalInfo{Name: name, StartPc: c.pc() - 1, EndPc: math.MaxInt}
	c.proto.DbgLocals = append(c.proto.DbgLocals, info)
	c.active = append(c.active, activeLocal{name, reg, info})
}

func (c *compiler) openScope(loop bool) {
	c.scope = &scope{parent: c.scope, first: len(c.active), loop: loop}
}

// closeScope forgets the scope's locals, closing them when a closure holds
// one, and settles the gotos that found their label.
func (c *compiler) closeScope(line int) {
	s := c.scope
	if s.captured {
		c.emit(abc(opClose, c.regOf(s.first), 0, 0), line)
	}
	c.leaveScope()
}

func (c *compiler) leaveScope() {
	s := c.scope
	first := c.regOf(s.first)
	for _, g := range s.gotos {
		c.settle(s, g, first)
	}
	for _, l := range c.active[s.first:] {
		l.info.EndPc = c.pc()
	}
	if len(c.active) > s.first {
		c.free = first
	}
	c.active = c.active[:s.first]
	c.scope = s.parent
}

func (c *compiler) regOf(active int) int {
	if active < len(c.active) {
		return c.active[active].reg
	}
	return c.free
}

func (c *compiler) settle(s *scope, g pendingGoto, first int) {
	if g.name == "" && s.loop {
		c.patchTo(g.pc, c.pc())
		return
	}
	for _, l := range s.labels {
		if l.name != g.name || g.name == "" {
			continue
		}
		if l.active > g.active {
			c.fail(g.line, "<goto %s> jumps into the scope of local '%s'", g.name, c.active[g.active].name)
		}
		if s.captured && l.active < g.active {
			c.closing(g.pc, c.regOf(l.active))
		}
		c.patchTo(g.pc, l.pc)
		return
	}
	if s.captured && g.active > s.first {
		c.closing(g.pc, first)
	}
	g.active = min(g.active, s.first)
	if s.parent == nil {
		if g.name == "" {
			c.fail(g.line, "no loop to break")
		}
		c.fail(g.line, "undefined label '%s'", g.name)
	}
	s.parent.gotos = append(s.parent.gotos, g)
}

// closing makes a jump close the upvalues from a register on.
func (c *compiler) closing(pc, reg int) {
	c.proto.Code[pc] = c.proto.Code[pc]&0xffff0000 | opJmpX | uint32(reg)<<8
}

// constant returns the index of a constant.
func (c *compiler) constant(v lua.LValue, line int) int {
	var key any = v
	if n, ok := v.(lua.LNumber); ok {
		key = math.Float64bits(float64(n))
	}
	if i, ok := c.constants[key]; ok {
		return i
	}
	i := len(c.proto.Constants)
	if i >= maxConstants {
		c.limit(line, maxConstants, "constants")
	}
	c.proto.Constants = append(c.proto.Constants, v)
	c.constants[key] = i
	return i
}

// resolve finds what a name means here.
func (c *compiler) resolve(name string, line int) (kind nameKind, index int) {
	for i := len(c.active) - 1; i >= 0; i-- {
		if c.active[i].name == name {
			return nameLocal, i
		}
	}
	if i := c.upvalue(name, line); i >= 0 {
		return nameUpvalue, i
	}
	return nameGlobal, 0
}

type nameKind int

const (
	nameGlobal nameKind = iota
	nameLocal
	nameUpvalue
)

func (c *compiler) upvalue(name string, line int) int {
	for i, u := range c.upvalues {
		if u.name == name {
			return i
		}
	}
	p := c.parent
	if p == nil {
		return -1
	}
	source := upvalueSource{name: name}
	kind, i := p.resolve(name, line)
	switch kind {
	case nameGlobal:
		return -1
	case nameLocal:
		source.local, source.index = true, p.active[i].reg
		p.capture(i)
	case nameUpvalue:
		source.index = i
	}
	if len(c.upvalues) >= maxUpvalues {
		c.limit(line, maxUpvalues, "upvalues")
	}
	c.upvalues = append(c.upvalues, source)
	return len(c.upvalues) - 1
}

func (c *compiler) capture(active int) {
	for s := c.scope; s != nil; s = s.parent {
		if active >= s.first {
			s.captured = true
			return
		}
	}
}
