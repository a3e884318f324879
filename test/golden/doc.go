// Package golden runs golden suites: directories of .test.lua scripts whose
// console transcript must equal the .result file beside them.
//
// The one idea: a test is a conversation. Every statement of the script is
// sent to the admin console of a fresh instance (its own process), and what
// was said, by both sides, is the transcript. The script steers the runner
// through the Lua module test_run, which talks back over the inspector, a
// socket that each running test has to itself. Nothing in the conversation
// depends on which executable answers, so one golden file judges stock
// tarantool and shardlua alike.
//
// A suite is a directory with a suite.ini as tarantool/test-run knows it; a
// directory of tests without one is a suite with defaults. The package never
// interprets Lua itself and never looks inside an instance except through its
// console.
//
//	report, err := golden.Run(ctx, golden.Config{
//		Paths:      []string{"test/unit"},
//		Executable: "/usr/bin/tarantool",
//		Jobs:       2,
//	})
//	if err == nil && !report.OK() {
//		report.WriteSummary(os.Stdout)
//	}
//
// # Suites
//
// suite.ini has one section, [default], with core (tarantool or app), script
// (of the default instance), description, lua_libs (files and directories
// copied beside the instances), config (a JSON file of configurations, each a
// run of its own), disabled, release_disabled (unless the executable's version
// says Debug), valgrind_disabled (without effect: there is no valgrind here),
// long_run, fragile, is_parallel, use_unix_sockets (of ADMIN; False gives it a
// port), use_unix_sockets_iproto (of LISTEN), pretest_clean (one instance for
// all tests, cleaned before each) and show_reproduce_content. A library that
// lua_libs names and that is not there is taken from the project's own, the
// package lualibs.
//
// A NAME.skipcond beside a test is Python, of which the forms that test
// platform, user and environment are understood; another form fails the test.
//
// # Scripts
//
// A line is a statement. It goes on in the next line after a backslash, or up
// to the delimiter that test_run:cmd("setopt delimiter ';'") sets. Comments in
// the first column and empty lines are not sent. A result file that begins
// with "-- test-run result file version 2" keeps every line of the script in
// its place and marks the answers by " | "; one without that line has the
// older layout. New files get version 2.
//
// # Environment of an instance
//
// It works in a directory of its test, PWD, below VARDIR, and gets SOURCEDIR,
// BUILDDIR (where test/var exists), TARANTOOL (the executable), LISTEN, ADMIN,
// INSPECTOR, MASTER (the address of its rpl_master) and LUA_PATH, which leads
// to SOURCEDIR, SOURCEDIR/lua, test_run and the project's libraries, in this
// order. box.cfg gets defaults for log, pid_file and the data directories.
//
// # Steering
//
// test_run:cmd takes: setopt delimiter; create, start, stop, restart, deploy,
// cleanup, delete server; create, drop, set connection; push, pop, clear
// filter; set variable NAME to 'SERVER.listen|admin|master'; switch; eval;
// config; env NAME="value". The methods of test_run are documented in
// lua/test_run.lua.
package golden
