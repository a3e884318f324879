package evolution_test

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/evolution/evolutiontest"
	"shardlua/runtime/vm"
)

func TestTransfersInFlightAreDescribed(t *testing.T) {
	in := evolutiontest.Internals(t, `{rebalancer_transfering_buckets = {[3] = true, [3000] = true}}`)
	before := in.Get("rebalancer_transfering_buckets")
	list := evolution.Builtin()[0]
	if _, err := list.UpgradeTo(in, 1, func(evolution.Level, string) {}); err != nil {
		t.Fatal(err)
	}
	transfers := in.Get("rebalancer_transfering_buckets").(*lua.LTable)
	if lua.LValue(transfers) != before {
		t.Error("the table of transfers is another one; calls in flight hold the old one")
	}
	for _, bucket := range []int{3, 3000} {
		record, ok := vm.GetInt(transfers, bucket).(*lua.LTable)
		if !ok || record.RawGetString("direction") != lua.LString("unknown") || record.RawGetString("since").(lua.LNumber) <= 0 {
			t.Errorf("record of bucket %d: %v", bucket, vm.GetInt(transfers, bucket))
		}
	}
	statistics := in.Get("transfer_statistics").(*lua.LTable)
	if statistics.RawGetString("sent") != lua.LNumber(0) || statistics.RawGetString("failed") != lua.LNumber(0) {
		t.Error("the statistics are not there")
	}
	if in.Version() != 1 {
		t.Errorf("version %d", in.Version())
	}
}

func TestInternalsWithoutTransfersGetThem(t *testing.T) {
	in := evolutiontest.Internals(t, `{}`)
	if _, err := evolution.Builtin()[0].UpgradeTo(in, 1, func(evolution.Level, string) {}); err != nil {
		t.Fatal(err)
	}
	if _, ok := in.Get("rebalancer_transfering_buckets").(*lua.LTable); !ok {
		t.Error("no table of transfers")
	}
}
