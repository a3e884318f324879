package golden

import (
	"fmt"
	"strings"
)

// command is a parsed argument of test_run:cmd.
type command struct {
	// Verb and Object are the first two words, e.g. "start" and "server".
	// A command of one object (switch, eval, setopt, config, env) has only
	// a Verb.
	Verb, Object string
	// Names are the things that it is about; most commands have one.
	Names []string
	// Value is what follows "to", the expression of eval, the value of
	// setopt and env.
	Value string
	// Options are those after "with".
	Options map[string]string
}

// commandError is a mistake in a command; it is raised as an error in the
// script that sent it.
type commandError struct{ text string }

func (e commandError) Error() string { return e.text }

func commandErrorf(format string, args ...any) error {
	return commandError{fmt.Sprintf(format, args...)}
}

// word is a token of a command: bare, quoted, or one of the signs = and , .
type word struct {
	text   string
	quoted bool
}

// words cuts a command. A quoted word reaches to the next quote of the same
// kind and knows no escapes, so a filter's pattern arrives as it was written.
func words(text string) ([]word, error) {
	var out []word
	for text = strings.TrimLeft(text, " \t\r\n"); text != ""; text = strings.TrimLeft(text, " \t\r\n") {
		switch text[0] {
		case '\'', '"':
			end := strings.IndexByte(text[1:], text[0])
			if end < 0 {
				return nil, commandErrorf("No closing quotation in: %s", text)
			}
			out = append(out, word{text[1 : end+1], true})
			text = text[end+2:]
		case '=', ',':
			out = append(out, word{text[:1], false})
			text = text[1:]
		default:
			end := strings.IndexAny(text, " \t\r\n'\"=,")
			if end < 0 {
				end = len(text)
			}
			out = append(out, word{text[:end], false})
			text = text[end:]
		}
	}
	return out, nil
}

// parseCommand reads one command of a script.
func parseCommand(text string) (command, error) {
	// An expression may hold quotes of any kind: eval takes the rest of the
	// text, less the outermost pair.
	if fields := strings.SplitN(strings.TrimSpace(text), " ", 3); fields[0] == "eval" {
		if len(fields) < 3 {
			return command{}, commandErrorf("Wrong token for eval: expected server name and expression")
		}
		return command{Verb: "eval", Names: []string{unquoted(fields[1])}, Value: unquoted(strings.TrimSpace(fields[2]))}, nil
	}
	tokens, err := words(text)
	if err != nil {
		return command{}, err
	}
	p := &commandParser{tokens: tokens, text: text}
	return p.parse()
}

func unquoted(text string) string {
	if n := len(text); n >= 2 && (text[0] == '\'' || text[0] == '"') && text[n-1] == text[0] {
		return text[1 : n-1]
	}
	return text
}

type commandParser struct {
	tokens []word
	text   string
}

// next takes the next word; at the end it is the zero word.
func (p *commandParser) next() (word, bool) {
	if len(p.tokens) == 0 {
		return word{}, false
	}
	w := p.tokens[0]
	p.tokens = p.tokens[1:]
	return w, true
}

func (p *commandParser) expect(what string) (string, error) {
	w, ok := p.next()
	if !ok {
		return "", commandErrorf("Wrong command: %s: expected %s", p.text, what)
	}
	return w.text, nil
}

func (p *commandParser) parse() (cmd command, err error) {
	if cmd.Verb, err = p.expect("a command"); err != nil {
		return cmd, err
	}
	switch cmd.Verb {
	case "setopt":
		if cmd.Object, err = p.expect("option name"); err != nil {
			return cmd, err
		}
		if cmd.Value, err = p.expect("option value"); err != nil {
			return cmd, err
		}
		return cmd, p.end()
	case "switch":
		name, err := p.expect("server name")
		cmd.Names = []string{name}
		if err != nil {
			return cmd, err
		}
		return cmd, p.end()
	case "config":
		return cmd, nil
	case "env":
		return p.environment(cmd)
	}
	if cmd.Object, err = p.expect("its object"); err != nil {
		return cmd, err
	}
	switch cmd.Object {
	case "server":
		return p.server(cmd)
	case "connection":
		return p.connection(cmd)
	case "filter":
		return p.filter(cmd)
	case "variable", "variables":
		cmd.Object = "variable"
		return p.variable(cmd)
	}
	return cmd, commandErrorf("Wrong command: '%s'", p.text)
}

func (p *commandParser) end() error {
	if w, more := p.next(); more {
		return commandErrorf("Wrong command: '%s': unexpected '%s'", p.text, w.text)
	}
	return nil
}

func (p *commandParser) environment(cmd command) (command, error) {
	name, err := p.expect("variable name")
	if err != nil {
		return cmd, err
	}
	cmd.Names = []string{name}
	if sign, _ := p.next(); sign.text != "=" {
		return cmd, commandErrorf("Wrong token for env: expected '=', got '%s'", sign.text)
	}
	if cmd.Value, err = p.expect("value"); err != nil {
		return cmd, err
	}
	return cmd, p.end()
}

func (p *commandParser) server(cmd command) (command, error) {
	name, err := p.expect("server name")
	if err != nil {
		return cmd, err
	}
	cmd.Names = []string{name}
	cmd.Options = map[string]string{}
	with, more := p.next()
	if !more {
		return cmd, nil
	}
	if with.text != "with" {
		return cmd, commandErrorf("Wrong token for server: expected 'with', got '%s'", with.text)
	}
	for len(p.tokens) > 0 {
		key, _ := p.next()
		if sign, _ := p.next(); sign.text != "=" || sign.quoted {
			return cmd, commandErrorf("Wrong token for server: expected '=' after '%s', got '%s'", key.text, sign.text)
		}
		if cmd.Options[key.text], err = p.expect("value of " + key.text); err != nil {
			return cmd, err
		}
		if comma, more := p.next(); more && (comma.text != "," || comma.quoted) {
			return cmd, commandErrorf("Wrong token for server: expected ',', got '%s'", comma.text)
		}
	}
	return cmd, nil
}

func (p *commandParser) connection(cmd command) (command, error) {
	name, err := p.expect("connection name")
	if err != nil {
		return cmd, err
	}
	cmd.Names = []string{name}
	for {
		w, more := p.next()
		switch {
		case !more:
			return cmd, nil
		case w.text == "to" && len(cmd.Names) == 1:
			if cmd.Value, err = p.expect("server name"); err != nil {
				return cmd, err
			}
			return cmd, p.end()
		case w.text == ",":
			if name, err = p.expect("connection name"); err != nil {
				return cmd, err
			}
			cmd.Names = append(cmd.Names, name)
		default:
			return cmd, commandErrorf("Wrong token for connection: expected 'to' or ',', got '%s'", w.text)
		}
	}
}

func (p *commandParser) filter(cmd command) (command, error) {
	if cmd.Verb != "push" {
		return cmd, p.end()
	}
	pattern, err := p.expect("pattern")
	if err != nil {
		return cmd, err
	}
	cmd.Names = []string{pattern}
	if to, _ := p.next(); to.text != "to" {
		return cmd, commandErrorf("Wrong token for filter: expected 'to', got '%s'", to.text)
	}
	if cmd.Value, err = p.expect("replacement"); err != nil {
		return cmd, err
	}
	return cmd, p.end()
}

func (p *commandParser) variable(cmd command) (command, error) {
	name, err := p.expect("variable name")
	if err != nil {
		return cmd, err
	}
	cmd.Names = []string{name}
	if to, _ := p.next(); to.text != "to" {
		return cmd, commandErrorf("Wrong token for variable: expected 'to', got '%s'", to.text)
	}
	if cmd.Value, err = p.expect("SERVER.admin, SERVER.listen or SERVER.master"); err != nil {
		return cmd, err
	}
	return cmd, p.end()
}
