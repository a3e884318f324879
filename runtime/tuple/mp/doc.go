// Package mp reads MessagePack where it lies, without making values of it.
//
// The one idea: bytes from outside go through Check once; after that every other
// function trusts them, never allocates, and says in its comment what it takes
// for granted. Encoding is tinylib/msgp's; reading is here because comparators
// call it millions of times a second on bytes that are known to be good.
//
//	n, err := mp.Check(body)       // foreign bytes
//	count, fields := mp.Array(body[:n])
package mp
