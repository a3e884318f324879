package replication_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/sys"
	"shardlua/runtime/sys/systest"
	"shardlua/runtime/xlog/vclock"
)

// mesh starts n instances at once that all know each other; the first has the lowest uuid.
func mesh(t *testing.T, dir string, n int, network sys.Network) []*instance {
	t.Helper()
	var uris []string
	for i := range n {
		uris = append(uris, filepath.Join(dir, fmt.Sprintf("i%d.sock", i)))
	}
	var all []*instance
	for i := range n {
		o := options(uris...)
		o.ConnectTimeout = time.Second
		all = append(all, newInstance(t, dir, fmt.Sprintf("i%d", i), setup{options: o, network: network,
			instanceUUID: uuid.MustParse(fmt.Sprintf("%d0000000-0000-4000-8000-000000000000", i+1))}))
	}
	var wg sync.WaitGroup
	for i := n - 1; i >= 0; i-- {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := all[i].start(); err != nil {
				t.Error(err)
			}
			if i == 0 {
				all[0].grant()
			}
		}()
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return all
}

func inStep(t *testing.T, all []*instance) {
	t.Helper()
	eventually(t, "the same vclock everywhere", func() bool {
		first := all[0].vclock()
		for _, i := range all[1:] {
			v := i.vclock()
			if v.CompareReplicated(&first) != vclock.Equal {
				return false
			}
		}
		return true
	})
	for _, i := range all[1:] {
		if i.contents("t") != all[0].contents("t") {
			t.Errorf("%s and %s differ", i.name, all[0].name)
		}
	}
}

// Three instances that start at once make one replica set, and converge whatever the network does to them.
func TestFullMesh(t *testing.T) {
	dir := socketDir(t)
	network := systest.NewNetwork(sys.NewClock())
	all := mesh(t, dir, 3, network)
	for _, i := range all {
		if got, want := i.store.DB().ClusterUUID(), all[0].store.DB().ClusterUUID(); got != want {
			t.Fatalf("%s is in the replica set %s, not %s", i.name, got, want)
		}
	}
	if all[0].store.InstanceID() != 1 {
		t.Errorf("the lowest uuid has the id %d", all[0].store.InstanceID())
	}
	all[0].createSpace(512, "t", map[string]any{})
	inStep(t, all)
	network.SetDelay(time.Millisecond)
	var wg sync.WaitGroup
	for n, i := range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := range 600 {
				i.put("t", k*3+n, i.name)
				if k%200 == 100 {
					network.Break()
				}
			}
		}()
	}
	wg.Wait()
	inStep(t, all)
	if n := all[0].rows("t"); n != 1800 {
		t.Errorf("%d rows", n)
	}
	network.SetDropping(true)
	all[1].put("t", 5000, "while nothing gets through")
	time.Sleep(300 * time.Millisecond) // longer than four heartbeats
	network.SetDropping(false)
	inStep(t, all)
	allFollow(t, all)
}

// A replica that only receives gives signs of life to the master all the same.
func TestReplicaUnderLoadIsHeardOf(t *testing.T) {
	all := mesh(t, socketDir(t), 2, nil)
	all[0].createSpace(512, "t", map[string]any{})
	inStep(t, all)
	allFollow(t, all)
	before := all[0].log.String()
	patience := 4 * options().Timeout
	for began, k := time.Now(), 0; time.Since(began) < 3*patience; k++ {
		all[0].put("t", k, "more often than heartbeats")
		time.Sleep(options().Timeout / 10)
	}
	if log := strings.TrimPrefix(all[0].log.String(), before); strings.Contains(log, "timed out") {
		t.Errorf("the master has lost its replica:\n%s", log)
	}
}

// allFollow waits until box.info.replication of every instance shows that it follows, and is followed by, all others.
func allFollow(t *testing.T, all []*instance) {
	t.Helper()
	var last string
	defer func() {
		if t.Failed() {
			t.Log(last)
		}
	}()
	eventually(t, "all follow all", func() bool {
		for _, i := range all {
			for _, info := range i.infos() {
				if info.UUID == i.config.instanceUUID {
					continue
				}
				if info.Upstream == nil || info.Upstream.Status != "follow" || info.Downstream == nil || info.Downstream.Status != "follow" {
					last = fmt.Sprintf("%s has of %d upstream %+v, downstream %+v", i.name, info.ID, info.Upstream, info.Downstream)
					return false
				}
			}
		}
		return true
	})
}

// Any of three instances can be stopped and started while the others go on.
func TestRestartInMesh(t *testing.T) {
	dir := socketDir(t)
	all := mesh(t, dir, 3, nil)
	all[0].createSpace(512, "t", map[string]any{})
	inStep(t, all)
	for round, i := range all {
		i.stop()
		for n, other := range all {
			if other != i {
				for k := range 50 {
					other.put("t", round*1000+n*100+k, other.name)
				}
			}
		}
		i.mustStart()
		i.put("t", round*1000+900, i.name)
		inStep(t, all)
	}
	if n := all[0].rows("t"); n != 3*101 {
		t.Errorf("%d rows", n)
	}
}
