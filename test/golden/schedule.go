package golden

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
)

// lane is a sequence of tests that run one after the other. A suite that is
// not parallel is one lane, a parallel one has a lane for each test; lanes run
// side by side.
type lane struct {
	suite *Suite
	tests []testcase
	// kept is the instance that goes from test to test in a suite with
	// pretest_clean, with the inspector whose port it knows.
	kept    *server
	inspect *inspector
}

// lanes lays out the selected tests.
func (sel *selection) lanes(cfg Config) []*lane {
	var lanes []*lane
	for _, suite := range sel.suites {
		var tests []testcase
		for _, file := range suite.Tests {
			if !sel.wants(suite, file) {
				continue
			}
			for _, variant := range suite.Variants.of(file) {
				if cfg.Conf != "" && variant.Name != cfg.Conf {
					continue
				}
				tests = append(tests, testcase{suite, file, variant})
			}
		}
		switch {
		case len(tests) == 0:
		case suite.Parallel && !suite.PretestClean:
			// Two configurations of one test share its result file, so
			// they stay in one lane.
			byFile := map[string]*lane{}
			for _, test := range tests {
				if byFile[test.file] == nil {
					byFile[test.file] = &lane{suite: suite}
					lanes = append(lanes, byFile[test.file])
				}
				byFile[test.file].tests = append(byFile[test.file].tests, test)
			}
		default:
			lanes = append(lanes, &lane{suite: suite, tests: tests})
		}
	}
	return lanes
}

// dir is where the instances of a test work. Tests that share an instance
// share its directory.
func (l *lane) dir(r *run, test testcase) string {
	if l.suite.PretestClean {
		return filepath.Join(r.work.dir, l.suite.varName, "shared")
	}
	return filepath.Join(r.work.dir, l.suite.varName, test.dirName())
}

// reproduce is the command that runs the lane's tests again, up to one.
func (l *lane) reproduce(r *run, upTo int) string {
	command := []string{"shardlua", "test", "-j1", "--executable", r.cfg.Executable}
	if conf := l.tests[upTo].variant.Name; conf != "" {
		command = append(command, "--conf", conf)
	}
	for _, test := range l.tests[:upTo+1] {
		if test.variant.Name == l.tests[upTo].variant.Name {
			command = append(command, test.path())
		}
	}
	return strings.Join(command, " ")
}

// close ends the instance that the lane kept.
func (l *lane) close() {
	if l.kept != nil {
		l.kept.kill()
		l.kept = nil
	}
	if l.inspect != nil {
		l.inspect.close()
		l.inspect = nil
	}
}

// schedule runs the lanes, at most cfg.Jobs at once, and collects the results
// in the order of the tests.
func (r *run) schedule(ctx context.Context, lanes []*lane) Report {
	report := Report{Executable: r.cfg.Executable}
	slots := map[testcaseID]int{}
	for _, lane := range lanes {
		for _, test := range lane.tests {
			slots[test.id()] = len(report.Results)
			report.Results = append(report.Results, Result{
				Suite: test.suite.Name, Test: test.file, Variant: test.variant.Name,
				Status: NotRun,
			})
		}
	}
	progress := newProgress(r.cfg, len(report.Results))
	queue := make(chan *lane)
	var workers sync.WaitGroup
	for range min(r.cfg.Jobs, len(lanes)) {
		workers.Go(func() {
			for lane := range queue {
				for i, test := range lane.tests {
					if ctx.Err() != nil {
						break
					}
					result := r.try(ctx, test, lane)
					if result.Status == Failed && lane.suite.Reproduce && !lane.suite.Parallel {
						result.Reproduce = lane.reproduce(r, i)
					}
					// Each test has a slot of its own.
					report.Results[slots[test.id()]] = result
					progress.done(result)
				}
				lane.close()
			}
		})
	}
	for _, lane := range lanes {
		select {
		case queue <- lane:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	workers.Wait()
	return report
}

// testcaseID tells tests apart; suites of one name may lie in several places.
type testcaseID struct{ path, variant string }

func (t testcase) id() testcaseID { return testcaseID{t.path(), t.variant.Name} }

// try runs a test; one that its suite calls fragile gets further tries.
func (r *run) try(ctx context.Context, test testcase, lane *lane) Result {
	result := test.execute(ctx, r, lane)
	for range test.suite.Fragile[test.file] {
		if result.Status != Failed || ctx.Err() != nil {
			break
		}
		again := test.execute(ctx, r, lane)
		again.Duration += result.Duration
		again.Retries = result.Retries + 1
		result = again
	}
	if ctx.Err() != nil && result.Status == Failed {
		// It was killed by the interruption, not by its own fault.
		result.Status, result.Message = NotRun, "interrupted"
	}
	return result
}
