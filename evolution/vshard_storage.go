package evolution

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/sys"
	"shardlua/runtime/vm"
)

// vshardStorage has the migrations of the sharding module's storage. The comment of vshard/storage/reload_evolution.lua
// says what the code needs of each.
func vshardStorage() *List {
	return &List{Module: "vshard.storage", Migrations: []Migration{
		{Name: "describe transfers of buckets", Up: describeTransfers},
	}}
}

// describeTransfers makes a table of each record of a transfer in flight, which was true before. The table that holds
// the records stays the same one, because calls in flight remove theirs from it.
func describeTransfers(in Internals) error {
	transfers, ok := in.Get("rebalancer_transfering_buckets").(*lua.LTable)
	if !ok {
		transfers = in.NewTable()
		in.Set("rebalancer_transfering_buckets", transfers)
	}
	var buckets []lua.LValue
	transfers.ForEach(func(bucket, record lua.LValue) {
		if record == lua.LTrue {
			buckets = append(buckets, bucket)
		}
	})
	since := monotonic()
	for _, bucket := range buckets {
		record := in.NewTable()
		record.RawSetString("direction", lua.LString("unknown"))
		record.RawSetString("since", lua.LNumber(since))
		vm.RawSet(transfers, bucket, record)
	}
	statistics := in.NewTable()
	for _, count := range []string{"sent", "received", "failed"} {
		statistics.RawSetString(count, lua.LNumber(0))
	}
	in.Default("transfer_statistics", statistics)
	return nil
}

// monotonic is the clock that scripts read with clock.monotonic, in seconds.
func monotonic() float64 {
	return float64(sys.NewClock().Monotonic()) / float64(time.Second)
}
