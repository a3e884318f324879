package box

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/reload"
	"shardlua/runtime/vm"
)

// open makes the table box.
func (b *Box) open(L *lua.LState) *lua.LTable {
	b.exports = methods(L, b.txnMethods())
	b.sandbox = b.newSandbox(L)
	b.sequences = newObjectTables(L, b.sequenceMethods())
	b.functions = newObjectTables(L, b.functionMethods())
	set := b.exports.RawSetString
	set("NULL", vm.Null)
	set("tuple", b.openTuples(L))
	set("error", b.openErrors(L))
	set("space", b.openSpaces(L).all)
	set("sequence", b.sequences.all)
	set("func", b.functions.all)
	set("schema", b.schemaTable(L))
	set("index", iteratorTable(L))
	set("priv", privTable(L))
	set("internal", b.internalTable(L))
	for _, name := range []string{"execute", "prepare", "unprepare"} {
		set(name, L.NewFunction(b.noSQL))
	}
	b.openInstance(L)
	reload.AddCapturer(b.host, b.captureTriggers)
	return b.exports
}

// noSQL refuses what needs SQL, which this database leaves out on purpose.
func (b *Box) noSQL(L *lua.LState) int {
	b.fail(L, boxerr.Unsupported, "shardlua", "SQL")
	return 0
}

// iteratorTable is box.index.
func iteratorTable(L *lua.LState) *lua.LTable {
	t := L.NewTable()
	for typ := db.EQ; typ <= db.Neighbor; typ++ {
		t.RawSetString(typ.String(), lua.LNumber(typ))
	}
	return t
}

// privTable is box.priv.
func privTable(L *lua.LState) *lua.LTable {
	t := L.NewTable()
	for name, priv := range map[string]db.Priv{
		"R": db.PrivRead, "W": db.PrivWrite, "X": db.PrivExecute, "S": db.PrivSession, "U": db.PrivUsage,
		"C": db.PrivCreate, "D": db.PrivDrop, "A": db.PrivAlter, "REFERENCE": db.PrivReference,
		"TRIGGER": db.PrivTrigger, "INSERT": db.PrivInsert, "UPDATE": db.PrivUpdate, "DELETE": db.PrivDelete,
		"GRANT": db.PrivGrant, "REVOKE": db.PrivRevoke, "ALL": db.PrivAll,
	} {
		t.RawSetString(name, lua.LNumber(priv))
	}
	return t
}

// schemaTable is box.schema.
func (b *Box) schemaTable(L *lua.LState) *lua.LTable {
	t := L.NewTable()
	t.RawSetString("space", b.schemaSpaceTable(L))
	t.RawSetString("index", b.schemaIndexTable(L))
	t.RawSetString("user", b.schemaUserTable(L))
	t.RawSetString("role", b.schemaRoleTable(L))
	t.RawSetString("func", b.schemaFuncTable(L))
	t.RawSetString("sequence", b.schemaSequenceTable(L))
	t.RawSetString("create_space", L.NewFunction(b.spaceCreate))
	t.RawSetString("space_mt", b.spaces.spaceMethods)
	for _, name := range []string{"index_mt", "memtx_index_mt", "vinyl_index_mt"} {
		t.RawSetString(name, b.spaces.indexMethods)
	}
	// The schema of a database of ours is that of the version it behaves like: nothing is to be upgraded.
	t.RawSetString("upgrade", L.NewFunction(func(L *lua.LState) int { return 0 }))
	for name, v := range schemaConstants {
		t.RawSetString(name, lua.LNumber(v))
	}
	return t
}

// schemaConstants are the numbers in box.schema.
var schemaConstants = map[string]float64{
	"ADMIN_ID": 1, "GUEST_ID": 0, "PUBLIC_ROLE_ID": 2, "SUPER_ROLE_ID": systemUserMax,
	"SYSTEM_USER_ID_MIN": 0, "SYSTEM_USER_ID_MAX": 2,
	"SYSTEM_ID_MIN": 256, "SYSTEM_ID_MAX": systemIDMax, "SCHEMA_ID": schemaSpace,
	"COLLATION_ID": collationSpace, "VCOLLATION_ID": vcollationSpace, "SPACE_ID": spaceSpace, "VSPACE_ID": vspaceSpace,
	"SEQUENCE_ID": sequenceSpace, "SEQUENCE_DATA_ID": sequenceDataSpace, "VSEQUENCE_ID": vsequenceSpace,
	"INDEX_ID": indexSpace, "VINDEX_ID": vindexView, "FUNC_ID": funcSpace, "VFUNC_ID": vfuncSpace,
	"USER_ID": userSpace, "VUSER_ID": vuserSpace, "PRIV_ID": privSpace, "VPRIV_ID": vprivSpace,
	"CLUSTER_ID": clusterSpace, "TRIGGER_ID": triggerSpace, "TRUNCATE_ID": truncateSpace,
	"SPACE_SEQUENCE_ID": spaceSequence, "VINYL_DEFERRED_DELETE_ID": deferredDelete,
	"FK_CONSTRAINT_ID": fkSpace, "CK_CONSTRAINT_ID": ckSpace, "FUNC_INDEX_ID": funcIndexSpace,
	"SESSION_SETTINGS_ID": sessionSettings,
	"FIELD_MAX":           math.MaxInt32, "INDEX_FIELD_MAX": math.MaxInt16, "INDEX_MAX": 128, "INDEX_PART_MAX": 255,
	"NAME_MAX": 65000, "REPLICA_MAX": 32, "SPACE_MAX": spaceMax, "FORMAT_ID_MAX": math.MaxUint16 - 1,
	"SQL_BIND_PARAMETER_MAX": 65000,
}
