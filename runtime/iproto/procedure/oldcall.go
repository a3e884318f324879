package procedure

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// appendTuples adds results as tuples, which is what CALL gave in 1.6: a single table of tables is a list of
// tuples, and any other value that is no array becomes a tuple of one field.
func (p *runner) appendTuples(L *lua.LState, dst []byte, count int) ([]byte, int, error) {
	results := make([]lua.LValue, count)
	for i := range results {
		results[i] = L.Get(i - count)
	}
	p.host.VM().Drop(L, count)
	if len(results) == 1 {
		if list, ok := results[0].(*lua.LTable); ok && isRow(vm.GetInt(list, 1)) {
			rows := make([]lua.LValue, list.Len())
			for i := range rows {
				rows[i] = vm.GetInt(list, i+1)
			}
			results = rows
		}
	}
	options := p.encoding()
	for _, v := range results {
		var err error
		start := len(dst)
		if dst, err = p.codec.Append(dst, L, v, options); err != nil {
			return dst, 0, p.boxError(L, err)
		}
		if mp.KindOf(dst[start:]) != mp.Array {
			dst = append(dst, 0)
			copy(dst[start+1:], dst[start:])
			dst[start] = 0x91
		}
	}
	return dst, len(results), nil
}

// isRow reports whether a value stands for a tuple.
func isRow(v lua.LValue) bool {
	if c, ok := v.(vm.Cdata); ok {
		return c.CType() == vm.CTuple
	}
	_, ok := v.(*lua.LTable)
	return ok
}
