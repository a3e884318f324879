package update

import (
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// Update applies ops, a checked MessagePack array of operations, to the tuple and
// returns the data of the result, which shares nothing with it. Field numbers in
// ops count from indexBase (0 or 1). Any operation that fails fails the whole.
func Update(t *tuple.Tuple, ops []byte, indexBase int) ([]byte, error) {
	return Apply(t.Format(), t.Data(), ops, indexBase)
}

// Apply is Update on data that is no tuple yet.
func Apply(f *tuple.Format, data, ops []byte, indexBase int) ([]byte, error) {
	list, err := read(f, ops, indexBase)
	if err != nil {
		return nil, err
	}
	root := openArray(data)
	for i := range list {
		if err := root.do(&list[i], nil); err != nil {
			return nil, err
		}
	}
	return root.write(make([]byte, 0, len(data)+len(ops))), nil
}

// Upsert is Update that leaves out the operations that cannot be applied to this
// tuple. Operations that are wrong by themselves still fail the whole.
func Upsert(t *tuple.Tuple, ops []byte, indexBase int) ([]byte, error) {
	return ApplyUpsert(t.Format(), t.Data(), ops, indexBase)
}

// ApplyUpsert is Upsert on data that is no tuple yet.
func ApplyUpsert(f *tuple.Format, data, ops []byte, indexBase int) ([]byte, error) {
	list, err := read(f, ops, indexBase)
	if err != nil {
		return nil, err
	}
	root := openArray(data)
	for i := range list {
		// An operation changes the tree only when it succeeds.
		_ = root.do(&list[i], nil)
	}
	return root.write(make([]byte, 0, len(data)+len(ops))), nil
}

// Check reads ops as Update would, without a tuple to apply them to: what an
// upsert does when it inserts.
func Check(f *tuple.Format, ops []byte, indexBase int) error {
	_, err := read(f, ops, indexBase)
	return err
}

// Fields lists the numbers of the fields, from 0, that ops may change. It reports
// false when that cannot be told without the tuple: for inserts, deletes and
// negative numbers.
func Fields(f *tuple.Format, ops []byte, indexBase int) ([]int, bool, error) {
	list, err := read(f, ops, indexBase)
	if err != nil {
		return nil, false, err
	}
	var fields []int
	for i := range list {
		o := &list[i]
		moves := len(o.steps) == 0 && o.broken == nil && (o.code == '!' || o.code == '#')
		if moves || o.field < 0 {
			return nil, false, nil
		}
		fields = append(fields, int(o.field))
	}
	return fields, true, nil
}

func bounded(b []byte) []byte {
	n := mp.Skip(b)
	return b[:n:n]
}
