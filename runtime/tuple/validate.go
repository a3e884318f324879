package tuple

import (
	"strconv"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/mp"
)

// ValidateTuple checks that a tuple of any format has a key by the definition: what a space's format would make sure
// of. It does not look at multikey parts.
func (d *KeyDef) ValidateTuple(t *Tuple) error {
	for i := range d.parts {
		p := &d.parts[i]
		if p.multikey >= 0 {
			continue
		}
		b := p.field(t, -1)
		switch {
		case b == nil:
			if !p.IsNullable {
				return boxerr.New(boxerr.FieldMissing, "["+strconv.Itoa(int(p.Field)+1)+"]"+p.Path)
			}
		case mp.IsNil(b):
			if !p.IsNullable {
				return boxerr.New(boxerr.KeyPartType, i, p.Type)
			}
		case !p.Type.Check(b):
			return boxerr.New(boxerr.KeyPartType, i, p.Type)
		}
	}
	return nil
}
