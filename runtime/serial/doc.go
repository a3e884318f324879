// Package serial holds the rules by which Lua values become data: what is an
// array and what a map, what __serialize says, what becomes of numbers, cdata and
// values that have no form outside Lua.
//
// The one idea: a format asks about one value at a time. [Inspect] classifies it
// into a [Field], following metatables, and the format writes the field and asks
// again about what is inside. No value is copied into an intermediate tree.
//
//	var f serial.Field
//	if err := serial.Inspect(L, &opts, v, &f); err != nil {
//		return err
//	}
//	switch f.Kind {
//	case serial.Array:
//		for i := range f.Size { write(vm.GetInt(f.Table, i + 1)) }
//
// It knows no format: msgpack is in luamp, text formats are in json and yaml.
package serial
