package reload

import (
	"shardlua/runtime/module"
)

// Capturer remembers some state and returns the function that puts it back. Both are called with the baton.
type Capturer func() (restore func())

type capturersKey struct{}

type capturers struct{ list []Capturer }

// AddCapturer lets a package of the host take part in every reload.
func AddCapturer(h module.Host, c Capturer) {
	all := capturersOf(h)
	all.list = append(all.list, c)
}

func capturersOf(h module.Host) *capturers {
	if c, ok := h.Service(capturersKey{}).(*capturers); ok {
		return c
	}
	c := &capturers{}
	h.SetService(capturersKey{}, c)
	return c
}
