package progress_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"shardlua/test/progress"
)

// page can be read while it is written.
type page struct {
	mu   sync.Mutex
	text strings.Builder
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

func TestPlainLines(t *testing.T) {
	var out page
	steps := progress.New(&out, false)
	steps.Begin("start", func() string { return "never shown" })
	steps.Done("%d instances", 4)
	steps.Begin("refuse", nil)
	steps.Done("as it should:\nthe reason\nand more")
	steps.Begin("dropped", nil)
	steps.Drop()
	steps.Begin("fail", nil)
	steps.Failed("no")
	want := regexp.MustCompile(`^   0\.\d s  start      4 instances
   0\.\d s  refuse     as it should:
                     the reason
                     and more
!  0\.\d s  fail       no
$`)
	if !want.MatchString(out.String()) {
		t.Errorf("%q", out.String())
	}
}

func TestLiveLine(t *testing.T) {
	var out page
	steps := progress.New(&out, true)
	var mu sync.Mutex
	turns := 0
	steps.Begin("work", func() string {
		mu.Lock()
		defer mu.Unlock()
		turns++
		return strings.Repeat("busy ", 30)
	})
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		mu.Lock()
		enough := turns >= 3
		mu.Unlock()
		if enough {
			break
		}
	}
	steps.Done("done")
	text := out.String()
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "work       done\x1b[K\n") {
		t.Errorf("%q", text)
	}
	for i, line := range strings.Split(text, "\r")[1:] {
		if n := len([]rune(strings.TrimSuffix(line, "\x1b[K"))); i < 3 && (n >= 80 || !strings.HasSuffix(line, "…\x1b[K")) {
			t.Errorf("line %d does not fit the terminal (%d): %q", i, n, line)
		}
	}
}
