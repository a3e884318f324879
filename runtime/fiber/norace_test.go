//go:build !race

package fiber_test

// underRace is true when the race detector, which has a price in memory, watches.
const underRace = false
