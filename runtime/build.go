package runtime

import (
	"runtime"
	"runtime/debug"
)

// Target is the system that the program was built for, as `tarantool -v` tells it.
func Target() string {
	system, machine := runtime.GOOS, runtime.GOARCH
	if system == "linux" {
		system = "Linux"
	}
	if machine == "amd64" {
		machine = "x86_64"
	}
	return system + "-" + machine + "-Release"
}

// BuildOptions are the settings that the program was built with.
func BuildOptions() string {
	text := runtime.Version()
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" || s.Key == "CGO_ENABLED" || s.Key == "vcs.revision" {
				text += " " + s.Key + "=" + s.Value
			}
		}
	}
	return text
}
