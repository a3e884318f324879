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
	case "RTREE":
		def.Type = rtree
	case "BITSET":
		def.Type = bitset
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
	}
	return def, def.check(s)
}

// checkKind verifies what one kind of index asks of its definition. Two kinds are known but not built here.
func (def *IndexDef) checkKind(fail func(string) error) error {
	typ := def.Parts[0].Type
	switch def.Type {
	case Hash:
		switch {
		case !def.Unique:
			return fail("HASH index must be unique")
		case def.FuncID != 0:
			return fail("HASH index can not use a function")
		case def.multikey():
			return fail("HASH index cannot be multikey")
		}
	case rtree:
		switch {
		case len(def.Parts) != 1:
			return fail("RTREE index key can not be multipart")
		case def.Unique:
			return fail("RTREE index can not be unique")
		case typ != tuple.Array:
			return fail("RTREE index field type must be ARRAY")
		}
		return unsupported("shardlua", "RTREE indexes")
	case bitset:
		switch {
		case len(def.Parts) != 1:
			return fail("BITSET index key can not be multipart")
		case def.Unique:
			return fail("BITSET can not be unique")
		case typ != tuple.Unsigned && typ != tuple.String:
			return fail("BITSET index field type must be NUM or STR")
		}
		return unsupported("shardlua", "BITSET indexes")
	}
	return nil
}

func (def *IndexDef) multikey() bool {
	for _, p := range def.Parts {
		if path, err := jsonpath.Parse(p.Path, 1); err == nil && path.Multikey() >= 0 {
			return true
		}
	}
	return false
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
			if def.ID == 0 {
				return fail("primary key cannot be multikey")
			}
		}
	}
	for _, p := range def.Parts {
		if p.IsNullable {
			switch {
			case def.ID == 0:
				return boxerr.New(boxerr.NullablePrimary, s.def.Name)
			case def.Type != Tree:
				return boxerr.New(boxerr.Unsupported, strings.ToUpper(def.Type.String()), "nullable parts")
			}
		}
	}
	for _, p := range def.Parts {
		switch p.Type {
		case tuple.Any, tuple.Array, tuple.Map:
			if p.Type == tuple.Array && def.Type == rtree {
				continue
			}
			return fail("field type '" + p.Type.String() + "' is not supported")
		}
	}
	return def.checkKind(fail)
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
	return nil
}

func (def *IndexDef) parseOpts() error {
	if def.Opts == nil || mp.KindOf(def.Opts) != mp.Map {
		return nil
	}
	wrong := func(why string) error { return boxerr.New(boxerr.WrongIndexOptions, 4, why) }
	if !stringKeys(def.Opts) {
		return wrong("key must be a string")
	}
	disk := diskOptions{rangeSize: 1 << 30, pageSize: 8 << 10, runs: 2, ratio: 3.5, bloom: 0.05}
	err := eachPair(def.Opts, func(key string, v []byte) error {
		var ok bool
		switch key {
		case "unique":
			if def.Unique, ok = asBool(v); !ok {
				return wrong("'unique' must be boolean")
			}
		case "func":
			id, ok := asUint(v)
			if !ok {
				return wrong("'func' must be unsigned")
			}
			def.FuncID = uint32(id)
		case "distance":
			name, ok := asString(v)
			if !ok {
				return wrong("'distance' must be enum")
			}
			if name = strings.ToLower(name); name != "euclid" && name != "manhattan" {
				return wrong("distance must be either 'euclid' or 'manhattan'")
			}
		case "stat", "sql":
			// What older instances have stored.
		default:
			number, kind, known := disk.option(key)
			if !known {
				return wrong("unexpected option '" + key + "'")
			}
			if *number, ok = asNumber(v, kind); !ok {
				return wrong("'" + key + "' must be " + kind)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if why := disk.fault(); why != "" {
		return wrong(why)
	}
	return nil
}

// diskOptions are the options of indexes on disk, which stock instances store, and check, for every index.
type diskOptions struct{ rangeSize, pageSize, runs, ratio, bloom, other float64 }

// option returns where an option goes and what its value must be.
func (o *diskOptions) option(key string) (value *float64, kind string, known bool) {
	switch key {
	case "range_size":
		return &o.rangeSize, "integer", true
	case "page_size":
		return &o.pageSize, "integer", true
	case "run_count_per_level":
		return &o.runs, "integer", true
	case "run_size_ratio":
		return &o.ratio, "float", true
	case "bloom_fpr":
		return &o.bloom, "float", true
	case "dimension", "lsn":
		return &o.other, "integer", true
	}
	return nil, "", false
}

// fault says which value is out of its bounds.
func (o *diskOptions) fault() string {
	switch {
	case o.pageSize <= 0 || o.rangeSize > 0 && o.pageSize > o.rangeSize:
		return "page_size must be greater than 0 and less than or equal to range_size"
	case o.runs <= 0:
		return "run_count_per_level must be greater than 0"
	case o.ratio <= 1:
		return "run_size_ratio must be greater than 1"
	case o.bloom <= 0 || o.bloom > 1:
		return "bloom_fpr must be greater than 0 and less than or equal to 1"
	}
	return ""
}

// asNumber reads an integer, or any number where a float may stand.
func asNumber(v []byte, kind string) (float64, bool) {
	switch mp.KindOf(v) {
	case mp.Uint:
		n, _ := mp.Number(v)
		return float64(n), true
	case mp.Int:
		n, _ := mp.Number(v)
		return float64(int64(n)), true
	case mp.Float, mp.Double:
		return mp.Real(v), kind == "float"
	}
	return 0, false
}

func (def *IndexDef) parseParts(db *DB) error {
	if mp.KindOf(def.RawParts) != mp.Array {
		return boxerr.New(boxerr.WrongIndexRecord, mp.KindOf(def.RawParts), "array")
	}
	old := false // the first part tells the layout of all
	return eachItem(def.RawParts, func(i int, item []byte) error {
		var p tuple.Part
		var err error
		kind := mp.KindOf(item)
		if i == 0 {
			old = kind == mp.Array
		}
		switch {
		case old && kind != mp.Array:
			err = boxerr.New(boxerr.WrongIndexParts, "expected an array")
		case old:
			p, err = parseOldPart(item)
		case kind == mp.Map:
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
			name, isString := asString(v)
			if !isString {
				return wrong("'type' must be enum")
			}
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
			if action, ok = asString(v); !ok {
				return wrong("'nullable_action' must be enum")
			}
			action = strings.ToLower(action)
		case "sort_order":
			order, ok := asString(v)
			if !ok {
				return wrong("'sort_order' must be enum")
			}
			switch strings.ToLower(order) {
			case "asc", "desc", "undef":
			default:
				return wrong("index part: unknown sort order")
			}
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
