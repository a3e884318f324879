// Package luamp moves Lua values in and out of MessagePack.
//
// The one idea: bytes are appended to the caller's buffer, and Lua values are
// made, in one pass with nothing in between; box, net.box and the module msgpack
// all come through here.
//
//	codec := luamp.Of(L) // once per VM
//	buf, err = codec.Append(buf, L, value, &opts)
//	value, rest, err := codec.Decode(L, buf, &opts)
//
// Cdata that MessagePack knows (tuples, decimals, uuids) append themselves
// through serial.MsgpackAppender; extensions that are read become cdata through
// the functions given to [Codec.Extension].
package luamp
