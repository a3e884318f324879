package vm

import (
	lua "github.com/yuin/gopher-lua"
)

// run executes the topmost frame of a thread until it has returned. It is
// what gopher-lua calls as the state's main loop.
func (vm *VM) run(L *lua.LState, _ *frame) {
	s := stateOf(L)
	s.stack.stack.room()
	entry := s.currentFrame
	if s.reg.top > vm.stackLimit {
		entry.Pc = 1 // gopher-lua's own traceback looks at the instruction before
		RaiseString(L, 0, "stack overflow")
	}
	if entry.Fn.IsG {
		vm.finishG(L, s, entry)
		return
	}
	if entry.Pc == 0 && entry.Fn.Proto.IsVarArg&compiledHere == 0 {
		entry.Pc = 1
		RaiseString(L, 0, "chunk was compiled by gopher-lua itself, not by the VM that runs it")
	}
	vm.ensure(L, s, entry.LocalBase+int(entry.Fn.Proto.NumUsedRegisters))
	cf := entry

frames:
	for {
		proto := cf.Fn.Proto
		code := proto.Code
		consts := proto.Constants
		base := cf.LocalBase
		regs := s.reg.array[base:]
		pc := cf.Pc
		var inst uint32
		var lhs, rhs lua.LValue
		for {
			inst = code[pc]
			pc++
			switch opOf(inst) {
			case opMove:
				regs[argA(inst)] = regs[argB(inst)]
				continue
			case opLoadK:
				regs[argA(inst)] = consts[argD(inst)]
				continue
			case opLoadNil:
				for i := argA(inst); i <= argB(inst); i++ {
					regs[i] = lua.LNil
				}
				continue
			case opLoadBool:
				regs[argA(inst)] = lua.LBool(argB(inst) != 0)
				pc += argC(inst)
				continue
			case opGetUp:
				regs[argA(inst)] = upvalueOf(cf.Fn.Upvalues[argB(inst)]).get()
				continue
			case opSetUp:
				upvalueOf(cf.Fn.Upvalues[argA(inst)]).set(regs[argB(inst)])
				continue
			case opGetG:
				key := consts[argD(inst)]
				v := cf.Fn.Env.RawGetString(string(key.(lua.LString)))
				if isNil(v) && !isNil(cf.Fn.Env.Metatable) {
					cf.Pc = pc
					v = vm.index(L, cf.Fn.Env, key)
					regs = s.reg.array[base:]
				}
				regs[argA(inst)] = v
				continue
			case opSetG:
				cf.Pc = pc
				vm.setIndex(L, cf.Fn.Env, consts[argD(inst)], regs[argA(inst)])
				regs = s.reg.array[base:]
				continue
			case opGet:
				obj, key := regs[argB(inst)], regs[argC(inst)]
				if t, ok := obj.(*lua.LTable); ok {
					v := vm.rawGet(t, key)
					if !isNil(v) || isNil(t.Metatable) {
						regs[argA(inst)] = v
						continue
					}
				}
				cf.Pc = pc
				v := vm.index(L, obj, key)
				regs = s.reg.array[base:]
				regs[argA(inst)] = v
				continue
			case opGetS:
				obj, key := regs[argB(inst)], consts[argC(inst)]
				if t, ok := obj.(*lua.LTable); ok {
					v := t.RawGetString(string(key.(lua.LString)))
					if !isNil(v) || isNil(t.Metatable) {
						regs[argA(inst)] = v
						continue
					}
				}
				cf.Pc = pc
				v := vm.index(L, obj, key)
				regs = s.reg.array[base:]
				regs[argA(inst)] = v
				continue
			case opGetI:
				obj := regs[argB(inst)]
				if t, ok := obj.(*lua.LTable); ok {
					v := GetInt(t, argC(inst))
					if !isNil(v) || isNil(t.Metatable) {
						regs[argA(inst)] = v
						continue
					}
				}
				cf.Pc = pc
				v := vm.index(L, obj, small[argC(inst)])
				regs = s.reg.array[base:]
				regs[argA(inst)] = v
				continue
			case opSet:
				obj, key, v := regs[argB(inst)], regs[argC(inst)], regs[argA(inst)]
				if t, ok := obj.(*lua.LTable); ok && isNil(t.Metatable) && vm.journal == nil {
					if vm.setFast(t, key, v) {
						continue
					}
				}
				cf.Pc = pc
				vm.setIndex(L, obj, key, v)
				regs = s.reg.array[base:]
				continue
			case opSetS:
				obj, key, v := regs[argB(inst)], consts[argC(inst)], regs[argA(inst)]
				if t, ok := obj.(*lua.LTable); ok && isNil(t.Metatable) && vm.journal == nil {
					setString(t, key, v)
					continue
				}
				cf.Pc = pc
				vm.setIndex(L, obj, key, v)
				regs = s.reg.array[base:]
				continue
			case opSetI:
				obj, v := regs[argB(inst)], regs[argA(inst)]
				if t, ok := obj.(*lua.LTable); ok && isNil(t.Metatable) && vm.journal == nil {
					setInt(t, argC(inst), v)
					continue
				}
				cf.Pc = pc
				vm.setIndex(L, obj, small[argC(inst)], v)
				regs = s.reg.array[base:]
				continue
			case opNewTable:
				regs[argA(inst)] = newTable(argB(inst), argC(inst))
				continue
			case opSelf, opSelfR:
				obj := regs[argB(inst)]
				var key lua.LValue
				if opOf(inst) == opSelf {
					key = consts[argC(inst)]
				} else {
					key = regs[argC(inst)]
				}
				cf.Pc = pc
				v := vm.index(L, obj, key)
				regs = s.reg.array[base:]
				regs[argA(inst)+1] = obj
				regs[argA(inst)] = v
				continue

			case opAdd:
				lhs, rhs = regs[argB(inst)], regs[argC(inst)]
				if x, ok := lhs.(lua.LNumber); ok {
					if y, ok := rhs.(lua.LNumber); ok {
						regs[argA(inst)] = vm.num(x + y)
						continue
					}
				}
			case opSub:
				lhs, rhs = regs[argB(inst)], regs[argC(inst)]
				if x, ok := lhs.(lua.LNumber); ok {
					if y, ok := rhs.(lua.LNumber); ok {
						regs[argA(inst)] = vm.num(x - y)
						continue
					}
				}
			case opMul:
				lhs, rhs = regs[argB(inst)], regs[argC(inst)]
				if x, ok := lhs.(lua.LNumber); ok {
					if y, ok := rhs.(lua.LNumber); ok {
						regs[argA(inst)] = vm.num(x * y)
						continue
					}
				}
			case opDiv, opMod, opPow:
				lhs, rhs = regs[argB(inst)], regs[argC(inst)]
			case opAddK:
				lhs, rhs = regs[argB(inst)], consts[argC(inst)]
				if x, ok := lhs.(lua.LNumber); ok {
					regs[argA(inst)] = vm.num(x + rhs.(lua.LNumber))
					continue
				}
			case opSubK:
				lhs, rhs = regs[argB(inst)], consts[argC(inst)]
				if x, ok := lhs.(lua.LNumber); ok {
					regs[argA(inst)] = vm.num(x - rhs.(lua.LNumber))
					continue
				}
			case opMulK, opDivK, opModK, opPowK:
				lhs, rhs = regs[argB(inst)], consts[argC(inst)]
			case opKAdd, opKSub, opKMul, opKDiv, opKMod, opKPow:
				lhs, rhs = consts[argB(inst)], regs[argC(inst)]
			case opUnm:
				if x, ok := regs[argB(inst)].(lua.LNumber); ok {
					regs[argA(inst)] = vm.num(-x)
					continue
				}
				cf.Pc = pc
				v := vm.negate(L, regs[argB(inst)])
				regs = s.reg.array[base:]
				regs[argA(inst)] = v
				continue
			case opNot:
				regs[argA(inst)] = lua.LBool(!truth(regs[argB(inst)]))
				continue
			case opLen:
				cf.Pc = pc
				v := vm.length(L, regs[argB(inst)])
				regs = s.reg.array[base:]
				regs[argA(inst)] = v
				continue
			case opConcat:
				cf.Pc = pc
				v := vm.concat(L, s, base+argB(inst), base+argC(inst))
				regs = s.reg.array[base:]
				regs[argA(inst)] = v
				continue

			case opEq:
				a, b := regs[argA(inst)], regs[argB(inst)]
				var eq bool
				if x, ok := a.(lua.LNumber); ok {
					if y, ok := b.(lua.LNumber); ok {
						eq = x == y
						goto compared
					}
				}
				cf.Pc = pc
				eq = vm.equal(L, a, b)
				regs = s.reg.array[base:]
			compared:
				if eq != (argC(inst) != 0) {
					pc++
				}
				continue
			case opEqK:
				cf.Pc = pc
				eq := vm.equal(L, regs[argA(inst)], consts[argB(inst)])
				regs = s.reg.array[base:]
				if eq != (argC(inst) != 0) {
					pc++
				}
				continue
			case opLt, opLtK, opKLt:
				lhs, rhs = comparands(inst, opLt, regs, consts)
				var lt bool
				if x, ok := lhs.(lua.LNumber); ok {
					if y, ok := rhs.(lua.LNumber); ok {
						lt = x < y
						goto ltDone
					}
				}
				cf.Pc = pc
				lt = vm.less(L, lhs, rhs)
				regs = s.reg.array[base:]
			ltDone:
				if lt != (argC(inst) != 0) {
					pc++
				}
				continue
			case opLe, opLeK, opKLe:
				lhs, rhs = comparands(inst, opLe, regs, consts)
				var le bool
				if x, ok := lhs.(lua.LNumber); ok {
					if y, ok := rhs.(lua.LNumber); ok {
						le = x <= y
						goto leDone
					}
				}
				cf.Pc = pc
				le = vm.lessEqual(L, lhs, rhs)
				regs = s.reg.array[base:]
			leDone:
				if le != (argC(inst) != 0) {
					pc++
				}
				continue
			case opTest:
				if truth(regs[argA(inst)]) != (argC(inst) != 0) {
					pc++
				}
				continue
			case opTestSet:
				if v := regs[argB(inst)]; truth(v) == (argC(inst) != 0) {
					regs[argA(inst)] = v
				} else {
					pc++
				}
				continue
			case opJmp:
				d := argJ(inst)
				if d < 0 && vm.interrupt.Load() != nil {
					cf.Pc = pc
					vm.raiseInterrupt(L)
				}
				pc += d
				continue
			case opJmpX:
				closeUpvalues(s, base+argA(inst))
				if vm.interrupt.Load() != nil {
					cf.Pc = pc
					vm.raiseInterrupt(L)
				}
				pc += argJ(inst)
				continue

			case opCall:
				cf.Pc = pc
				ra := base + argA(inst)
				nargs := argB(inst) - 1
				if nargs < 0 {
					nargs = s.reg.top - ra - 1
				}
				fn, ok := regs[argA(inst)].(*lua.LFunction)
				if !ok {
					fn = vm.callable(L, s, ra, nargs)
					nargs++
				}
				if fn.IsG {
					vm.callG(L, s, cf, fn, ra, nargs, argC(inst)-1)
					regs = s.reg.array[base:]
					continue
				}
				if vm.interrupt.Load() != nil {
					vm.raiseInterrupt(L)
				}
				cf = vm.enter(L, s, cf, fn, ra, nargs, argC(inst)-1)
				continue frames
			case opTailCall:
				cf.Pc = pc
				ra := base + argA(inst)
				nargs := argB(inst) - 1
				if nargs < 0 {
					nargs = s.reg.top - ra - 1
				}
				fn, ok := regs[argA(inst)].(*lua.LFunction)
				if !ok {
					fn = vm.callable(L, s, ra, nargs)
					nargs++
				}
				if s.uvcache != nil {
					closeUpvalues(s, base)
				}
				if vm.interrupt.Load() != nil {
					vm.raiseInterrupt(L)
				}
				// The frame of the called function takes the place of this
				// one, so "cf == entry" still holds where it held.
				parent, to, nret := cf.Parent, cf.Base, cf.NRet
				copy(s.reg.array[to:to+nargs+1], s.reg.array[ra:ra+nargs+1])
				s.stack.stack.pop()
				s.currentFrame = parent
				if !fn.IsG {
					cf = vm.enter(L, s, parent, fn, to, nargs, nret)
					continue frames
				}
				last := cf == entry
				vm.callG(L, s, parent, fn, to, nargs, nret)
				if last {
					if nret != lua.MultRet {
						s.reg.top = to + nret
					}
					return
				}
				cf = parent
				continue frames
			case opReturn:
				if s.uvcache != nil {
					closeUpvalues(s, base)
				}
				ra := base + argA(inst)
				n := argB(inst) - 1
				if n < 0 {
					n = s.reg.top - ra
				}
				if vm.leave(s, cf, entry, ra, n) {
					return
				}
				cf = s.currentFrame
				continue frames

			case opForPrep:
				cf.Pc = pc
				if !vm.forPrep(L, regs[argA(inst):argA(inst)+4]) {
					pc += argJ(inst)
				}
				continue
			case opForLoop:
				r := regs[argA(inst) : argA(inst)+4]
				i := r[0].(lua.LNumber)
				step := r[2].(lua.LNumber)
				limit := r[1].(lua.LNumber)
				i += step
				if step >= 0 && i <= limit || step < 0 && i >= limit {
					v := vm.num(i)
					r[0], r[3] = v, v
					pc += argJ(inst)
					if vm.interrupt.Load() != nil {
						cf.Pc = pc
						vm.raiseInterrupt(L)
					}
				}
				continue
			case opTFor:
				cf.Pc = pc
				a := argA(inst)
				fn, ok := regs[a].(*lua.LFunction)
				if ok && fn == vm.next {
					if t, ok := regs[a+1].(*lua.LTable); ok {
						k, v := vm.nextOf(L, t, regs[a+2])
						regs[a+3] = k
						n := argC(inst)
						if n > 1 {
							regs[a+4] = v
							for i := 2; i < n; i++ {
								regs[a+3+i] = lua.LNil
							}
						}
						if !isNil(k) {
							regs[a+2] = k
						} else {
							pc++
						}
						continue
					}
				}
				vm.ensure(L, s, base+a+8)
				regs = s.reg.array[base:]
				regs[a+3], regs[a+4], regs[a+5] = regs[a], regs[a+1], regs[a+2]
				nargs := 2
				if !ok {
					fn = vm.callable(L, s, base+a+3, nargs)
					nargs++
				}
				if fn.IsG {
					vm.callG(L, s, cf, fn, base+a+3, nargs, argC(inst))
				} else {
					vm.callNested(L, s, cf, fn, base+a+3, nargs, argC(inst))
				}
				regs = s.reg.array[base:]
				if k := regs[a+3]; !isNil(k) {
					regs[a+2] = k
				} else {
					pc++
				}
				continue

			case opSetList:
				a := argA(inst)
				t := regs[a].(*lua.LTable)
				n := argB(inst)
				if n == 0 {
					n = s.reg.top - base - a - 1
					s.reg.top = base + int(proto.NumUsedRegisters)
				}
				first := int(code[pc])
				pc++
				setList(t, first, regs[a+1:a+1+n])
				continue
			case opClose:
				closeUpvalues(s, base+argA(inst))
				continue
			case opClosure:
				inner := proto.FunctionPrototypes[argD(inst)]
				fn := &lua.LFunction{Env: cf.Fn.Env, Proto: inner}
				if n := int(inner.NumUpvalues); n > 0 {
					fn.Upvalues = make([]*lua.Upvalue, n)
					for i := range fn.Upvalues {
						u := code[pc]
						pc++
						if argA(u) != 0 {
							fn.Upvalues[i] = exportUpvalue(findUpvalue(s, base+argD(u)))
						} else {
							fn.Upvalues[i] = cf.Fn.Upvalues[argD(u)]
						}
					}
				}
				regs[argA(inst)] = fn
				continue
			case opVararg:
				a := argA(inst)
				have := max(cf.NArgs-int(proto.NumParameters), 0)
				want := argB(inst) - 1
				if want < 0 {
					want = have
					vm.ensure(L, s, base+a+want+1)
					regs = s.reg.array[base:]
					s.reg.top = base + a + want
				}
				from := s.reg.array[cf.Base+1+int(proto.NumParameters):]
				for i := range want {
					if i < have {
						regs[a+i] = from[i]
					} else {
						regs[a+i] = lua.LNil
					}
				}
				continue
			}

			// Arithmetic that was not settled above.
			cf.Pc = pc
			op := (opOf(inst) - opAdd) % 6
			var v lua.LValue
			if x, ok := lhs.(lua.LNumber); ok {
				if y, ok := rhs.(lua.LNumber); ok {
					v = vm.num(lua.LNumber(arith(op, float64(x), float64(y))))
					regs[argA(inst)] = v
					continue
				}
			}
			v = vm.arithmetic(L, op, lhs, rhs)
			regs = s.reg.array[base:]
			regs[argA(inst)] = v
		}
	}
}
