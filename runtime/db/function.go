package db

// Function is what a row of _func says.
type Function struct {
	ID       uint32
	Owner    uint32
	Name     string
	Setuid   bool
	Language string
	// Body is the source of a persistent function; empty for one that is
	// looked up by name in the script's globals.
	Body          string
	RoutineType   string
	ParamList     []string
	Returns       string
	Aggregate     string
	Deterministic bool
	Sandboxed     bool
	NullCall      bool
	// Multikey functions return many keys for one tuple.
	Multikey bool
	Exports  []string
	Comment  string
	Created  string
	Altered  string
	// Compiled is for Procedures to keep what it made of the body.
	Compiled any

	// pins counts the functional indexes that use the function.
	pins int
}

// Function returns the function numbered id, or nil.
func (db *DB) Function(id uint32) *Function { return db.functions[id] }

// FunctionByName returns the function called name, or nil.
func (db *DB) FunctionByName(name string) *Function { return db.functionNames[name] }

// Exported reports whether the function can be called from language.
func (f *Function) Exported(language string) bool {
	for _, e := range f.Exports {
		if e == language {
			return true
		}
	}
	return false
}
