// Package tuple is the database's record: an immutable MessagePack array, the
// formats that it must obey, and the keys that indexes order it by.
//
// The one idea: a Tuple is one small allocation, its format's pointer and its
// bytes, and everything else looks into those bytes. A tuple's format says which
// fields keys look at; their offsets lie in front of the bytes, so that an index
// of millions compares without walking.
//
//	def, _ := tuple.NewKeyDef([]tuple.Part{{Field: 0, Type: tuple.Unsigned}})
//	format, _ := tuple.NewFormat(fields, []*tuple.KeyDef{def}, 0)
//	if err := mp.Validate(body); err != nil { ... } // foreign bytes
//	t, err := tuple.New(format, body)
//	def.CompareKey(t, key, 1)
//
// New, and every function that takes MessagePack, trusts that mp.Check has seen
// the bytes. Errors are *boxerr.Error with Tarantool's codes and words.
package tuple
