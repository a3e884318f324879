package replication_test

import (
	"testing"
)

func TestReplicaJoinsAndFollows(t *testing.T) {
	dir := socketDir(t)
	master := newInstance(t, dir, "m", setup{options: options()}).mustStart().grant()
	master.createSpace(512, "t", map[string]any{})
	master.createSpace(513, "mine", map[string]any{"group_id": 1})
	master.put("t", 1, "before")
	master.put("mine", 1)
	replica := newInstance(t, dir, "r", setup{options: options(master.config.listen)}).mustStart()
	if got := replica.contents("t"); got != master.contents("t") {
		t.Errorf("after JOIN: %s", got)
	}
	if n := replica.rows("mine"); n != 0 {
		t.Errorf("a local space came over: %d rows", n)
	}
	if replica.store.InstanceID() != 2 {
		t.Errorf("id %d", replica.store.InstanceID())
	}
	master.put("mine", 2)
	for i := 2; i < 100; i++ {
		master.put("t", i, "after")
	}
	eventually(t, "rows", func() bool { return replica.rows("t") == 99 })
	eventually(t, "follow", func() bool { return replica.upstream(1).Status == "follow" })
	eventually(t, "ack", func() bool {
		v := master.vclock()
		d := master.downstream(2).VClock
		return v.CompareReplicated(&d) == 0
	})
	replica.stop()
	master.put("t", 100, "meanwhile")
	replica.mustStart()
	eventually(t, "rows after restart", func() bool { return replica.rows("t") == 100 })
}
