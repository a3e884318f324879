// Package reload makes the loading of a module that has state a transaction: it happens completely, or it has not
// happened at all.
//
// The one idea: what the new code does is entered in a journal (vm.Journal): the old value of each key of a table that its
// bodies, migrations and fibers write. Beside it stand package.loaded, which internals exist, and what other packages
// have put on the list of Capturers (triggers, for one). If any part fails (a syntax error, an error in a body or in a
// migration, a fiber that dies at its first step, a body that does not end), take it all back, so that the old code
// serves on; then raise the error. What others wrote meanwhile stays.
//
// A module takes part by opening internals while it is loaded (package internals). The first require of it is an
// ordinary one; each later require, after package.loaded[name] = nil, is a transaction.
//
// What it never does: undo what went out into the world (rows that were committed, messages that were sent).
package reload
