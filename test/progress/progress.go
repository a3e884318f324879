// Package progress tells a person how far a long piece of work is: steps that come one after another.
//
// The one idea: on a terminal the step under way is a line that changes several times a second; everywhere else each step
// is one plain line, written when it is done. What is written is the same otherwise.
//
//	steps := progress.New(os.Stdout, progress.IsTerminal(os.Stdout))
//	steps.Begin("bootstrap", func() string { return fmt.Sprintf("%d buckets", n.Load()) })
//	…
//	steps.Done("3,000 buckets")
//
// A Steps is used by one goroutine; the status function of a step is called by another one.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// Steps writes the steps of one piece of work.
type Steps struct {
	out      io.Writer
	live     bool
	width    int
	began    time.Time
	title    string
	stop     chan struct{}
	finished chan struct{}
}

// IsTerminal tells whether a file is a terminal that can show a line that changes.
func IsTerminal(file *os.File) bool {
	return term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// defaultWidth is that of a terminal that does not say.
const defaultWidth = 80

// New makes the steps of a piece of work that begins now.
func New(out io.Writer, live bool) *Steps {
	s := &Steps{out: out, live: live, width: defaultWidth, began: time.Now()}
	if file, ok := out.(*os.File); ok && live {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			s.width = width
		}
	}
	return s
}

// refresh is how long a live line stays as it is.
const refresh = 100 * time.Millisecond

// Begin starts a step. On a terminal its line shows what status returns, which may be nil.
func (s *Steps) Begin(title string, status func() string) {
	s.end()
	s.title = title
	if !s.live {
		return
	}
	s.stop, s.finished = make(chan struct{}), make(chan struct{})
	go func(stop, finished chan struct{}) {
		defer close(finished)
		ticker := time.NewTicker(refresh)
		defer ticker.Stop()
		for turn := 0; ; turn++ {
			text := ""
			if status != nil {
				text = status()
			}
			s.draw(string([]rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")[turn%10]), text)
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
		}
	}(s.stop, s.finished)
}

// line is a step as it is written: when, what, how it went.
func (s *Steps) line(text string) string {
	return fmt.Sprintf("%5.1f s  %-10s %s", time.Since(s.began).Seconds(), s.title, text)
}

func (s *Steps) draw(mark, text string) {
	line := mark + s.line(text)
	if utf8.RuneCountInString(line) >= s.width {
		line = string([]rune(line)[:s.width-2]) + "…"
	}
	fmt.Fprint(s.out, "\r"+line+"\x1b[K")
}

// end stops a live line.
func (s *Steps) end() {
	if s.stop != nil {
		close(s.stop)
		<-s.finished
		s.stop = nil
	}
}

// Done ends the step and says what came of it.
func (s *Steps) Done(format string, args ...any) {
	s.write(green, " ", fmt.Sprintf(format, args...))
}

// Failed ends the step that did not work out.
func (s *Steps) Failed(format string, args ...any) {
	s.write(red, "!", fmt.Sprintf(format, args...))
}

// Drop ends the step without a word.
func (s *Steps) Drop() {
	s.end()
	if s.live {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
}

const (
	green = "\x1b[32m"
	red   = "\x1b[31m"
	reset = "\x1b[0m"
)

func (s *Steps) write(color, mark, text string) {
	s.end()
	first, rest, more := strings.Cut(text, "\n")
	line := mark + s.line(first)
	if s.live {
		if mark == " " {
			mark = "✓"
		}
		line = "\r" + color + mark + reset + s.line(first) + "\x1b[K"
	}
	fmt.Fprintln(s.out, line)
	if more {
		fmt.Fprintln(s.out, strings.Repeat(" ", 21)+strings.ReplaceAll(rest, "\n", "\n"+strings.Repeat(" ", 21)))
	}
}
