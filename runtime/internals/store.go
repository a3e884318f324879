package internals

import (
	"sort"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime/module"
)

// Store has the internals of all modules of an instance, and the migrations that the host knows. It is used with the
// baton held.
type Store struct {
	tables map[string]*lua.LTable
	lists  map[string]*evolution.List
	// OnOpen, when set, is told each time a script asks for internals, before it gets them.
	OnOpen func(name string)
	// OnUpgrade, when set, is told of the migrations that ran over a module's internals.
	OnUpgrade func(module string, steps []evolution.Step)
	// Functions are those of the Lua module that other packages provide.
	Functions map[string]lua.LGFunction
	host      module.Host
}

type storeKey struct{}

// Of returns the Store of an instance.
func Of(h module.Host) *Store {
	if s, ok := h.Service(storeKey{}).(*Store); ok {
		return s
	}
	s := &Store{host: h, tables: make(map[string]*lua.LTable), lists: make(map[string]*evolution.List)}
	h.SetService(storeKey{}, s)
	return s
}

// Register makes the migrations of a module known. A later list for the same module replaces an earlier one.
func (s *Store) Register(list *evolution.List) { s.lists[list.Module] = list }

// List returns the migrations of a module, nil when the host knows none.
func (s *Store) List(module string) *evolution.List { return s.lists[module] }

// Get returns internals by name, nil when there are none.
func (s *Store) Get(name string) *lua.LTable { return s.tables[name] }

// Put makes a table the internals of that name.
func (s *Store) Put(name string, table *lua.LTable) { s.tables[name] = table }

// Drop forgets internals.
func (s *Store) Drop(name string) { delete(s.tables, name) }

// Names lists the internals that exist, in order.
func (s *Store) Names() []string {
	names := make([]string, 0, len(s.tables))
	for name := range s.tables {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
