package runtime

import (
	"os"
	"syscall"
)

func signalNumber(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return int(n)
	}
	return 0
}

// signalText is C's strsignal.
func signalText(s os.Signal) string {
	text := s.String()
	if text == "" {
		return text
	}
	return string(text[0]-'a'+'A') + text[1:]
}
