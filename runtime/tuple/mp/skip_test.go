package mp

import "testing"

func TestSkipFindsTheEndOfEveryKind(t *testing.T) {
	values := [][]byte{
		AppendNil(nil), AppendBool(nil, true), AppendUint(nil, 5), AppendUint(nil, 200), AppendUint(nil, 1<<40), AppendInt(nil, -5),
		AppendInt(nil, -100), AppendInt(nil, -1<<40), AppendFloat(nil, 1.5), AppendDouble(nil, 1.1), AppendString(nil, ""),
		AppendString(nil, string(make([]byte, 31))), AppendString(nil, string(make([]byte, 300))), AppendString(nil, string(make([]byte, 70000))),
		AppendBinary(nil, make([]byte, 3)), AppendBinary(nil, make([]byte, 300)), AppendUUID(nil, [16]byte{}),
		AppendExt(nil, 9, make([]byte, 3)), AppendExt(nil, 9, make([]byte, 300)), AppendExt(nil, 9, make([]byte, 70000)),
		AppendExt(nil, 9, make([]byte, 1)), AppendExt(nil, 9, make([]byte, 2)), AppendExt(nil, 9, nil),
		AppendUint(AppendUint(AppendArrayHeader(nil, 2), 1), 2), AppendUint(AppendUint(AppendMapHeader(nil, 1), 1), 2),
		AppendArrayHeader(nil, 0),
	}
	for _, v := range values {
		if n := Skip(append(v[:len(v):len(v)], 0xc0)); n != len(v) {
			t.Errorf("%x...: skipped %d of %d bytes", v[:min(9, len(v))], n, len(v))
		}
		if n, err := Check(append(v[:len(v):len(v)], 0xc0)); n != len(v) || err != nil {
			t.Errorf("%x...: checked %d of %d bytes: %v", v[:min(9, len(v))], n, len(v), err)
		}
		for cut := range min(len(v), 20) {
			if _, err := Check(v[:cut]); err == nil {
				t.Errorf("%x: the first %d bytes pass", v[:min(9, len(v))], cut)
			}
		}
	}
}
