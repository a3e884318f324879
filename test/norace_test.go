//go:build !race

package test

// raceEnabled makes the program under test as this test was made: without the race detector.
const raceEnabled = false
