package iproto

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// GreetingSize is the number of bytes that a server sends first: two lines of 64, padded with spaces.
const GreetingSize = 128

// SaltSize is the number of random bytes in a greeting; the first 20 of them matter.
const SaltSize = 32

// Protocols that a greeting can announce.
const (
	Binary     = "Binary"
	LuaConsole = "Lua console"
)

// ErrGreeting says that a server did not greet as Tarantool does.
//
//lint:ignore ST1005 Tarantool's words
var ErrGreeting = errors.New("Can't decode handshake")

// Greeting is what a server says of itself.
type Greeting struct {
	Version  string // "2.6.0"
	Protocol string // Binary or LuaConsole
	UUID     string // the instance's; empty in a console's greeting
	Salt     []byte
}

// Append adds the greeting's 128 bytes.
func (g *Greeting) Append(b []byte) []byte {
	first := fmt.Sprintf("Tarantool %s (%s) %s", g.Version, g.Protocol, g.UUID)
	second := base64.StdEncoding.EncodeToString(g.Salt)
	return fmt.Appendf(b, "%-63.63s\n%-63.63s\n", first, second)
}

// ParseGreeting reads the first 128 bytes of a connection: foreign bytes.
func ParseGreeting(b []byte) (*Greeting, error) {
	if len(b) < GreetingSize || b[63] != '\n' || b[127] != '\n' {
		return nil, ErrGreeting
	}
	words, ok := strings.CutPrefix(string(b[:63]), "Tarantool ")
	if !ok {
		return nil, ErrGreeting
	}
	g := &Greeting{Protocol: Binary}
	words = strings.TrimRight(words, " ")
	if i := strings.IndexByte(words, ' '); i >= 0 {
		g.Version = words[:i]
		rest := words[i+1:]
		open, end := strings.IndexByte(rest, '('), strings.IndexByte(rest, ')')
		if open != 0 || end < 0 {
			return nil, ErrGreeting
		}
		g.Protocol, g.UUID = rest[1:end], strings.TrimSpace(rest[end+1:])
	} else {
		g.Version = words
	}
	if g.Protocol != Binary {
		return g, nil
	}
	salt, err := base64.StdEncoding.DecodeString(strings.TrimRight(string(b[64:127]), " "))
	if err != nil || len(salt) < sha1.Size {
		return nil, ErrGreeting
	}
	g.Salt = salt
	return g, nil
}

// Scramble answers a greeting's salt by the method chap-sha1.
func Scramble(salt []byte, password string) []byte {
	first := sha1.Sum([]byte(password))
	second := sha1.Sum(first[:])
	h := sha1.New()
	h.Write(salt[:sha1.Size])
	h.Write(second[:])
	out := h.Sum(nil)
	for i := range out {
		out[i] ^= first[i]
	}
	return out
}
