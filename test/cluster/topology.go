package cluster

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// Topology is which replica sets there are, and what sharding is to know about them.
type Topology struct {
	ReplicaSets []ReplicaSet
	// Buckets is the number of buckets; 0 means 3000.
	Buckets int
	// Options are further options of the sharding configuration, such as rebalancer_max_sending.
	Options map[string]any
}

// ReplicaSet is a group of instances with the same data. The first is the master.
type ReplicaSet struct {
	UUID      string
	Instances []Member
	// Weight is the share of the buckets, relative to the others.
	Weight float64
}

// Member is an instance as the topology knows it.
type Member struct{ Name, UUID string }

// Grid is a topology of equal replica sets. Instances are called storage_1_a, storage_1_b, storage_2_a and so on.
func Grid(replicaSets, instances int) Topology {
	var t Topology
	for i := range replicaSets {
		set := ReplicaSet{UUID: stableUUID(fmt.Sprintf("replicaset_%d", i+1)), Weight: 1}
		for j := range instances {
			name := fmt.Sprintf("storage_%d_%c", i+1, 'a'+j)
			set.Instances = append(set.Instances, Member{Name: name, UUID: stableUUID(name)})
		}
		t.ReplicaSets = append(t.ReplicaSets, set)
	}
	return t
}

// stableUUID makes the same uuid of the same name every time.
func stableUUID(name string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("shardlua/test/cluster/"+name)).String()
}

// defaultBuckets is what vshard takes when the configuration does not say.
const defaultBuckets = 3000

func (t Topology) buckets() int {
	if t.Buckets == 0 {
		return defaultBuckets
	}
	return t.Buckets
}

// config is the sharding configuration, as storages and routers take it.
func (t Topology) config() map[string]any {
	sharding := map[string]any{}
	for _, set := range t.ReplicaSets {
		replicas := map[string]any{}
		for i, m := range set.Instances {
			replicas[m.UUID] = map[string]any{
				"name": m.Name, "uri": "storage:storage@unix/:./" + m.Name + ".sock", "master": i == 0,
			}
		}
		sharding[set.UUID] = map[string]any{"replicas": replicas, "weight": set.Weight}
	}
	config := map[string]any{"bucket_count": t.buckets(), "sharding": sharding}
	for name, value := range t.Options {
		config[name] = value
	}
	return config
}

// configFile is where instances read the configuration when they start.
const configFile = "cluster.json"

func (t Topology) write(dir string) error {
	text, err := json.MarshalIndent(t.config(), "", "  ")
	if err != nil {
		return fmt.Errorf("configuration of the cluster: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, configFile), append(text, '\n'), 0o644)
}
