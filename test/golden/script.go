package golden

import "strings"

// step is what one line of a test script brings: text for the transcript
// and, when a statement is complete, the line to send to the console.
type step struct {
	// Echo goes to the transcript before the statement's answer.
	Echo string
	// Statement ends in a newline when there is something to send.
	Statement string
}

// scriptReader cuts a test script into steps. It is fed line by line,
// because the delimiter may change with every statement that is executed.
//
// The console takes one line as one command, so a statement of several lines
// is sent as one, joined by spaces; the transcript keeps the lines.
type scriptReader struct {
	lines []string
	// Layout is the version of the result file: 1 drops empty lines and
	// writes a comment before the unfinished statement around it, 2 keeps
	// every line in its place.
	layout int

	echo, statement strings.Builder
}

func newScriptReader(text string, layout int) *scriptReader {
	lines := strings.Split(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return &scriptReader{lines: lines, layout: layout}
}

// next reads lines until there is something to write or send. It returns
// false at the end of the script.
func (r *scriptReader) next(delimiter string) (step, bool) {
	for len(r.lines) > 0 {
		line := r.lines[0]
		r.lines = r.lines[1:]
		if step, complete := r.take(line, delimiter); complete {
			return step, true
		}
	}
	return step{}, false
}

func (r *scriptReader) take(line, delimiter string) (step, bool) {
	empty := strings.TrimSpace(line) == ""
	switch {
	case strings.HasPrefix(line, "-- tags:"):
		return step{}, false
	case (empty || strings.HasPrefix(line, "--")) && r.layout >= 2:
		r.echo.WriteString(line + "\n")
		defer r.echo.Reset()
		return step{Echo: r.echo.String()}, true
	case empty:
		if r.echo.Len() > 0 {
			r.echo.WriteString("\n")
		}
		return step{}, false
	case strings.HasPrefix(line, "--"):
		return step{Echo: line + "\n"}, true
	}
	r.echo.WriteString(line + "\n")
	switch {
	case delimiter != "" && strings.HasSuffix(line, delimiter):
		r.statement.WriteString(strings.TrimSuffix(line, delimiter))
	case delimiter != "":
		r.statement.WriteString(line + " ")
		return step{}, false
	case strings.HasSuffix(line, `\`):
		r.statement.WriteString(strings.TrimSuffix(line, `\`) + " ")
		return step{}, false
	default:
		r.statement.WriteString(line)
	}
	done := step{Echo: r.echo.String(), Statement: r.statement.String() + "\n"}
	r.echo.Reset()
	r.statement.Reset()
	return done, true
}

// unfinished returns the text that still waits for its end when the script
// is over: a forgotten delimiter or a backslash on the last line.
func (r *scriptReader) unfinished() string { return r.echo.String() }
