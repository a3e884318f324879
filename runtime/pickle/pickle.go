// Package pickle is the Lua module `pickle`: values packed into bytes by a format, and unpacked.
package pickle

import (
	"encoding/binary"
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `pickle`: pack(format, …) and unpack(format, bytes). The letters: b, s, i, l are
// little-endian integers of 1, 2, 4 and 8 bytes; n, N and q big-endian ones of 2, 4 and 8; f and d are float and
// double; a and A take bytes as they are, the rest when unpacking. pack knows B, S, I, L and Q as well.
var Module = module.Module{Name: "pickle", Open: open}

func open(_ module.Host, L *lua.LState) lua.LValue {
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{"pack": pack, "unpack": unpack})
}

// integer is the n-th argument as the bits of a whole number.
func integer(L *lua.LState, n, size int) uint64 {
	switch v := L.Get(n).(type) {
	case lua.LNumber:
		f := float64(v)
		if f == math.Trunc(f) && f >= -1<<63 && f < 1<<64 {
			if f < 0 {
				return uint64(int64(f))
			}
			return uint64(f)
		}
	case *vm.U64:
		return v.V
	case *vm.I64:
		return uint64(v.V)
	}
	vm.RaiseString(L, 1, "pickle.pack: expected %d-bit int", size*8)
	return 0
}

func pack(L *lua.LState) int {
	format := vm.CheckString(L, 1)
	var out []byte
	for i := range len(format) {
		n := i + 2
		if n > L.GetTop() {
			vm.RaiseString(L, 1, "pickle.pack: argument count does not match the format")
		}
		switch c := format[i]; c {
		case 'b', 'B':
			out = append(out, byte(integer(L, n, 1)))
		case 's', 'S':
			out = binary.LittleEndian.AppendUint16(out, uint16(integer(L, n, 2)))
		case 'n':
			out = binary.BigEndian.AppendUint16(out, uint16(integer(L, n, 2)))
		case 'i', 'I':
			out = binary.LittleEndian.AppendUint32(out, uint32(integer(L, n, 4)))
		case 'N':
			out = binary.BigEndian.AppendUint32(out, uint32(integer(L, n, 4)))
		case 'l', 'L':
			out = binary.LittleEndian.AppendUint64(out, integer(L, n, 8))
		case 'q', 'Q':
			out = binary.BigEndian.AppendUint64(out, integer(L, n, 8))
		case 'f':
			v, _ := vm.ToNumber(L.Get(n))
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v)))
		case 'd':
			v, _ := vm.ToNumber(L.Get(n))
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
		case 'a', 'A':
			out = append(out, vm.CheckString(L, n)...)
		default:
			vm.RaiseString(L, 1, "pickle.pack: unsupported pack format specifier '%c'", c)
		}
	}
	L.Push(lua.LString(out))
	return 1
}

// sizes are the widths of what unpack reads.
var sizes = map[byte]int{'b': 1, 's': 2, 'n': 2, 'i': 4, 'N': 4, 'l': 8, 'q': 8, 'f': 4, 'd': 8}

// Unpack reads data by a format; it must use up all of it.
func Unpack(format string, data []byte) ([]lua.LValue, error) {
	var out []lua.LValue
	read := 0
	for i := range len(format) {
		c := format[i]
		size, known := sizes[c]
		switch {
		case c == 'a' || c == 'A':
			out = append(out, lua.LString(data[read:]))
			read = len(data)
			continue
		case !known:
			return nil, fmt.Errorf("pickle.unpack: unsupported format specifier '%c'", c)
		case len(data)-read < size:
			return nil, fmt.Errorf("pickle.unpack('%c'): got %d bytes (expected: %d+)", c, len(data), read+size)
		}
		out = append(out, readOne(c, data[read:read+size]))
		read += size
	}
	if read != len(data) {
		last := ""
		if format != "" {
			last = format[len(format)-1:]
		}
		return nil, fmt.Errorf("pickle.unpack('%s'): too many bytes: unpacked %d, total %d", last, read, len(data))
	}
	return out, nil
}

// exact is the largest whole number below which a double holds every one.
const exact = 1e14

func readOne(c byte, b []byte) lua.LValue {
	var n uint64
	switch c {
	case 'f':
		return lua.LNumber(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case 'd':
		return lua.LNumber(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case 'b':
		n = uint64(b[0])
	case 's':
		n = uint64(binary.LittleEndian.Uint16(b))
	case 'n':
		n = uint64(binary.BigEndian.Uint16(b))
	case 'i':
		n = uint64(binary.LittleEndian.Uint32(b))
	case 'N':
		n = uint64(binary.BigEndian.Uint32(b))
	case 'l':
		n = binary.LittleEndian.Uint64(b)
	case 'q':
		n = binary.BigEndian.Uint64(b)
	}
	if n < exact {
		return lua.LNumber(n)
	}
	return vm.Uint64(n)
}

func unpack(L *lua.LState) int {
	format, data := vm.CheckString(L, 1), vm.CheckString(L, 2)
	values, err := Unpack(format, []byte(data))
	if err != nil {
		vm.RaiseString(L, 1, "%s", err)
	}
	for _, v := range values {
		L.Push(v)
	}
	return len(values)
}
