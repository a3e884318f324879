package wire

import (
	"testing"

	"shardlua/runtime/iproto"
)

// TestFrames holds every kind of work to what the load relies on: frames that are requests, and of one length.
func TestFrames(t *testing.T) {
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			size := len(w.frame(0))
			for n := range 20_000 {
				b := w.frame(n)
				if len(b) != size {
					t.Fatalf("frame %d has %d bytes, the first one %d", n, len(b), size)
				}
				frame, used, err := iproto.NextFrame(b)
				if err != nil || used != size {
					t.Fatalf("frame %d: %d bytes, %v", n, used, err)
				}
				var r iproto.Request
				if err := r.Decode(frame); err != nil {
					t.Fatalf("frame %d: %v", n, err)
				}
			}
			for _, topology := range topologies {
				if topology.name == w.topology {
					return
				}
			}
			t.Errorf("there is no topology %q", w.topology)
		})
	}
}
