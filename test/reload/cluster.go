package reload

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"shardlua/runtime"
)

//go:embed instance.lua
var script string

// Roles of an instance.
const (
	Storage = "storage"
	Router  = "router"
	Both    = "storage,router"
)

// Topology is the size of a cluster. The storages are storage_1_a, storage_1_b, …, storage_2_a, …; those with an a are
// the masters.
type Topology struct {
	Shards, Replicas, Buckets int
	// Options are more fields of vshard's configuration, as Lua text: "rebalancer_mode = 'off',".
	Options string
}

// Cluster is a directory in which instances find each other.
type Cluster struct {
	// Dir has the sockets, the configuration, and a directory for each instance. Sockets want it to be short.
	Dir string
	// Source is the directory that has vshard as a package for Lua. Versions can be exchanged in it.
	Source string
	// Log is told about instances that end badly; nil is nobody.
	Log func(format string, args ...any)
}

// Instance is one member of a cluster that runs.
type Instance struct {
	*Client
	Name, Socket string
	// Host is the instance in this process, nil when it is a process of its own.
	Host *runtime.Host
	// LogFile is what it writes its log to.
	LogFile string

	process *exec.Cmd
	ended   chan struct{}
	failed  chan error // of the script of a Host
}

// NewCluster writes the configuration of a cluster into a directory.
func NewCluster(dir, source string, t Topology) (*Cluster, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "return {bucket_count = %d, %s sharding = {\n", t.Buckets, t.Options)
	for s := 1; s <= t.Shards; s++ {
		fmt.Fprintf(&b, "['%08d-0000-4000-8000-000000000000'] = {replicas = {\n", s)
		for r := 1; r <= t.Replicas; r++ {
			name := fmt.Sprintf("storage_%d_%c", s, 'a'+r-1)
			fmt.Fprintf(&b, "['%08d-0000-4000-8000-%012d'] = {uri = 'storage:storage@unix/:%s.sock', name = '%s', master = %v},\n",
				s, r, filepath.Join(dir, name), name, r == 1)
		}
		b.WriteString("}},\n")
	}
	b.WriteString("}}\n")
	c := &Cluster{Dir: dir, Source: source}
	return c, os.WriteFile(filepath.Join(dir, "topology.lua"), []byte(b.String()), 0o600)
}

// ReplicasetUUID is the uuid of a shard, counted from 1.
func ReplicasetUUID(shard int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", shard) }

func (c *Cluster) prepare(name string) (*Instance, error) {
	own := filepath.Join(c.Dir, name)
	if err := os.MkdirAll(own, 0o700); err != nil {
		return nil, err
	}
	return &Instance{Name: name, Socket: own + ".sock", LogFile: filepath.Join(own, "log")}, nil
}

// StartProcess starts an instance as a process of an executable, and waits until it works.
func (c *Cluster) StartProcess(executable, name, roles string) (*Instance, error) {
	i, err := c.prepare(name)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(c.Dir, "instance.lua")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return nil, err
	}
	i.process = exec.Command(executable, file, c.Source, c.Dir, name, roles)
	output, err := os.Create(i.LogFile + ".stderr")
	if err != nil {
		return nil, err
	}
	defer output.Close()
	i.process.Stdout, i.process.Stderr = output, output
	if err := i.process.Start(); err != nil {
		return nil, err
	}
	i.ended = make(chan struct{})
	go func() {
		defer close(i.ended)
		if err := i.process.Wait(); err != nil && c.Log != nil {
			c.Log("%s: %v", name, err)
		}
	}()
	return i, i.await()
}

// StartHost starts an instance in this process, and waits until it works.
func (c *Cluster) StartHost(name, roles string) (*Instance, error) {
	i, err := c.prepare(name)
	if err != nil {
		return nil, err
	}
	output, err := os.Create(i.LogFile + ".stderr")
	if err != nil {
		return nil, err
	}
	if i.Host, err = runtime.New(runtime.Options{Stdout: output, Stderr: output}); err != nil {
		return nil, err
	}
	i.ended = make(chan struct{})
	i.failed = make(chan error, 1)
	go func() {
		if _, err := i.Host.Eval(script, c.Source, c.Dir, name, roles); err != nil {
			i.failed <- err
		}
	}()
	return i, i.await()
}

// await waits until the instance's script has run to its end. Instances of a cluster may wait for each other, so it
// takes the socket that is there as a sign of life only.
func (i *Instance) await() error {
	deadline := time.Now().Add(patience)
	err := errors.New("it does not listen")
	for time.Now().Before(deadline) {
		select {
		case <-i.ended:
			return fmt.Errorf("%s has ended: %s", i.Name, i.stderr())
		case err := <-i.failed:
			return fmt.Errorf("%s: %w", i.Name, err)
		default:
		}
		if i.Client == nil {
			if client, dialErr := Dial(i.Socket); dialErr == nil {
				i.Client = client
			}
		}
		if i.Client != nil {
			var values []any
			if values, err = i.Eval("return rawget(_G, 'is_ready')"); err == nil && len(values) == 1 && values[0] == true {
				return nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("%s does not start: %v: %s", i.Name, err, i.stderr())
}

func (i *Instance) stderr() string {
	text, _ := os.ReadFile(i.LogFile + ".stderr")
	return string(text)
}

// LogText is what the instance has logged.
func (i *Instance) LogText() string {
	text, _ := os.ReadFile(i.LogFile)
	return string(text)
}

// Reload loads a module anew in the way of scripts: out of package.loaded, and required again.
func (i *Instance) Reload(module string) error {
	_, err := i.Call("reload", module)
	return err
}

// Stop ends the instance.
func (i *Instance) Stop() error {
	if i.Client != nil {
		i.Client.Close()
	}
	if i.Host != nil {
		return i.Host.Close()
	}
	if err := i.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-i.ended:
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s does not end", i.Name), i.process.Process.Kill())
	}
}
