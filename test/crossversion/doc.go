// Package crossversion checks that a running cluster can be taken from one version of its modules to another.
//
// The one idea: versions are git revisions of a module tree. For each pair, a cluster of processes starts on the old one
// and is driven by callers; while they call and buckets move, its instances reload the new one, storages before the router
// and, in a second cluster, the router before the storages. What counts is what callers and buckets saw of it: calls that
// failed, buckets and tuples that were lost or doubled; and what became of the internals.
//
// It never changes the repository: revisions are copied out of it into a directory of their own.
package crossversion
