package buffer

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/ffi"
	"shardlua/runtime/vm"
)

// Ibuf is a contiguous buffer that is written at its end and read from its start.
type Ibuf struct {
	lib        *Library
	mem        *ffi.Memory // its size is the capacity
	rpos, wpos int
	start      int
}

// String is how tostring shows every ibuf.
func (b *Ibuf) String() string { return "<ibuf>" }

// Type implements lua.LValue.
func (b *Ibuf) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (b *Ibuf) CType() vm.CTypeID { return vm.CIbuf }

// Unread is what was written and not read yet; it is valid until the next write.
func (b *Ibuf) Unread() []byte { return b.mem.Data[b.rpos:b.wpos] }

// slabHeader is what an allocation of the slab cache keeps for itself, so that capacities look as they do there.
const slabHeader = 48

// Reserve makes room for n bytes after the written ones, and returns that room.
func (b *Ibuf) Reserve(n int) []byte {
	if b.wpos+n > len(b.mem.Data) {
		size := b.wpos - b.rpos
		if size+n > len(b.mem.Data) {
			want := max(len(b.mem.Data), b.start)
			for want < size+n {
				want *= 2
			}
			grown := ffi.NewMemory(slab(want))
			copy(grown.Data, b.mem.Data[b.rpos:b.wpos])
			b.mem = grown
		} else {
			copy(b.mem.Data, b.mem.Data[b.rpos:b.wpos])
		}
		b.rpos, b.wpos = 0, size
	}
	return b.mem.Data[b.wpos:]
}

// slab is what the slab cache gives for n bytes: a power of two, 16 KiB at least, less its header.
func slab(n int) int {
	size := 16 << 10
	for size-slabHeader < n {
		size *= 2
	}
	return size - slabHeader
}

// Alloc writes n bytes, whose content the caller sets.
func (b *Ibuf) Alloc(n int) []byte {
	room := b.Reserve(n)[:n]
	b.wpos += n
	return room
}

// Write appends p. It implements io.Writer.
func (b *Ibuf) Write(p []byte) (int, error) { return copy(b.Alloc(len(p)), p), nil }

// Skip reads n bytes away; n is not past what is unread.
func (b *Ibuf) Skip(n int) { b.rpos += n }

// Reset forgets the content and keeps the memory.
func (b *Ibuf) Reset() { b.rpos, b.wpos = 0, 0 }

// pointer is a place in the buffer as a script sees it.
func (b *Ibuf) pointer(off int) *ffi.Pointer { return b.lib.ffi.NewPointer(b.mem, off) }

func (lib *Library) ibufMeta(L *lua.LState) *lua.LTable {
	methods := map[string]*lua.LFunction{}
	for name, fn := range map[string]func(L *lua.LState, b *Ibuf) int{
		"size":     func(L *lua.LState, b *Ibuf) int { return count(L, b.wpos-b.rpos) },
		"capacity": func(L *lua.LState, b *Ibuf) int { return count(L, len(b.mem.Data)) },
		"pos":      func(L *lua.LState, b *Ibuf) int { return count(L, b.rpos) },
		"unused":   func(L *lua.LState, b *Ibuf) int { return count(L, len(b.mem.Data)-b.wpos) },
		"reset": func(L *lua.LState, b *Ibuf) int {
			b.Reset()
			return 0
		},
		"recycle": func(L *lua.LState, b *Ibuf) int {
			b.mem = &ffi.Memory{}
			b.Reset()
			return 0
		},
		"reserve": func(L *lua.LState, b *Ibuf) int {
			b.Reserve(lib.size(L, 124))
			L.Push(b.pointer(b.wpos))
			return 1
		},
		"alloc": func(L *lua.LState, b *Ibuf) int {
			b.Alloc(0)
			n := lib.size(L, 133)
			b.Alloc(n)
			L.Push(b.pointer(b.wpos - n))
			return 1
		},
		"checksize": func(L *lua.LState, b *Ibuf) int {
			b.check(L)
			return 0
		},
		"read": func(L *lua.LState, b *Ibuf) int {
			n := b.check(L)
			L.Push(b.pointer(b.rpos))
			b.rpos += n
			return 1
		},
	} {
		methods[name] = L.NewFunction(func(L *lua.LState) int {
			b, ok := L.Get(1).(*Ibuf)
			if !ok {
				vm.RaiseString(L, 0, "Attempt to call method without object, use ibuf:%s()", name)
			}
			return fn(L, b)
		})
	}
	serialize := L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString("<ibuf>"))
		return 1
	})
	meta := L.NewTable()
	meta.RawSetString("__serialize", serialize)
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		b, name := L.Get(1).(*Ibuf), L.Get(2).String()
		if fn := methods[name]; fn != nil {
			L.Push(fn)
			return 1
		}
		switch name {
		case "buf":
			L.Push(b.pointer(0))
		case "rpos":
			L.Push(b.pointer(b.rpos))
		case "wpos":
			L.Push(b.pointer(b.wpos))
		case "epos":
			L.Push(b.pointer(len(b.mem.Data)))
		case "start_capacity":
			L.Push(lua.LNumber(b.start))
		case "__serialize":
			L.Push(serialize)
		default:
			vm.RaiseString(L, 1, "'struct ibuf' has no member named '%s'", name)
		}
		return 1
	}))
	meta.RawSetString("__newindex", L.NewFunction(func(L *lua.LState) int {
		b, name := L.Get(1).(*Ibuf), L.Get(2).String()
		p, ok := L.Get(3).(*ffi.Pointer)
		if name != "rpos" && name != "wpos" {
			vm.RaiseString(L, 1, "'struct ibuf' has no member named '%s'", name)
		}
		if !ok {
			vm.RaiseString(L, 1, "cannot convert '%s' to 'char *'", lib.vm.OperandName(L.Get(3)))
		}
		pos := &b.rpos
		if name == "wpos" {
			pos = &b.wpos
		}
		low, high := b.rpos, len(b.mem.Data)
		if name == "rpos" {
			low, high = 0, b.wpos
		}
		mem, off := p.Place()
		if mem != b.mem || off < low || off > high {
			vm.RaiseString(L, 1, "attempt to set %s outside of the buffer", name)
		}
		*pos = off
		return 0
	}))
	return meta
}

func count(L *lua.LState, n int) int {
	L.Push(lua.LNumber(n))
	return 1
}

// maxSize keeps a script's mistake from asking for all memory at once.
const maxSize = 1 << 32

// size is the number of bytes that reserve and alloc are asked for.
func (lib *Library) size(L *lua.LState, line int) int {
	n, ok := integer(L.Get(2))
	if !ok {
		vm.RaiseString(L, 0, "builtin/buffer.lua:%d: attempt to perform arithmetic on 'char *' and '%s'", line,
			lib.vm.OperandName(L.Get(2)))
	}
	if n < 0 || n > maxSize {
		vm.RaiseString(L, 0, "builtin/buffer.lua:%d: out of memory", line)
	}
	return n
}

// check is the number of bytes to read, which must be there.
func (b *Ibuf) check(L *lua.LState) int {
	n, ok := integer(L.Get(2))
	if !ok {
		vm.RaiseString(L, 0, "builtin/buffer.lua:73: attempt to perform arithmetic on 'char *' and '%s'",
			b.lib.vm.OperandName(L.Get(2)))
	}
	if n < 0 || b.rpos+n > b.wpos {
		vm.RaiseString(L, 0, "builtin/buffer.lua:74: Attempt to read out of range bytes: needed=%d size=%d", n,
			b.wpos-b.rpos)
	}
	return n
}
