package db

import (
	"strings"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// Limits of an index definition (BOX_INDEX_MAX, BOX_INDEX_PART_MAX,
// BOX_INDEX_FIELD_MAX).
const (
	maxIndexes   = 128
	maxParts     = 255
	maxPartField = 32767
)

// parseIndexDef reads a row of _index for the space s.
func (db *DB) parseIndexDef(t *tuple.Tuple, s *Space) (IndexDef, error) {
	f := fieldsOf(t)
	def := IndexDef{SpaceID: f.id(), ID: f.id(), Name: f.string(), Unique: true}
	fail := func(why string) (IndexDef, error) {
		return def, boxerr.New(boxerr.ModifyIndex, def.Name, s.def.Name, why)
	}
	typ := strings.ToUpper(f.string())
	def.Opts = f.raw()
	def.RawParts = f.raw()
	switch typ {
	case "TREE":
	case "HASH":
		def.Type = Hash
	case "RTREE", "BITSET":
		return def, unsupported("shardlua", typ+" indexes")
	default:
		return def, boxerr.New(boxerr.IndexType, def.Name, s.def.Name)
	}
	if err := def.parseOpts(); err != nil {
		return def, err
	}
	if err := def.parseParts(db); err != nil {
		return def, err
	}
	switch {
	case len(def.Name) > maxName:
		return def, boxerr.New(boxerr.ModifyIndex, def.Name[:shownName], s.def.Name, "index name is too long")
	case checkName(def.Name) != nil:
		return def, checkName(def.Name)
	case len(def.Parts) == 0:
		return fail("part count must be positive")
	case len(def.Parts) > maxParts:
		return fail("too many key parts")
	case def.ID >= maxIndexes:
		return fail("index id too big")
	case def.ID == 0 && !def.Unique:
		return fail("primary key must be unique")
	case def.ID == 0 && def.FuncID != 0:
		return fail("primary key can not use a function")
	case def.Type == Hash && !def.Unique:
		return fail("HASH index must be unique")
	}
	return def, def.check(s)
}

// check verifies the parts against each other and the kind of index.
func (def *IndexDef) check(s *Space) error {
	fail := func(why string) error {
		return boxerr.New(boxerr.ModifyIndex, def.Name, s.def.Name, why)
	}
	if err := def.checkFunctional(fail); err != nil {
		return err
	}
	for i, p := range def.Parts {
		if p.Field > maxPartField {
			return fail("field no is too big")
		}
		path, err := jsonpath.Parse(p.Path, 1)
		if err != nil {
			return boxerr.New(boxerr.WrongIndexOptions, i+1, "invalid path")
		}
		for _, q := range def.Parts[:i] {
			other, err := jsonpath.Parse(q.Path, 1)
			if err == nil && q.Field == p.Field && other.String(1) == path.String(1) {
				return fail("same key part is indexed twice")
			}
		}
		if path.Multikey() >= 0 {
			switch {
			case def.ID == 0:
				return fail("primary key cannot be multikey")
			case def.Type == Hash:
				return fail("HASH index cannot be multikey")
			}
		}
		switch p.Type {
		case tuple.Any, tuple.Array, tuple.Map:
			return fail("field type '" + p.Type.String() + "' is not supported")
		}
		if p.IsNullable {
			switch {
			case def.ID == 0:
				return boxerr.New(boxerr.NullablePrimary, s.def.Name)
			case def.Type == Hash:
				return boxerr.New(boxerr.Unsupported, "HASH", "nullable parts")
			}
		}
	}
	return nil
}

// checkFunctional verifies the parts of an index whose keys a function makes:
// they number the fields of those keys.
func (def *IndexDef) checkFunctional(fail func(string) error) error {
	if def.FuncID == 0 {
		return nil
	}
	for i, p := range def.Parts {
		if p.Path != "" {
			return unsupported("Functional index", "json paths")
		}
		if int(p.Field) != i {
			return boxerr.New(boxerr.FuncIndexParts,
				"key part numbers must be sequential and first part number must be 1")
		}
	}
	if def.Type == Hash {
		return fail("HASH index can not use a function")
	}
	return nil
}

func (def *IndexDef) parseOpts() error {
	if def.Opts == nil || mp.KindOf(def.Opts) != mp.Map {
		return nil
	}
	wrong := func(why string) error { return boxerr.New(boxerr.WrongIndexOptions, 4, why) }
	return eachPair(def.Opts, func(key string, v []byte) error {
		var ok bool
		switch key {
		case "unique":
			if def.Unique, ok = asBool(v); !ok {
				return wrong("'unique' must be boolean")
			}
		case "hint":
			if def.Hint, ok = asBool(v); !ok {
				return wrong("'hint' must be boolean")
			}
		case "func":
			id, ok := asUint(v)
			if !ok {
				return wrong("'func' must be unsigned")
			}
			def.FuncID = uint32(id)
		case "dimension", "distance", "range_size", "page_size", "run_count_per_level",
			"run_size_ratio", "bloom_fpr", "lsn", "stat", "sql":
			// Options of other kinds of index, which stock instances store.
		default:
			return wrong("unexpected option '" + key + "'")
		}
		return nil
	})
}

func (def *IndexDef) parseParts(db *DB) error {
	if mp.KindOf(def.RawParts) != mp.Array {
		return boxerr.New(boxerr.WrongIndexRecord, mp.KindOf(def.RawParts), "array")
	}
	return eachItem(def.RawParts, func(i int, item []byte) error {
		var p tuple.Part
		var err error
		switch mp.KindOf(item) {
		case mp.Array:
			p, err = parseOldPart(item)
		case mp.Map:
			p, err = db.parsePart(item, i)
		default:
			err = boxerr.New(boxerr.WrongIndexOptions, i+1, "index part is expected to be a map")
		}
		def.Parts = append(def.Parts, p)
		return err
	})
}

// parseOldPart reads a part in the layout [field, type], which system spaces
// use.
func parseOldPart(item []byte) (p tuple.Part, err error) {
	wrong := func(why string) (tuple.Part, error) {
		return p, boxerr.New(boxerr.WrongIndexParts, why)
	}
	n, size := mp.ArrayHeader(item)
	if n == 0 {
		return wrong("expected a non-empty array")
	}
	item = item[size:]
	field, ok := asUint(item)
	if !ok {
		return wrong("field id must be an integer")
	}
	if n == 1 {
		return wrong("a field type is missing")
	}
	p.Field = uint32(field)
	item = item[mp.Skip(item):]
	name, ok := asString(item[:mp.Skip(item)])
	if !ok {
		return wrong("field type must be a string")
	}
	if p.Type, ok = tuple.ParsePartType(name); !ok {
		return wrong("unknown field type")
	}
	return p, nil
}

func (db *DB) parsePart(item []byte, i int) (p tuple.Part, err error) {
	wrong := func(why string) error { return boxerr.New(boxerr.WrongIndexOptions, i+1, why) }
	hasType, action := false, ""
	if !stringKeys(item) {
		return p, wrong("key must be a string")
	}
	err = eachPair(item, func(key string, v []byte) error {
		var ok bool
		switch key {
		case "field":
			n, ok := asUint(v)
			if !ok {
				return wrong("'field' must be unsigned")
			}
			p.Field = uint32(n)
		case "type":
			name, _ := asString(v)
			if p.Type, ok = tuple.ParsePartType(name); !ok {
				return wrong("index part: unknown field type")
			}
			hasType = true
		case "collation":
			id, ok := asUint(v)
			if !ok {
				return wrong("'collation' must be unsigned")
			}
			var err error
			if p.Collation, err = db.collation(uint32(id)); err != nil {
				return wrong("collation was not found by ID")
			}
		case "is_nullable":
			if p.IsNullable, ok = asBool(v); !ok {
				return wrong("'is_nullable' must be boolean")
			}
		case "nullable_action":
			action, _ = asString(v)
		case "sort_order":
		case "path":
			if p.Path, ok = asString(v); !ok {
				return wrong("'path' must be string")
			}
		default:
			return wrong("unexpected option '" + key + "'")
		}
		return nil
	})
	switch {
	case err != nil:
		return p, err
	case !hasType:
		return p, wrong("index part: unknown field type")
	case p.Collation != nil && p.Type != tuple.String && p.Type != tuple.Scalar:
		return p, wrong("collation is reasonable only for string and scalar parts")
	case action != "" && p.IsNullable != (action == "none"):
		return p, wrong("index part: conflicting nullability and nullable action properties")
	}
	return p, nil
}

// onIndex follows a change of _index.
func (db *DB) onIndex(c *Context, st *stmt) error {
	row := st.next
	if row == nil {
		row = st.old
	}
	f := fieldsOf(row)
	id, iid := f.id(), f.id()
	s := db.spaces[id]
	if s == nil {
		return errNoSuchSpaceID(id)
	}
	old := s.Index(iid)
	want := PrivAlter
	switch {
	case old == nil:
		want = PrivCreate
	case st.next == nil:
		want = PrivDrop
	}
	if err := db.checkDDL(c, want, KindSpace, s.def.Name, s.def.Owner); err != nil {
		return err
	}
	if st.next == nil {
		return db.dropIndex(c, st, s, old)
	}
	if iid != 0 && s.primary() == nil {
		return boxerr.New(boxerr.AlterSpace, s.def.Name, "can not add a secondary key before primary")
	}
	def, err := db.parseIndexDef(st.next, s)
	if err != nil {
		return err
	}
	if err := db.checkIndexFunction(&def); err != nil {
		return err
	}
	defs := []IndexDef{def}
	for _, d := range s.indexDefs() {
		if d.ID != iid {
			defs = append(defs, d)
		}
	}
	if err := db.checkSequencePart(s, &def); err != nil {
		return err
	}
	ch := change{db: db, space: s, def: s.def, defs: defs}
	return ch.apply(c, st)
}

func (db *DB) dropIndex(c *Context, st *stmt, s *Space, old *Index) error {
	if old == nil {
		return nil
	}
	if old.def.ID == 0 {
		switch {
		case s.IsSystem():
			return boxerr.New(boxerr.LastDrop, s.def.Name)
		case len(s.indexes) > 1:
			return boxerr.New(boxerr.DropPrimaryKey, s.def.Name)
		case s.sequence != nil:
			return boxerr.New(boxerr.AlterSpace, s.def.Name, "can not drop primary key while space sequence exists")
		}
	}
	ch := change{db: db, space: s, def: s.def}
	for _, d := range s.indexDefs() {
		if d.ID != old.def.ID {
			ch.defs = append(ch.defs, d)
		}
	}
	ch.truncate = old.def.ID == 0
	return ch.apply(c, st)
}

// checkSequencePart verifies that the field that a sequence fills stays a part
// of the primary key.
func (db *DB) checkSequencePart(s *Space, def *IndexDef) error {
	if def.ID != 0 || s.sequence == nil {
		return nil
	}
	return def.checkSequence(s.sequence.field, s.sequence.path, s.def.Name)
}

func (def *IndexDef) checkSequence(field uint32, path, space string) error {
	for _, p := range def.Parts {
		if p.Field == field && p.Path == path {
			if p.Type == tuple.Unsigned || p.Type == tuple.Integer {
				return nil
			}
			return boxerr.New(boxerr.ModifyIndex, def.Name, space, "sequence cannot be used with a non-integer key")
		}
	}
	return boxerr.New(boxerr.ModifyIndex, def.Name, space, "sequence field must be a part of the index")
}
