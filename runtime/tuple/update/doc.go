// Package update applies the operations of update and upsert to tuples.
//
// The one idea: operations are read and checked all before any is applied, and
// what they change is kept as a tree beside the tuple's bytes: a field that no
// operation touched is copied as it is, a single change deep inside a field is a
// bar (the bytes around it, and the change), and only where two changes part are
// arrays and maps taken apart. The result is written in one pass.
//
// The order of a map's keys after an update, and which pairs of operations meet
// in the "double update" error, are what stock Tarantool 2.6 shows; where it
// crashes (a value replaced whole and then entered by a path) that error is given.
package update
