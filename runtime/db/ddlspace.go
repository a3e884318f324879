package db

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// maxName is the longest name of an object (BOX_NAME_MAX), in bytes.
const maxName = 65000

// maxEngineName is the longest name of an engine (ENGINE_NAME_MAX), in bytes.
const maxEngineName = 16

// maxSpaceID is the greatest number of a space (BOX_SPACE_MAX).
const maxSpaceID = 0x7fffffff

func checkName(name string) error {
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return boxerr.New(boxerr.Identifier, name)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) || unicode.IsControl(r) {
			return boxerr.New(boxerr.Identifier, name)
		}
	}
	return nil
}

// checkFieldName checks the name of a field, which ends at a zero byte.
func checkFieldName(name string) error {
	name, _, _ = strings.Cut(name, "\x00")
	return checkName(name)
}

// shownName is how much of a name that is too long an error shows, in bytes.
const shownName = 64

// parseSpaceDef reads a row of _space. code is the error that complaints have.
func (db *DB) parseSpaceDef(t *tuple.Tuple, code boxerr.Code) (SpaceDef, error) {
	f := fieldsOf(t)
	def := SpaceDef{ID: f.id(), Owner: f.id(), Name: f.string()}
	fail := func(why string) (SpaceDef, error) {
		name := def.Name
		if len(name) > maxName {
			name = name[:shownName]
		}
		return def, boxerr.New(code, name, why)
	}
	if len(def.Name) > maxName {
		return fail("space name is too long")
	}
	if err := checkName(def.Name); err != nil {
		return def, err
	}
	if def.ID > maxSpaceID {
		return fail("space id is too big")
	}
	if def.ID == 0 {
		return fail("space id 0 is reserved")
	}
	def.Engine = f.string()
	if len(def.Engine) > maxEngineName {
		return fail("space engine name is too long")
	}
	if err := checkName(def.Engine); err != nil {
		return def, err
	}
	def.FieldCount = f.id()
	def.Flags = f.raw()
	if err := def.parseFlags(); err != nil {
		return def, err
	}
	def.Format = f.raw()
	var err error
	if def.Fields, err = db.parseFields(def.Format, def.Name, code); err != nil {
		return def, err
	}
	if def.Local && def.Sync {
		return fail("local space can't be synchronous")
	}
	if def.FieldCount != 0 && int(def.FieldCount) < len(def.Fields) {
		return fail("exact_field_count must be either 0 or >= formatted field count")
	}
	return def, nil
}

func (def *SpaceDef) parseFlags() error {
	if def.Flags == nil || mp.KindOf(def.Flags) != mp.Map {
		return nil
	}
	wrong := func(why string) error { return boxerr.New(boxerr.WrongSpaceOptions, 5, why) }
	if !stringKeys(def.Flags) {
		return wrong("key must be a string")
	}
	return eachPair(def.Flags, func(key string, v []byte) error {
		var flag *bool
		switch key {
		case "temporary":
			flag = &def.Temporary
		case "is_sync":
			flag = &def.Sync
		case "group_id":
			id, ok := asUint(v)
			if !ok {
				return wrong("'group_id' must be unsigned")
			}
			if id > 1 {
				return boxerr.New(boxerr.NoSuchGroup, id)
			}
			def.Local = id == uint64(GroupLocal)
			return nil
		case "view":
			if on, ok := asBool(v); !ok {
				return wrong("'view' must be boolean")
			} else if on {
				return errSQL()
			}
			return nil
		case "sql":
			if _, ok := asString(v); !ok {
				return wrong("'sql' must be string")
			}
			return nil
		case "checks":
			return nil
		default:
			return wrong("unexpected option '" + key + "'")
		}
		on, ok := asBool(v)
		if !ok {
			return wrong("'" + key + "' must be boolean")
		}
		*flag = on
		return nil
	})
}

// parseFields reads the format that a row of _space declares.
func (db *DB) parseFields(raw []byte, space string, code boxerr.Code) ([]tuple.FieldDef, error) {
	if raw == nil {
		return nil, nil
	}
	var defs []tuple.FieldDef
	err := eachItem(raw, func(i int, item []byte) error {
		def, err := db.parseField(item, i, space, code)
		defs = append(defs, def)
		return err
	})
	return defs, err
}

// nullableActions are what may be done about a nil where none may be. Only none, which lets it in, differs here: SQL
// alone knows the others.
var nullableActions = map[string]bool{
	"none": true, "abort": true, "rollback": true, "fail": true, "ignore": true, "replace": true, "default": true,
}

func (db *DB) parseField(item []byte, i int, space string, code boxerr.Code) (tuple.FieldDef, error) {
	def := tuple.FieldDef{Type: tuple.Any}
	fail := func(why string) (tuple.FieldDef, error) { return def, boxerr.New(code, space, why) }
	field := "field " + strconv.Itoa(i+1)
	if mp.KindOf(item) != mp.Map {
		return fail(field + " is not map")
	}
	var action string
	named := false
	if !stringKeys(item) {
		return fail(field + " format is not map with string keys")
	}
	err := eachPair(item, func(key string, v []byte) error {
		var ok bool
		switch key {
		case "name":
			if def.Name, ok = asString(v); !ok {
				return boxerr.New(boxerr.WrongSpaceFormat, i+1, "'name' must be string")
			}
			named = true
		case "type":
			name, isString := asString(v)
			if !isString {
				return boxerr.New(boxerr.WrongSpaceFormat, i+1, "'type' must be enum")
			}
			if def.Type, ok = tuple.ParseFieldType(name); !ok {
				return boxerr.New(code, space, field+" has unknown field type")
			}
		case "is_nullable":
			if def.IsNullable, ok = asBool(v); !ok {
				return boxerr.New(boxerr.WrongSpaceFormat, i+1, "'is_nullable' must be boolean")
			}
		case "nullable_action":
			if action, ok = asString(v); !ok {
				return boxerr.New(boxerr.WrongSpaceFormat, i+1, "'nullable_action' must be enum")
			}
			if action = strings.ToLower(action); !nullableActions[action] {
				return boxerr.New(code, space, field+" has unknown field on conflict nullable action")
			}
		case "default":
			if _, ok = asString(v); !ok {
				return boxerr.New(boxerr.WrongSpaceFormat, i+1, "'default' must be string")
			}
		case "collation":
			id, _ := asUint(v)
			var err error
			if def.Collation, err = db.collation(uint32(id)); err != nil {
				return boxerr.New(boxerr.WrongCollationOptions, i+1, "collation was not found by ID")
			}
		}
		return nil
	})
	if err != nil {
		return def, err
	}
	switch {
	case !named || def.Name == "":
		return fail(field + " name is not specified")
	case len(def.Name) > maxName:
		return fail(field + " name is too long")
	case checkFieldName(def.Name) != nil:
		return def, checkFieldName(def.Name)
	case def.Collation != nil && def.Type != tuple.String && def.Type != tuple.Scalar && def.Type != tuple.Any:
		return fail("collation is reasonable only for string, scalar and any fields")
	}
	if action != "" {
		def.NullableAction = action
		if def.IsNullable != (action == "none") {
			return fail(field + " has conflicting nullability and nullable action properties")
		}
	}
	return def, nil
}

// onSpace follows a change of _space.
func (db *DB) onSpace(c *Context, st *stmt) error {
	var s *Space
	if st.next != nil {
		s = db.spaces[fieldsOf(st.next).id()]
	} else {
		s = db.spaces[fieldsOf(st.old).id()]
	}
	switch {
	case st.next == nil:
		if s == nil {
			return nil
		}
		return db.dropSpace(c, st, s)
	case s == nil:
		return db.createSpace(c, st)
	}
	return db.alterSpace(c, st, s)
}

func (db *DB) createSpace(c *Context, st *stmt) error {
	def, err := db.parseSpaceDef(st.next, boxerr.CreateSpace)
	if err != nil {
		return err
	}
	if err := db.checkDDL(c, PrivCreate, KindSpace, def.Name, def.Owner); err != nil {
		return err
	}
	s, err := db.newSpace(def)
	if err != nil {
		return err
	}
	db.addSpace(s)
	db.schemaVersion++
	st.onUndo(func() {
		db.removeSpace(s)
		db.schemaVersion++
	})
	return nil
}

// newSpace makes a space without indexes.
func (db *DB) newSpace(def SpaceDef) (*Space, error) {
	s := &Space{db: db, def: def, OnReplace: new(Triggers[OnReplace]), BeforeReplace: new(Triggers[BeforeReplace])}
	switch def.Engine {
	case "memtx":
		s.engine = memtx
	case "sysview":
		s.engine = sysview
	case "blackhole":
		s.engine = blackhole
	case "service":
		s.engine = service
	case "vinyl":
		return nil, unsupported("shardlua", "the vinyl engine")
	default:
		return nil, boxerr.New(boxerr.NoSuchEngine, def.Engine)
	}
	var err error
	s.format, err = tuple.NewFormat(def.Fields, nil, int(def.FieldCount))
	return s, err
}

func knownEngine(name string) bool {
	switch name {
	case "memtx", "vinyl", "sysview", "blackhole", "service":
		return true
	}
	return false
}

func (db *DB) addSpace(s *Space) {
	s.dropped = false
	db.spaces[s.def.ID] = s
	db.spaceNames[s.def.Name] = s
}

func (db *DB) removeSpace(s *Space) {
	s.dropped = true
	delete(db.spaces, s.def.ID)
	if db.spaceNames[s.def.Name] == s {
		delete(db.spaceNames, s.def.Name)
	}
}

func (db *DB) dropSpace(c *Context, st *stmt, s *Space) error {
	if err := db.checkDDL(c, PrivDrop, KindSpace, s.def.Name, s.def.Owner); err != nil {
		return err
	}
	why := ""
	switch {
	case len(s.indexes) > 0:
		why = "the space has indexes"
	case db.hasGrants(KindSpace, s.def.ID):
		why = "the space has grants"
	case db.hasRow(truncateID, s.def.ID):
		why = "the space has truncate record"
	case db.hasRow(spaceSequenceID, s.def.ID):
		why = "the space has sequence"
	}
	if why != "" {
		return boxerr.New(boxerr.DropSpace, s.def.Name, why)
	}
	db.removeSpace(s)
	db.schemaVersion++
	st.onUndo(func() {
		db.addSpace(s)
		db.schemaVersion++
	})
	return nil
}

func (db *DB) alterSpace(c *Context, st *stmt, s *Space) error {
	def, err := db.parseSpaceDef(st.next, boxerr.AlterSpace)
	if err != nil {
		return err
	}
	if err := db.checkDDL(c, PrivAlter, KindSpace, def.Name, s.def.Owner); err != nil {
		return err
	}
	why, filled := "", s.Len() > 0
	switch {
	case def.ID != s.def.ID:
		why = "space id is immutable"
	case def.Engine != s.def.Engine:
		if !knownEngine(def.Engine) {
			return boxerr.New(boxerr.NoSuchEngine, def.Engine)
		}
		why = "can not change space engine"
	case def.Local != s.def.Local:
		why = "replication group is immutable"
	case filled && def.Temporary != s.def.Temporary:
		why = "can not switch temporary flag on a non-empty space"
	}
	if why != "" {
		return boxerr.New(boxerr.AlterSpace, s.def.Name, why)
	}
	ch := change{db: db, space: s, def: def, defs: s.indexDefs()}
	return ch.apply(c, st)
}

// hasRow reports whether a system space has a row whose primary key is id.
func (db *DB) hasRow(space, id uint32) bool {
	key := mp.AppendUint(nil, uint64(id))
	s := db.spaces[space]
	return s != nil && s.primary() != nil && s.primary().store.cursor(EQ, Key{key, 1}).next() != nil
}

// onTruncate follows a change of _truncate.
func (db *DB) onTruncate(c *Context, st *stmt) error {
	if st.next == nil {
		return nil
	}
	id := fieldsOf(st.next).id()
	s := db.spaces[id]
	if s == nil {
		return errNoSuchSpaceID(id)
	}
	if st.typ == RowInsert {
		// Only an upsert or a replace truncates; a snapshot's row does not.
		return nil
	}
	if s.IsSystem() {
		return boxerr.New(boxerr.TruncateSystemSpace, s.def.Name)
	}
	if err := s.checkAccess(c, PrivWrite); err != nil {
		return err
	}
	if s.def.Temporary && st.row != nil {
		st.row.GroupID = GroupLocal
	}
	ch := change{db: db, space: s, def: s.def, defs: s.indexDefs(), truncate: true}
	return ch.apply(c, st)
}
