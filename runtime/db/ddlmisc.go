package db

import (
	"strings"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/collation"
	"shardlua/runtime/tuple/mp"
)

// Numbers of the system spaces.
const (
	vinylDeferredDeleteID uint32 = 257
	schemaID              uint32 = 272
	collationID           uint32 = 276
	vcollationID          uint32 = 277
	spaceID               uint32 = 280
	vspaceID              uint32 = 281
	sequenceID            uint32 = 284
	sequenceDataID        uint32 = 285
	vsequenceID           uint32 = 286
	indexID               uint32 = 288
	vindexID              uint32 = 289
	funcID                uint32 = 296
	vfuncID               uint32 = 297
	userID                uint32 = 304
	vuserID               uint32 = 305
	privID                uint32 = 312
	vprivID               uint32 = 313
	clusterID             uint32 = 320
	triggerID             uint32 = 328
	truncateID            uint32 = 330
	spaceSequenceID       uint32 = 340
	fkConstraintID        uint32 = 356
	ckConstraintID        uint32 = 364
	funcIndexID           uint32 = 372
	sessionSettingsID     uint32 = 380
)

// maxReplica is the greatest number of an instance in a replica set.
const maxReplica = 31

// ddlHandlers are what follows changes of the system spaces.
func (db *DB) ddlHandlers() map[uint32]func(*Context, *stmt) error {
	return map[uint32]func(*Context, *stmt) error{
		schemaID: db.onSchema, collationID: db.onCollation, spaceID: db.onSpace,
		sequenceID: db.onSequence, sequenceDataID: db.onSequenceData, indexID: db.onIndex,
		funcID: db.onFunction, userID: db.onUser, privID: db.onPriv, clusterID: db.onCluster,
		truncateID: db.onTruncate, spaceSequenceID: db.onSpaceSequence,
		funcIndexID: db.onFuncIndex, triggerID: db.onSQL, fkConstraintID: db.onSQL,
		ckConstraintID: db.onSQL,
	}
}

// onSQL follows a change of the spaces that only SQL has a use for: rows that
// a stock instance wrote are kept, and new ones refused.
func (db *DB) onSQL(_ *Context, st *stmt) error {
	if db.recovering || st.next == nil {
		return nil
	}
	return errSQL()
}

// onSchema follows a change of _schema.
func (db *DB) onSchema(c *Context, st *stmt) error {
	row := st.next
	if row == nil {
		row = st.old
	}
	f := fieldsOf(row)
	switch f.string() {
	case "cluster":
		if st.next == nil {
			return boxerr.New(boxerr.ReplicasetUUIDIsRO)
		}
		text := f.string()
		if _, err := uuid.Parse(text); err != nil {
			return boxerr.New(boxerr.InvalidUUID, text)
		}
		was := db.clusterUUID
		db.clusterUUID = text
		st.onUndo(func() { db.clusterUUID = was })
	}
	return nil
}

// onCluster follows a change of _cluster, where the instances of the replica
// set are.
func (db *DB) onCluster(c *Context, st *stmt) error {
	if st.next == nil {
		if id := fieldsOf(st.old).id(); id == db.replicaID && id != 0 {
			return boxerr.New(boxerr.LocalInstanceIDIsReadOnly, id)
		}
	} else {
		f := fieldsOf(st.next)
		id := f.id()
		if id == 0 {
			return boxerr.New(boxerr.ReplicaIDIsReserved, id)
		}
		if id > maxReplica {
			return boxerr.New(boxerr.ReplicaMax, id)
		}
		if id == db.replicaID {
			return boxerr.New(boxerr.LocalInstanceIDIsReadOnly, id)
		}
		text := f.string()
		if u, err := uuid.Parse(text); err != nil || u == (uuid.UUID{}) {
			return boxerr.New(boxerr.InvalidUUID, text)
		}
		if st.old != nil {
			was := fieldsOf(st.old)
			was.id()
			if was.string() != text {
				return boxerr.New(boxerr.Unsupported, "Space _cluster", "updates of instance uuid")
			}
		}
	}
	if db.OnCluster != nil {
		old, next := st.old, st.next
		st.onDone(func() { db.OnCluster(replica(old), replica(next)) })
	}
	return nil
}

// Replica is a row of _cluster.
type Replica struct {
	ID   uint32
	UUID string
}

func replica(t *tuple.Tuple) *Replica {
	if t == nil {
		return nil
	}
	f := fieldsOf(t)
	return &Replica{ID: f.id(), UUID: f.string()}
}

// ClusterUUID returns the replica set's UUID, or "" before bootstrap.
func (db *DB) ClusterUUID() string { return db.clusterUUID }

// SetReplicaID tells the database its own number in _cluster.
func (db *DB) SetReplicaID(id uint32) { db.replicaID = id }

func (db *DB) collation(id uint32) (*collation.Collation, error) {
	if c := db.collations[id]; c != nil {
		return c, nil
	}
	return nil, boxerr.New(boxerr.NoSuchCollation, id)
}

// Collation returns the collation called name, or nil.
func (db *DB) Collation(name string) *collation.Collation {
	for _, c := range db.collations {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// CollationByID returns the collation numbered id, or nil.
func (db *DB) CollationByID(id uint32) *collation.Collation { return db.collations[id] }

// onCollation follows a change of _collation.
func (db *DB) onCollation(c *Context, st *stmt) error {
	switch {
	case st.next != nil && st.old != nil:
		return boxerr.New(boxerr.Unsupported, "collation", "alter")
	case st.next == nil:
		id := fieldsOf(st.old).id()
		old := db.collations[id]
		if old == nil {
			return nil
		}
		if id == 0 {
			return boxerr.New(boxerr.DropCollation, "none", "system collation")
		}
		if db.collationUsed(old) {
			return boxerr.New(boxerr.DropCollation, old.Name, "collation is used")
		}
		if c.uid != AdminID && c.uid != old.Owner {
			return boxerr.NewAccessDenied(PrivDrop.String(), "collation", old.Name, db.userName(c.uid))
		}
		delete(db.collations, id)
		st.onUndo(func() { db.collations[id] = old })
		return nil
	}
	col, err := parseCollation(st.next)
	if err != nil {
		return err
	}
	if err := db.checkDDL(c, PrivCreate, "collation", col.Name, col.Owner); err != nil {
		return err
	}
	was := db.collations[col.ID]
	db.collations[col.ID] = col
	st.onUndo(func() {
		if was == nil {
			delete(db.collations, col.ID)
		} else {
			db.collations[col.ID] = was
		}
	})
	return nil
}

func (db *DB) collationUsed(col *collation.Collation) bool {
	for _, s := range db.spaces {
		for _, x := range s.indexes {
			for _, p := range x.def.Parts {
				if p.Collation == col {
					return true
				}
			}
		}
		for _, f := range s.def.Fields {
			if f.Collation == col {
				return true
			}
		}
	}
	return false
}

// collationSettings are the values that an option of a collation can have, as
// the errors list them.
var collationSettings = map[string]string{
	"french_collation":   "ON | OFF",
	"alternate_handling": "NON_IGNORABLE | SHIFTED",
	"case_first":         "OFF | UPPER_FIRST | LOWER_FIRST",
	"case_level":         "ON | OFF",
	"normalization_mode": "ON | OFF",
	"strength":           "PRIMARY | SECONDARY | TERTIARY | QUATERNARY | IDENTICAL",
	"numeric_collation":  "ON | OFF",
}

func parseCollation(t *tuple.Tuple) (*collation.Collation, error) {
	f := fieldsOf(t)
	id, name, owner, typ, locale := f.id(), f.string(), f.id(), f.string(), f.string()
	if len(name) > maxName {
		return nil, boxerr.New(boxerr.CantCreateCollation, "collation name is too long")
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	fail := func(why string) error {
		return boxerr.New(boxerr.CantCreateCollation, why)
	}
	switch typ = strings.ToUpper(typ); typ {
	case collation.TypeBinary, collation.TypeICU:
	default:
		return nil, fail("unknown collation type")
	}
	var o collation.Options
	raw := f.raw()
	if raw != nil && mp.KindOf(raw) == mp.Map {
		err := eachPair(raw, func(key string, v []byte) error {
			field := map[string]*string{
				"french_collation": &o.FrenchCollation, "alternate_handling": &o.AlternateHandling,
				"case_first": &o.CaseFirst, "case_level": &o.CaseLevel,
				"normalization_mode": &o.NormalizationMode, "strength": &o.Strength,
				"numeric_collation": &o.NumericCollation,
			}[key]
			if field == nil {
				return boxerr.New(boxerr.WrongCollationOptions, 5, "unexpected option '"+key+"'")
			}
			text, ok := asString(v)
			if !ok {
				return boxerr.New(boxerr.WrongCollationOptions, 5, "'"+key+"' must be enum")
			}
			*field = text
			*field = strings.ToLower(*field)
			if want, ok := collationSettings[key]; ok && !strings.Contains(" "+strings.ToLower(want)+" ", " "+*field+" ") {
				return fail("ICU wrong " + key + " option setting, expected " + want)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return collation.New(id, name, owner, typ, locale, o)
}
