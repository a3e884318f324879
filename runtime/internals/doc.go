// Package internals keeps the state of reloadable modules outside of Lua's reach, and is the Lua module `shardlua`
// through which they get at it.
//
// The one idea: code comes and goes, state stays. A module asks the host for its internals by name; whichever version
// of the module asks, it gets the same table. The table is never in _G and survives the loss of every Lua module.
// Because the host knows it, the host can capture its plain data and put it back exactly when a reload fails.
//
//	local M = require('shardlua').internals('myapp.queue', function()
//	    return {queues = {}, reload_version = 1}
//	end)
//
// Script-visible functions:
//
//	internals(name[, initial])        the table of that name; initial() builds it the first time
//	is_open(name)                     whether internals of that name are there already
//	upgrade(module, table, version)   run the migrations that take a module's internals to a version (package evolution)
//	upgrade(module, table, list)      the same with a list of the module's own: functions of the internals, or tables
//	                                  {name = …, up = function(M), down = function(M)}
//	plan(module, from, to)            the migrations between two versions: plan[1].Version, .Name, .Down
//	evolution(module)                 the names of the migrations that the host knows for a module, the oldest first
//	shape(table)                      which fields internals have and of which types, a line per field
//	reload{name, …}                   load modules anew, all or none (package reload)
//	reload_on_sighup{name, …}         do so on SIGHUP, when files have changed
//	version                           the version of the host
package internals
