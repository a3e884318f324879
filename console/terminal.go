package console

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/chzyer/readline"
	"golang.org/x/term"
)

// HistoryFile is where the terminal keeps its lines from one run to the next: in the home directory.
const HistoryFile = ".shardlua_history"

// Complete finds what a word may become.
type Complete func(word string) (candidates []string)

// NewSource returns the Source that fits the streams: an editor with history and completion on a terminal, plain lines
// otherwise.
func NewSource(in *os.File, out io.Writer) (Source, error) {
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(f.Fd())) {
		return newTerminal(in, f)
	}
	return &pipe{in: bufio.NewReader(in), out: out}, nil
}

// NewEchoingSource is NewSource whose plain lines appear in the output with their prompts, as Tarantool's interactive
// mode has them.
func NewEchoingSource(in *os.File, out io.Writer) (Source, error) {
	src, err := NewSource(in, out)
	if p, ok := src.(*pipe); ok {
		p.echo = true
	}
	return src, err
}

// pipe is a Source without a person.
type pipe struct {
	in   *bufio.Reader
	out  io.Writer
	echo bool
}

func (p *pipe) ReadLine(prompt string, _ Complete) (string, error) {
	if p.echo {
		fmt.Fprint(p.out, prompt)
	}
	line, err := p.in.ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", err
	}
	line = strings.TrimSuffix(line, "\n")
	if p.echo {
		fmt.Fprintln(p.out, line)
	}
	return line, nil
}

func (p *pipe) Show(answer string) {
	fmt.Fprint(p.out, answer)
	if p.echo || !strings.HasSuffix(answer, "\n") {
		fmt.Fprintln(p.out)
	}
}

func (p *pipe) Interrupted() <-chan struct{} { return nil }
func (p *pipe) Close() error                 { return nil }

// terminal is a Source with a line editor.
type terminal struct {
	editor   *readline.Instance
	complete completer
	out      io.Writer
	signals  chan os.Signal
	stops    chan struct{}
}

func newTerminal(in, out *os.File) (*terminal, error) {
	history := ""
	if home, err := os.UserHomeDir(); err == nil {
		history = filepath.Join(home, HistoryFile)
	}
	t := &terminal{out: out, signals: make(chan os.Signal, 1), stops: make(chan struct{})}
	editor, err := readline.NewEx(&readline.Config{
		HistoryFile:            history,
		DisableAutoSaveHistory: true,
		Stdin:                  readline.NewCancelableStdin(in),
		Stdout:                 out,
		AutoComplete:           &t.complete,
	})
	if err != nil {
		return nil, err
	}
	t.editor = editor
	signal.Notify(t.signals, os.Interrupt)
	go func() {
		for range t.signals {
			select {
			case t.stops <- struct{}{}:
			default: // nothing runs
			}
		}
	}()
	return t, nil
}

func (t *terminal) ReadLine(prompt string, complete Complete) (string, error) {
	t.complete.find = complete
	t.editor.SetPrompt(prompt)
	line, err := t.editor.Readline()
	if errors.Is(err, readline.ErrInterrupt) {
		return "", ErrInterrupt
	}
	if err == nil && strings.TrimSpace(line) != "" {
		// A history that cannot be kept is no reason to refuse the line.
		_ = t.editor.SaveHistory(line)
	}
	return line, err
}

// errorLine finds the errors in an answer: in YAML, and in Lua.
var errorLine = regexp.MustCompile(`(?m)^(- error: .*|error: .*|\{error = .*)$`)

func (t *terminal) Show(answer string) {
	fmt.Fprintln(t.out, errorLine.ReplaceAllString(answer, "\x1b[31m$1\x1b[0m"))
}

func (t *terminal) Interrupted() <-chan struct{} { return t.stops }

func (t *terminal) Close() error {
	signal.Stop(t.signals)
	close(t.signals)
	return t.editor.Close()
}

// completer fits Complete to the editor.
type completer struct{ find Complete }

// Do implements readline.AutoCompleter.
func (c *completer) Do(line []rune, pos int) (suffixes [][]rune, length int) {
	word := lastWord(string(line[:pos]))
	if c.find == nil {
		return nil, 0
	}
	for _, candidate := range c.find(word) {
		if rest, ok := strings.CutPrefix(candidate, word); ok {
			suffixes = append(suffixes, []rune(rest))
		}
	}
	return suffixes, len([]rune(word))
}

var wordAtEnd = regexp.MustCompile(`[\pL\pN_.:\[\]'"]*$`)

func lastWord(text string) string { return wordAtEnd.FindString(text) }
