package golden

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// scriptedInstance behaves like an executable under test as far as the runner
// can see: it answers on a console at ADMIN. Its language has a few words:
//
//	exit N        end with a code
//	signal N      send itself a signal
//	hang          never answer
//	hangup        close the connection
//	print TEXT    write to the log
//	spawn         start a child that outlives it, answer its pid
//	cmd TEXT      send a command to the inspector, answer the reply
//	env NAME      answer a variable
//	raw TEXT      answer a quoted Go string as it is
//
// Everything else is answered by itself. The lines of its script are executed
// before the console opens; a line "loading" delays the end of the script
// until the second question after it.
func scriptedInstance(args []string) int {
	if len(args) > 0 && args[0] == "-v" {
		fmt.Println(os.Getenv("GOLDEN_VERSION"))
		return 0
	}
	if len(args) < 3 || args[0] != "-l" {
		return runScriptedProgram(args[0])
	}
	text, err := os.ReadFile(args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	instance := &scripted{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if strings.HasPrefix(line, "--") || strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		if line == "loading" {
			instance.loading.Store(2)
			continue
		}
		instance.answer(line)
	}
	path, ok := strings.CutPrefix(os.Getenv("ADMIN"), "unix/:")
	network := "unix"
	if !ok {
		network, path = "tcp", os.Getenv("ADMIN")
	}
	listener, err := net.Listen(network, path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return 1
		}
		go instance.serve(conn)
	}
}

// runScriptedProgram is a test of an app suite: its lines are printed, those
// that begin with a bang are executed.
func runScriptedProgram(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if command, ok := strings.CutPrefix(line, "!"); ok {
			(&scripted{}).answer(command)
			continue
		}
		fmt.Println(line)
	}
	return 0
}

type scripted struct{ loading atomic.Int32 }

func (s *scripted) serve(conn net.Conn) {
	defer conn.Close()
	fmt.Fprintf(conn, "%-63s\n%-63s\n", "Scripted 1.0 (Lua console)", "type anything")
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if lines.Text() == "hangup" {
			return
		}
		fmt.Fprint(conn, s.answer(lines.Text()))
	}
}

func (s *scripted) answer(line string) string {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case strings.Contains(line, "loaded()"):
		return document(fmt.Sprint(s.loading.Add(-1) < 0))
	case line == "return true" || strings.Contains(line, "pretest_clean"):
		return document("true")
	case strings.HasPrefix(line, "env = require"):
		return document("")
	}
	switch word {
	case "exit":
		code, _ := strconv.Atoi(rest)
		os.Exit(code)
	case "signal":
		number, _ := strconv.Atoi(rest)
		syscall.Kill(os.Getpid(), syscall.Signal(number))
		time.Sleep(time.Minute)
	case "hang":
		time.Sleep(time.Hour)
	case "print":
		fmt.Fprintln(os.Stderr, rest)
		return document("")
	case "spawn":
		child := exec.Command("sleep", "600")
		if err := child.Start(); err != nil {
			return document(err.Error())
		}
		if rest != "" {
			os.WriteFile(rest, []byte(fmt.Sprint(child.Process.Pid)), 0o644)
		}
		return document(fmt.Sprint(child.Process.Pid))
	case "cmd":
		return document(inspect(rest))
	case "env":
		return document(os.Getenv(rest))
	case "raw":
		text, err := strconv.Unquote(rest)
		if err != nil {
			return document(err.Error())
		}
		return text
	}
	return document(line)
}

func document(value string) string {
	if value == "" {
		return "---\n...\n"
	}
	return "---\n- " + value + "\n...\n"
}

// inspect is what test_run:cmd does.
func inspect(command string) string {
	conn, err := net.Dial("tcp", "127.0.0.1:"+os.Getenv("INSPECTOR"))
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	request, _ := json.Marshal(inspectorRequest{command})
	conn.Write(append(request, '\n'))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return "no reply"
	}
	return strings.TrimSpace(line)
}
