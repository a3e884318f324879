package wal

// Watcher tells a relay that there may be more to read.
type Watcher struct {
	log *Log
	c   chan struct{}
}

// Watch begins to watch: the channel of C gets a value after each write and each rotation, and when the log closes.
// Values that are not taken are merged into one.
func (l *Log) Watch() *Watcher {
	w := &Watcher{log: l, c: make(chan struct{}, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watchers[w] = struct{}{}
	return w
}

// C is the channel to wait on. It is never closed.
func (w *Watcher) C() <-chan struct{} { return w.c }

// Close ends the watching.
func (w *Watcher) Close() {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	delete(w.log.watchers, w)
}

func (l *Log) notify() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for w := range l.watchers {
		select {
		case w.c <- struct{}{}:
		default:
		}
	}
}
