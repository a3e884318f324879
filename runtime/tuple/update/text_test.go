package update_test

import (
	"fmt"
	"strings"

	"shardlua/runtime/tuple/decimal"
	"shardlua/runtime/tuple/mp"
)

// text prints the value that begins b, for failures.
func text(b []byte) string {
	if len(b) == 0 {
		return "nothing"
	}
	switch mp.KindOf(b) {
	case mp.Nil:
		return "nil"
	case mp.Bool:
		return fmt.Sprint(mp.Boolean(b))
	case mp.Uint, mp.Int:
		v, negative := mp.Number(b)
		if negative {
			return fmt.Sprint(int64(v))
		}
		return fmt.Sprint(v)
	case mp.Float, mp.Double:
		return fmt.Sprintf("%s %v", mp.KindOf(b), mp.Real(b))
	case mp.Str, mp.Bin:
		return fmt.Sprintf("%q", mp.StringView(b))
	case mp.Array, mp.Map:
		count, pos := mp.ArrayHeader(b)
		if mp.KindOf(b) == mp.Map {
			count *= 2
		}
		var items []string
		for range count {
			items = append(items, text(b[pos:]))
			pos += mp.Skip(b[pos:])
		}
		return mp.KindOf(b).String() + "{" + strings.Join(items, ", ") + "}"
	}
	if d, err := decimal.FromMsgpack(b); err == nil {
		return "decimal " + d.String()
	}
	return fmt.Sprintf("%x", b[:mp.Skip(b)])
}
