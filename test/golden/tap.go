package golden

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// tapResult is what a TAP stream says about itself.
type tapResult struct {
	Planned, Seen int
	// Failed holds the failed test lines; a TODO test may fail.
	Failed []string
	// Skipped is the reason if the plan is "1..0 # SKIP reason".
	Skipped string
	// Bail is the reason of a "Bail out!".
	Bail string
}

var (
	tapPlan = regexp.MustCompile(`(?i)^1\.\.(\d+)(?:\s*#\s*skip\S*\s*(.*))?$`)
	tapTest = regexp.MustCompile(`^(not )?ok\b\s*(\d+)?\s*(.*)$`)
	tapTodo = regexp.MustCompile(`(?i)#\s*todo\b`)
)

// parseTAP reads the top level of a TAP version 13 stream; subtests are
// indented and count through their summary line.
func parseTAP(text string) (tapResult, error) {
	result := tapResult{Planned: -1}
	for number, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		if reason, bail := strings.CutPrefix(line, "Bail out!"); bail {
			result.Bail = strings.TrimSpace(reason)
			return result, fmt.Errorf("bail out: %s", result.Bail)
		}
		if plan := tapPlan.FindStringSubmatch(line); plan != nil {
			if result.Planned >= 0 {
				return result, fmt.Errorf("line %d: a second plan", number+1)
			}
			count, err := strconv.Atoi(plan[1])
			if err != nil {
				return result, fmt.Errorf("line %d: plan: %w", number+1, err)
			}
			result.Planned = count
			if count == 0 {
				result.Skipped = plan[2]
				if result.Skipped == "" {
					result.Skipped = "the plan is empty"
				}
			}
			continue
		}
		test := tapTest.FindStringSubmatch(line)
		if test == nil {
			continue
		}
		result.Seen++
		if test[2] != "" && test[2] != strconv.Itoa(result.Seen) {
			return result, fmt.Errorf("line %d: test %s where %d was due", number+1, test[2], result.Seen)
		}
		if test[1] != "" && !tapTodo.MatchString(test[3]) {
			result.Failed = append(result.Failed, line)
		}
	}
	switch {
	case result.Planned < 0:
		return result, fmt.Errorf("no plan (1..N) in the output")
	case result.Seen != result.Planned:
		return result, fmt.Errorf("%d tests planned, %d run", result.Planned, result.Seen)
	case len(result.Failed) > 0:
		return result, fmt.Errorf("%d of %d tests failed: %s", len(result.Failed), result.Seen, strings.Join(result.Failed, "; "))
	}
	return result, nil
}
