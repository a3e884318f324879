package console

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"go.yaml.in/yaml/v3"

	"shardlua/runtime/sched"
)

// Ask evaluates a chunk, which returns a string, at the console of another instance, by the text or by the binary
// protocol. L is the calling fiber's thread.
func (c *Console) Ask(L *lua.LState, uri, chunk string) (string, error) {
	s := &Session{console: c}
	if err := s.Connect(L, uri, sched.Forever); err != nil {
		return "", err
	}
	defer s.remote.close()
	answer, err := s.remote.ask(c.host.Sched().Current(), L, chunk)
	if err != nil {
		return "", err
	}
	text, ok := single(answer)
	if !ok {
		return "", fmt.Errorf("unexpected answer: %s", strings.TrimSpace(answer))
	}
	return text, nil
}

// single is the string that an answer consists of: in YAML, alone or as an item of a list, or in Lua's syntax, which
// YAML reads as well.
func single(answer string) (string, bool) {
	var value any
	if yaml.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(answer), ";")), &value) != nil {
		return "", false
	}
	if list, ok := value.([]any); ok && len(list) == 1 {
		value = list[0]
	}
	text, ok := value.(string)
	return text, ok
}
