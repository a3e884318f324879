package vm

import (
	lua "github.com/yuin/gopher-lua"
)

const (
	maxStackSlots = 65500 // LUAI_MAXSTACK
	handlerSlots  = 4000  // what a message handler may use beyond
	spareSegments = 2
)

func (fs *frameStack) depth() int { return int(fs.segSp) + int(fs.segIdx)*framesPerSegment }

// room keeps enough call stack ahead for gopher-lua, which pushes one frame
// before it enters the interpreter loop and would panic on a full stack.
func (fs *frameStack) room() {
	if need := int(fs.segIdx) + spareSegments; need >= len(fs.segments) {
		grown := make([]*frameSegment, need*2+1)
		copy(grown, fs.segments)
		fs.segments = grown
	}
}

func (fs *frameStack) push() *frame {
	if fs.segSp >= framesPerSegment {
		fs.segIdx++
		fs.segSp = 0
		fs.room()
		if fs.segments[fs.segIdx] == nil {
			fs.segments[fs.segIdx] = new(frameSegment)
		}
	}
	f := &fs.segments[fs.segIdx].array[fs.segSp]
	f.Idx = fs.depth()
	fs.segSp++
	return f
}

func (fs *frameStack) pop() {
	if fs.segSp == 0 {
		fs.segIdx--
		fs.segSp = framesPerSegment
	}
	fs.segSp--
}

// unwind drops the frames above a depth that the stack had before.
func (fs *frameStack) unwind(depth int) {
	for fs.depth() > depth {
		fs.pop()
	}
}

// ensure makes the registers below size usable.
func (vm *VM) ensure(L *lua.LState, s *state, size int) {
	if size > len(s.reg.array) {
		vm.growRegistry(L, s, size)
	}
}

func (vm *VM) growRegistry(L *lua.LState, s *state, size int) {
	if size > vm.stackLimit {
		RaiseString(L, 0, "stack overflow")
	}
	grown := make([]lua.LValue, max(size+16, len(s.reg.array)*3/2))
	copy(grown, s.reg.array)
	s.reg.array = grown
}

// enter pushes the frame of a Lua function whose arguments lie above it.
func (vm *VM) enter(L *lua.LState, s *state, caller *frame, fn *lua.LFunction, base, nargs, nret int) *frame {
	proto := fn.Proto
	np := int(proto.NumParameters)
	local := base + 1
	if proto.IsVarArg&compiledHere == 0 {
		RaiseString(L, 0, "chunk was compiled by gopher-lua itself, not by the VM that runs it")
	}
	vm.ensure(L, s, local+2*(nargs+np)+int(proto.NumUsedRegisters))
	regs := s.reg.array
	for i := nargs; i < np; i++ {
		regs[local+i] = lua.LNil
	}
	if proto.IsVarArg&lua.VarArgIsVarArg != 0 {
		moved := local + max(nargs, np)
		for i := range np {
			regs[moved+i] = regs[local+i]
			regs[local+i] = lua.LNil
		}
		local = moved
	}
	f := s.stack.stack.push()
	f.Fn, f.Parent, f.Pc = fn, caller, 0
	f.Base, f.LocalBase, f.ReturnBase = base, local, base
	f.NArgs, f.NRet, f.TailCall = nargs, nret, 0
	s.reg.top = local + int(proto.NumUsedRegisters)
	s.currentFrame = f
	return f
}

// callG runs a Go function whose arguments lie above base and leaves its
// results from base on.
func (vm *VM) callG(L *lua.LState, s *state, caller *frame, fn *lua.LFunction, base, nargs, nret int) {
	vm.ensure(L, s, base+1+nargs+24)
	f := s.stack.stack.push()
	f.Fn, f.Parent, f.Pc = fn, caller, 0
	f.Base, f.LocalBase, f.ReturnBase = base, base+1, base
	f.NArgs, f.NRet, f.TailCall = nargs, nret, 0
	s.reg.top = base + 1 + nargs
	s.currentFrame = f
	vm.finishG(L, s, f)
	if nret != lua.MultRet && caller != nil && !caller.Fn.IsG {
		s.reg.top = caller.LocalBase + int(caller.Fn.Proto.NumUsedRegisters)
	}
}

// finishG runs the Go function of the topmost frame and pops that frame.
func (vm *VM) finishG(L *lua.LState, s *state, f *frame) {
	// With this flag set gopher-lua's own errors leave upvalues alone; its
	// PCall clears it, having unwound frames without closing theirs.
	s.hasErrorFunc = true
	n := f.Fn.GFunction(L)
	if n < 0 {
		RaiseString(L, 0, "attempt to yield from outside a coroutine")
	}
	reg := s.reg
	if !s.hasErrorFunc && s.uvcache != nil {
		closeUpvalues(s, reg.top)
	}
	want := f.NRet
	if want == lua.MultRet {
		want = n
	}
	dst, src := f.ReturnBase, reg.top-n
	vm.ensure(L, s, dst+want)
	regs := reg.array
	if want <= n {
		copy(regs[dst:dst+want], regs[src:src+want])
	} else {
		copy(regs[dst:dst+n], regs[src:src+n])
		for i := n; i < want; i++ {
			regs[dst+i] = lua.LNil
		}
	}
	reg.top = dst + want
	s.stack.stack.pop()
	s.currentFrame = f.Parent
}

// callable makes room for a called value that is not a function: its __call
// metamethod takes its place and the value becomes the first argument.
func (vm *VM) callable(L *lua.LState, s *state, base, nargs int) *lua.LFunction {
	v := s.reg.array[base]
	fn, ok := vm.metamethod(v, "__call").(*lua.LFunction)
	if !ok {
		vm.callError(L, v)
	}
	vm.ensure(L, s, base+nargs+3)
	regs := s.reg.array
	copy(regs[base+1:base+nargs+2], regs[base:base+nargs+1])
	regs[base] = fn
	return fn
}

// closeUpvalues gives the upvalues from a register on values of their own.
func closeUpvalues(s *state, from int) {
	var last *upvalue
	u := s.uvcache
	for u != nil && u.index < from {
		last, u = u, u.next
	}
	if u == nil {
		return
	}
	if last == nil {
		s.uvcache = nil
	} else {
		last.next = nil
	}
	for u != nil {
		next := u.next
		u.value = u.reg.array[u.index]
		u.closed = true
		u.next, u.reg = nil, nil
		u = next
	}
}

func findUpvalue(s *state, index int) *upvalue {
	link := &s.uvcache
	for *link != nil && (*link).index < index {
		link = &(*link).next
	}
	if u := *link; u != nil && u.index == index {
		return u
	}
	u := &upvalue{next: *link, reg: s.reg, index: index}
	*link = u
	return u
}

func (u *upvalue) get() lua.LValue {
	if u.reg == nil || u.closed {
		return u.value
	}
	return u.reg.array[u.index]
}

func (u *upvalue) set(v lua.LValue) {
	if u.reg == nil || u.closed {
		u.value = v
	} else {
		u.reg.array[u.index] = v
	}
}

// leave pops a Lua frame, handing n results from a register on to whoever
// wants them, and says whether that was the frame run started with.
func (vm *VM) leave(s *state, cf, entry *frame, from, n int) bool {
	dst, want := cf.ReturnBase, cf.NRet
	if want == lua.MultRet {
		want = n
	}
	regs := s.reg.array
	if want == 1 && n >= 1 {
		regs[dst] = regs[from]
	} else {
		for i := range want {
			if i < n {
				regs[dst+i] = regs[from+i]
			} else {
				regs[dst+i] = lua.LNil
			}
		}
	}
	s.reg.top = dst + want
	s.stack.stack.pop()
	parent := cf.Parent
	s.currentFrame = parent
	if cf == entry {
		return true
	}
	if cf.NRet != lua.MultRet {
		s.reg.top = parent.LocalBase + int(parent.Fn.Proto.NumUsedRegisters)
	}
	return false
}

// callNested runs a Lua function on a loop of its own.
func (vm *VM) callNested(L *lua.LState, s *state, caller *frame, fn *lua.LFunction, base, nargs, nret int) {
	vm.enter(L, s, caller, fn, base, nargs, nret)
	vm.run(L, nil)
	if nret != lua.MultRet {
		s.reg.top = caller.LocalBase + int(caller.Fn.Proto.NumUsedRegisters)
	}
}

func comparands(inst uint32, op int, regs, consts []lua.LValue) (lhs, rhs lua.LValue) {
	switch opOf(inst) {
	case op:
		return regs[argA(inst)], regs[argB(inst)]
	case op + 1:
		return regs[argA(inst)], consts[argB(inst)]
	}
	return consts[argA(inst)], regs[argB(inst)]
}

// forPrep checks a numeric loop's registers, start, limit, step and variable,
// and says whether the loop runs at all.
func (vm *VM) forPrep(L *lua.LState, r []lua.LValue) bool {
	var n [3]float64
	for i, what := range [...]string{"initial value", "limit", "step"} {
		v, ok := ToNumber(r[i])
		if !ok {
			RaiseString(L, 0, "'for' %s must be a number", what)
		}
		n[i] = v
		r[i] = vm.num(lua.LNumber(v))
	}
	r[3] = r[0]
	return n[2] >= 0 && n[0] <= n[1] || n[2] < 0 && n[0] >= n[1]
}

func (vm *VM) raiseInterrupt(L *lua.LState) {
	if i := vm.interrupt.Swap(nil); i != nil {
		RaiseString(L, 0, "%s", i.err.Error())
	}
}

func isNil(v lua.LValue) bool {
	_, ok := v.(*lua.LNilType)
	return ok
}

func truth(v lua.LValue) bool {
	switch v := v.(type) {
	case *lua.LNilType:
		return false
	case lua.LBool:
		return bool(v)
	}
	return true
}
