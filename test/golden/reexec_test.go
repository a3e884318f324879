package golden

import (
	"os"
	"testing"
)

// The test binary stands in for two programs: with GOLDEN_AS=runner it is the
// command "shardlua test", with GOLDEN_AS=instance a scripted executable
// under test.
func TestMain(m *testing.M) {
	switch os.Getenv("GOLDEN_AS") {
	case "runner":
		os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
	case "instance":
		os.Exit(scriptedInstance(os.Args[1:]))
	}
	os.Exit(m.Run())
}
