package golden

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Status is how a test ended.
type Status string

const (
	Passed  Status = "pass"
	Failed  Status = "fail"
	Skipped Status = "skip"
	// New tests had no result file; it was made from their output.
	New Status = "new"
	// Updated tests differed, and their result file was written anew.
	Updated Status = "updated"
	// NotRun tests were not reached before an interruption.
	NotRun Status = "not run"
)

// Result is the outcome of one test under one configuration.
type Result struct {
	Suite, Test, Variant string
	Status               Status
	// Message says why, for a test that failed or was skipped.
	Message  string
	Duration time.Duration
	// Retries is the number of failed tries before this one.
	Retries int
	// Want and Got are the texts that differ; empty for another failure.
	Want, Got         string
	WantFile, GotFile string
	RejectFile        string
	// LogName is the instance to look at, LogTail the end of its log.
	LogName, LogTail string
	// Reproduce is the command that repeats the failure.
	Reproduce string
}

func (r *Result) fail(message string) { r.Status, r.Message = Failed, message }

// Name is "suite/test", and the configuration's name if there is one.
func (r Result) Name() string {
	name := r.Suite + "/" + r.Test
	if r.Variant != "" {
		name += " " + r.Variant
	}
	return name
}

// Diff is the unified diff of a test whose output differs, else empty.
func (r Result) Diff(color bool) string {
	if r.Want == r.Got {
		return ""
	}
	return paint(color).diff(r.WantFile, r.GotFile, r.Want, r.Got)
}

// Failure is the whole story of a failed test: the reason, the diff, the log.
func (r Result) Failure(color bool) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", r.Name(), r.Message)
	out.WriteString(r.Diff(color))
	if r.Want == "" && r.RejectFile != "" {
		fmt.Fprintf(&out, "output so far: %s\n", r.RejectFile)
	}
	if r.LogTail != "" {
		fmt.Fprintf(&out, "last lines of the log of %s:\n  %s\n", r.LogName, strings.ReplaceAll(r.LogTail, "\n", "\n  "))
	}
	if r.Reproduce != "" {
		fmt.Fprintf(&out, "again: %s\n", r.Reproduce)
	}
	return out.String()
}

// Report is the outcome of a run, in the order of suites and tests.
type Report struct {
	Executable  string
	Results     []Result
	Interrupted bool
}

// OK tells whether nothing failed and the run was complete.
func (r Report) OK() bool {
	return !r.Interrupted && r.Count(Failed) == 0 && r.Count(NotRun) == 0
}

// Count is the number of tests with a status.
func (r Report) Count(status Status) int {
	count := 0
	for _, result := range r.Results {
		if result.Status == status {
			count++
		}
	}
	return count
}

// Summary is one line about the run.
func (r Report) Summary() string {
	var parts []string
	for _, status := range []Status{Passed, Failed, New, Updated, Skipped, NotRun} {
		if n := r.Count(status); n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", status, n))
		}
	}
	line := fmt.Sprintf("%d tests, %s", len(r.Results), strings.Join(parts, ", "))
	if r.Interrupted {
		line += " (interrupted)"
	}
	return line
}

// WriteSummary writes the names of the failed tests and the summary line.
func (r Report) WriteSummary(w io.Writer) {
	for _, result := range r.Results {
		if result.Status == Failed {
			fmt.Fprintf(w, "failed: %s\n", result.Name())
		}
	}
	fmt.Fprintln(w, r.Summary())
}

// progress writes a line for each test as it ends, with the story of a
// failure at once.
type progress struct {
	mu       sync.Mutex
	out      io.Writer
	color    paint
	verbose  bool
	width    int
	finished int
	total    int
}

func newProgress(cfg Config, total int) *progress {
	return &progress{out: cfg.Output, color: paint(cfg.Color), verbose: cfg.Verbose, width: 48, total: total}
}

func colorOf(status Status) string {
	return map[Status]string{Passed: green, Failed: red, Skipped: cyan, New: yellow, Updated: yellow, NotRun: yellow}[status]
}

func (p *progress) done(result Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finished++
	label := p.color.in(colorOf(result.Status), "[ "+string(result.Status)+" ]")
	fmt.Fprintf(p.out, "[%*d/%d] %-*s %s %.2fs", len(fmt.Sprint(p.total)), p.finished, p.total, p.width, result.Name(), label, result.Duration.Seconds())
	if result.Retries > 0 {
		fmt.Fprintf(p.out, " (try %d)", result.Retries+1)
	}
	if p.verbose && result.Status == Skipped {
		fmt.Fprintf(p.out, " (%s)", result.Message)
	}
	fmt.Fprintln(p.out)
	if result.Status == Failed {
		fmt.Fprintln(p.out, result.Failure(bool(p.color)))
	}
}
