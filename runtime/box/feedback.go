package box

import (
	"encoding/json"
	"errors"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/errno"
	"shardlua/runtime/vm"
)

// openFeedback makes box.feedback. Nothing is ever sent anywhere, whatever feedback_enabled says: a report can be saved
// to a file, and that is all.
func (b *Box) openFeedback(L *lua.LState) {
	b.exports.RawSetString("feedback", methods(L, map[string]lua.LGFunction{"save": b.feedbackSave}))
}

// report is what Tarantool would have told its makers.
type report struct {
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Features struct {
		Schema map[string]int `json:"schema"`
	} `json:"features"`
	ClusterID string `json:"cluster_id"`
	CGroup    string `json:"cgroup"`
	Version   string `json:"tarantool_version"`
	ServerID  string `json:"server_id"`
	Format    int    `json:"feedback_version"`
}

// feedbackSave is box.feedback.save(path).
func (b *Box) feedbackSave(L *lua.LState) int {
	path, ok := L.Get(1).(lua.LString)
	if !ok {
		usage(L, "builtin/box/feedback_daemon.lua:332", "Usage: box.feedback.save(path)")
	}
	r := report{OS: "Linux", Arch: "x64", ClusterID: b.db.ClusterUUID(), Version: b.host.Version(),
		ServerID: b.inst.store.InstanceUUID().String(), Format: 2}
	r.Features.Schema = b.schemaFeatures()
	data, err := json.Marshal(r)
	if err == nil {
		err = b.writeFile(string(path), data)
	}
	var number syscall.Errno
	if errors.As(err, &number) {
		err = boxerr.NewSystem(boxerr.ClassSystemError, int(number), "fio: %s", errno.Text(int(number)))
	}
	if err != nil {
		b.raise(L, err)
	}
	return 0
}

func (b *Box) writeFile(path string, data []byte) error {
	f, err := b.host.Machine().Disk.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// schemaFeatures counts what the spaces of users are made of.
func (b *Box) schemaFeatures() map[string]int {
	n := map[string]int{}
	for _, name := range []string{"memtx_spaces", "vinyl_spaces", "temporary_spaces", "local_spaces", "tree_indices",
		"hash_indices", "rtree_indices", "bitset_indices", "jsonpath_indices", "jsonpath_multikey_indices",
		"functional_indices", "functional_multikey_indices"} {
		n[name] = 0
	}
	for _, s := range b.db.Spaces() {
		if s.IsSystem() {
			continue
		}
		n[s.Def().Engine+"_spaces"]++
		if s.Def().Temporary {
			n["temporary_spaces"]++
		}
		if s.Def().Local {
			n["local_spaces"]++
		}
		for _, x := range s.Indexes() {
			n[indexFeature(b.db, x)]++
		}
	}
	return n
}

func indexFeature(d *db.DB, x *db.Index) string {
	if id := x.Def().FuncID; id != 0 {
		if f := d.Function(id); f != nil && f.Multikey {
			return "functional_multikey_indices"
		}
		return "functional_indices"
	}
	for _, p := range x.KeyDef().Parts() {
		if p.Path == "" {
			continue
		}
		if x.KeyDef().IsMultikey() {
			return "jsonpath_multikey_indices"
		}
		return "jsonpath_indices"
	}
	if x.Def().Type == db.Hash {
		return "hash_indices"
	}
	return "tree_indices"
}

// isNumber says whether an argument is what a C function takes for a number.
func isNumber(v lua.LValue) bool {
	_, ok := vm.ToNumber(v)
	return ok
}
