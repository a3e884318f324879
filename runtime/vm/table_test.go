package vm

import (
	"fmt"
	"math/rand"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// TestKeysAgainstMap changes a table through the functions of this package and through gopher-lua's own, in any order,
// and compares what a traversal shows with a map.
func TestKeysAgainstMap(t *testing.T) {
	machine := New(Options{})
	L := machine.State()
	for seed := range int64(300) {
		random := rand.New(rand.NewSource(seed))
		table, model := machine.State().NewTable(), map[lua.LValue]lua.LValue{}
		if seed%2 == 0 {
			table = NewTable(0, int(seed%12))
		}
		names := 2 + random.Intn(40)
		for step := range 200 {
			key := lua.LValue(lua.LString(fmt.Sprint("key", random.Intn(names))))
			if random.Intn(4) == 0 {
				key = lua.LNumber(0.5 + float64(random.Intn(names)))
			}
			value := lua.LValue(lua.LNumber(step))
			if random.Intn(3) == 0 {
				value = lua.LNil
			}
			if random.Intn(3) == 0 {
				table.RawSetH(key, value)
			} else {
				RawSet(table, key, value)
			}
			if value == lua.LNil {
				delete(model, key)
			} else {
				model[key] = value
			}
			if random.Intn(20) > 0 {
				continue
			}
			seen := map[lua.LValue]lua.LValue{}
			for k, v := machine.Next(L, table, lua.LNil); k != lua.LNil; k, v = machine.Next(L, table, k) {
				if _, twice := seen[k]; twice {
					t.Fatalf("seed %d, step %d: %v comes twice", seed, step, k)
				}
				seen[k] = v
				if random.Intn(3) == 0 { // as another traversal would leave it
					machine.nextHint = random.Intn(names)
				}
				if random.Intn(8) == 0 {
					RawSet(table, k, lua.LNil)
					delete(model, k)
					delete(seen, k)
				}
			}
			if len(seen) != len(model) {
				t.Fatalf("seed %d, step %d: %d keys, want %d", seed, step, len(seen), len(model))
			}
			for k, v := range model {
				if seen[k] != v {
					t.Fatalf("seed %d, step %d: [%v] is %v, want %v", seed, step, k, seen[k], v)
				}
			}
		}
	}
}
