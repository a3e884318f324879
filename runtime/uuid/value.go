package uuid

import (
	"encoding/hex"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// UUID is a uuid as scripts see it. It holds the bytes in the order of the text, and does not change.
type UUID [16]byte

// String is the text form, 36 characters.
func (u *UUID) String() string {
	var text [36]byte
	hex.Encode(text[0:], u[0:4])
	hex.Encode(text[9:], u[4:6])
	hex.Encode(text[14:], u[6:8])
	hex.Encode(text[19:], u[8:10])
	hex.Encode(text[24:], u[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// Type implements lua.LValue.
func (u *UUID) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (u *UUID) CType() vm.CTypeID { return vm.CUUID }

// AppendMsgpack appends the uuid as the MessagePack extension 2 with its 16 bytes in the order of the text.
func (u *UUID) AppendMsgpack(b []byte) []byte {
	const fixext16, extension = 0xd8, 2
	return append(append(b, fixext16, extension), u[:]...)
}

// FromMsgpack makes a uuid of the content of a MessagePack extension; false when it has not 16 bytes.
func FromMsgpack(data []byte) (*UUID, bool) {
	if len(data) != 16 {
		return nil, false
	}
	u := UUID(data)
	return &u, true
}

// Parse reads the text form: 36 characters, hyphens in their places, hexadecimal digits in either case.
func Parse(text string) (*UUID, bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return nil, false
	}
	var u UUID
	digits := text[0:8] + text[9:13] + text[14:18] + text[19:23] + text[24:36]
	if _, err := hex.Decode(u[:], []byte(digits)); err != nil {
		return nil, false
	}
	return &u, true
}

// swap turns the bytes of the three leading numbers round: from text order to little-endian and back.
func (u UUID) swap() UUID {
	u[0], u[1], u[2], u[3] = u[3], u[2], u[1], u[0]
	u[4], u[5] = u[5], u[4]
	u[6], u[7] = u[7], u[6]
	return u
}

// field is a member of struct tt_uuid.
func (u *UUID) field(name string) (int, bool) {
	switch name {
	case "time_low":
		return int(u[0])<<24 | int(u[1])<<16 | int(u[2])<<8 | int(u[3]), true
	case "time_mid":
		return int(u[4])<<8 | int(u[5]), true
	case "time_hi_and_version":
		return int(u[6])<<8 | int(u[7]), true
	case "clock_seq_hi_and_reserved":
		return int(u[8]), true
	case "clock_seq_low":
		return int(u[9]), true
	}
	return 0, false
}
