package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

func parseFunction(t *tuple.Tuple) (*Function, error) {
	f := fieldsOf(t)
	fn := &Function{ID: f.id(), Owner: f.id(), Name: f.string(), Setuid: f.uint() != 0}
	fail := func(why string) error { return boxerr.New(boxerr.CreateFunction, fn.Name, why) }
	if len(fn.Name) > maxName {
		return nil, fail("function name is too long")
	}
	if err := checkName(fn.Name); err != nil {
		return nil, err
	}
	fn.Language = "LUA"
	if f.left > 0 {
		fn.Language = f.string()
	}
	fn.Body = f.string()
	fn.RoutineType, fn.ParamList, fn.Returns = f.string(), f.strings(), f.string()
	for _, typ := range fn.ParamList {
		if _, ok := tuple.ParseFieldType(typ); !ok {
			return nil, fail("invalid argument type")
		}
	}
	if _, ok := tuple.ParseFieldType(fn.Returns); !ok && fn.Returns != "" {
		return nil, fail("invalid returns value")
	}
	fn.Aggregate = f.string()
	f.raw() // sql_data_access
	fn.Deterministic, fn.Sandboxed = f.bool(), f.bool()
	fn.NullCall = f.bool()
	stated := f.left > 0
	fn.Exports = f.strings()
	for _, e := range fn.Exports {
		if e != "LUA" && e != "SQL" {
			return nil, fail("invalid exports value")
		}
	}
	opts := f.raw()
	fn.Comment, fn.Created, fn.Altered = f.string(), f.string(), f.string()
	if opts != nil && mp.KindOf(opts) == mp.Map {
		err := eachPair(opts, func(key string, v []byte) error {
			if key != "is_multikey" {
				return boxerr.New(boxerr.WrongSpaceOptions, 14, "unexpected option '"+key+"'")
			}
			fn.Multikey, _ = asBool(v)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	switch fn.Language {
	case "LUA", "C", "SQL_BUILTIN":
	default:
		return nil, boxerr.New(boxerr.FunctionLanguage, fn.Language, fn.Name)
	}
	switch {
	case fn.Language == "LUA" && fn.Body == "" && fn.Sandboxed:
		return nil, fail("is_sandboxed option may be set only for a persistent Lua function (one with a non-empty body)")
	case fn.Language == "C" && (fn.Body != "" || fn.Sandboxed):
		return nil, fail("body and is_sandboxed options are not compatible with C language")
	case fn.Language == "SQL_BUILTIN" && (fn.Body != "" || fn.Sandboxed):
		return nil, fail("body and is_sandboxed options are not compatible with SQL language")
	}
	if !stated {
		fn.Exports = []string{"LUA"}
	}
	return fn, nil
}

// onFunction follows a change of _func.
func (db *DB) onFunction(c *Context, st *stmt) error {
	if st.next == nil {
		return db.dropFunction(c, st)
	}
	fn, err := parseFunction(st.next)
	if err != nil {
		return err
	}
	if db.functions[fn.ID] != nil {
		return boxerr.New(boxerr.Unsupported, "function", "alter")
	}
	if err := db.checkDDL(c, PrivCreate, KindFunction, fn.Name, fn.Owner); err != nil {
		return err
	}
	if fn.Language == "C" && !db.recovering {
		return unsupported("shardlua", "stored procedures in C")
	}
	if fn.Body != "" && fn.Language == "LUA" && db.procedures != nil && !db.recovering {
		if err := db.procedures.Check(fn); err != nil {
			return err
		}
	}
	db.putFunction(fn)
	st.onUndo(func() { db.takeFunction(fn) })
	return nil
}

func (db *DB) dropFunction(c *Context, st *stmt) error {
	fn := db.functions[fieldsOf(st.old).id()]
	if fn == nil {
		return nil
	}
	if err := db.checkDDL(c, PrivDrop, KindFunction, fn.Name, fn.Owner); err != nil {
		return err
	}
	fail := func(why string) error { return boxerr.New(boxerr.DropFunction, fn.Owner, why) }
	switch {
	case db.hasGrants(KindFunction, fn.ID):
		return fail("function has grants")
	case fn.Language == "SQL_BUILTIN":
		return fail("function is SQL built-in")
	case fn.pins > 0:
		return fail("function has references")
	}
	db.takeFunction(fn)
	st.onUndo(func() { db.putFunction(fn) })
	if db.procedures != nil {
		st.onDone(func() { db.procedures.Forget(fn) })
	}
	return nil
}

func (db *DB) putFunction(fn *Function) {
	db.functions[fn.ID] = fn
	db.functionNames[fn.Name] = fn
}

func (db *DB) takeFunction(fn *Function) {
	delete(db.functions, fn.ID)
	delete(db.functionNames, fn.Name)
}

// checkIndexFunction verifies that the function of a functional index can be
// relied on to give the same keys again.
func (db *DB) checkIndexFunction(def *IndexDef) error {
	if def.FuncID == 0 || db.recovering {
		return nil
	}
	fn := db.functions[def.FuncID]
	if fn == nil {
		return boxerr.New(boxerr.NoSuchFunction, def.FuncID)
	}
	if fn.Language != "LUA" || fn.Body == "" || !fn.Deterministic || !fn.Sandboxed {
		return boxerr.New(boxerr.WrongIndexOptions, 0, "referenced function doesn't satisfy functional index function constraints")
	}
	if db.procedures == nil {
		return unsupported("this instance", "functional indexes")
	}
	return nil
}

// onFuncIndex follows a change of _func_index: it binds an index to the
// function that computes its keys.
func (db *DB) onFuncIndex(c *Context, st *stmt) error {
	row := st.next
	if row == nil {
		row = st.old
	}
	f := fieldsOf(row)
	space, iid, fid := f.id(), f.id(), f.id()
	fn := db.functions[fid]
	if fn == nil {
		return boxerr.New(boxerr.NoSuchFunction, fid)
	}
	if st.next == nil {
		fn.pins--
		st.onUndo(func() { fn.pins++ })
		return nil
	}
	s := db.spaces[space]
	if s == nil {
		return errNoSuchSpaceID(space)
	}
	x := s.Index(iid)
	if x == nil {
		return errNoSuchIndex(iid, s)
	}
	if x.def.FuncID != fid {
		return boxerr.New(boxerr.WrongIndexOptions, 0, "Function ids defined in _index and _func_index don't match")
	}
	fn.pins++
	st.onUndo(func() { fn.pins-- })
	if x.fn == fn {
		return nil
	}
	if db.procedures == nil {
		return unsupported("this instance", "functional indexes")
	}
	if fn.Compiled == nil {
		if err := db.procedures.Check(fn); err != nil {
			return err
		}
	}
	ch := change{db: db, space: s, def: s.def, defs: s.indexDefs()}
	return ch.apply(nil, st)
}
