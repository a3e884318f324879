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
	"syscall"

	"github.com/chzyer/readline"
	"golang.org/x/term"
)

// HistoryFile is where the terminal keeps its lines from one run to the next: in the home directory.
const HistoryFile = ".shardlua_history"

// Complete finds the candidates for the word that ends at the end of line.
type Complete func(line string) (candidates []string)

// NewSource returns the Source that fits the streams: an editor with history and completion on a terminal, plain lines
// otherwise.
func NewSource(in *os.File, out io.Writer, complete Complete) (Source, error) {
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(f.Fd())) {
		return newTerminal(in, f, complete)
	}
	return &pipe{in: bufio.NewReader(in), out: out}, nil
}

// pipe is a Source without a person.
type pipe struct {
	in  *bufio.Reader
	out io.Writer
}

func (p *pipe) ReadLine(string) (string, error) {
	line, err := p.in.ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", err
	}
	return strings.TrimSuffix(line, "\n"), nil
}

func (p *pipe) Show(answer string)           { fmt.Fprint(p.out, answer) }
func (p *pipe) Interrupted() <-chan struct{} { return nil }
func (p *pipe) Close() error                 { return nil }

// terminal is a Source with a line editor.
type terminal struct {
	editor  *readline.Instance
	out     io.Writer
	signals chan os.Signal
	stops   chan struct{}
}

func newTerminal(in, out *os.File, complete Complete) (*terminal, error) {
	history := ""
	if home, err := os.UserHomeDir(); err == nil {
		history = filepath.Join(home, HistoryFile)
	}
	editor, err := readline.NewEx(&readline.Config{
		HistoryFile:            history,
		DisableAutoSaveHistory: true,
		Stdin:                  readline.NewCancelableStdin(in),
		Stdout:                 out,
		AutoComplete:           completer(complete),
	})
	if err != nil {
		return nil, err
	}
	t := &terminal{editor: editor, out: out, signals: make(chan os.Signal, 1), stops: make(chan struct{})}
	signal.Notify(t.signals, os.Interrupt, syscall.SIGINT)
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

func (t *terminal) ReadLine(prompt string) (string, error) {
	t.editor.SetPrompt(prompt)
	line, err := t.editor.Readline()
	if errors.Is(err, readline.ErrInterrupt) {
		return "", ErrInterrupt
	}
	if err == nil && strings.TrimSpace(line) != "" {
		err = t.editor.SaveHistory(line)
	}
	return line, err
}

// errorLine finds the errors in an answer.
var errorLine = regexp.MustCompile(`(?m)^(- error: .*|error: .*)$`)

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
type completer Complete

// Do implements readline.AutoCompleter.
func (c completer) Do(line []rune, pos int) (suffixes [][]rune, length int) {
	before := string(line[:pos])
	if c == nil {
		return nil, 0
	}
	word := lastWord(before)
	for _, candidate := range c(before) {
		if rest, ok := strings.CutPrefix(candidate, word); ok {
			suffixes = append(suffixes, []rune(rest))
		}
	}
	return suffixes, len([]rune(word))
}

var wordAtEnd = regexp.MustCompile(`[\pL\pN_.:\[\]'"]*$`)

func lastWord(text string) string { return wordAtEnd.FindString(text) }
