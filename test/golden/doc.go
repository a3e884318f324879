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
package golden
