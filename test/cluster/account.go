package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Account is where the buckets are.
type Account struct {
	// Active counts the buckets that serve, by replica set in the order of the topology.
	Active []int
	// Lost are the buckets that nobody serves, Doubled those that more than one serves.
	Lost, Doubled []int
	// Moving counts the records of buckets that are on their way.
	Moving int

	owner map[int]int // bucket to the number of its replica set
}

// Exact tells whether every bucket is active exactly once.
func (a Account) Exact() bool { return len(a.Lost) == 0 && len(a.Doubled) == 0 }

func (a Account) String() string {
	var counts []string
	for _, n := range a.Active {
		counts = append(counts, fmt.Sprint(n))
	}
	text := strings.Join(counts, " + ")
	if !a.Exact() {
		text += fmt.Sprintf(", %d lost, %d doubled", len(a.Lost), len(a.Doubled))
	}
	return text
}

// Buckets counts the buckets as the masters have them at this moment; one that moves meanwhile may be missing or doubled,
// so see Settle.
func (c *Cluster) Buckets(ctx context.Context) (Account, error) {
	a := Account{Active: make([]int, len(c.Topology.ReplicaSets)), owner: map[int]int{}}
	seen := map[int]int{}
	for n, master := range c.Masters() {
		var records map[string][]int
		err := master.Eval(ctx, &records, `
			local list = {}
			for _, t in box.space._bucket:pairs() do
			    list[t.status] = list[t.status] or {}
			    table.insert(list[t.status], t.id)
			end
			return list`)
		if err != nil {
			return a, err
		}
		a.Moving += len(records["sending"]) + len(records["receiving"])
		for _, id := range append(records["active"], records["pinned"]...) {
			a.Active[n]++
			a.owner[id] = n
			seen[id]++
		}
	}
	for id := 1; id <= c.Topology.buckets(); id++ {
		switch n := seen[id]; {
		case n == 0:
			a.Lost = append(a.Lost, id)
		case n > 1:
			a.Doubled = append(a.Doubled, id)
		}
	}
	return a, nil
}

// Settle waits until no bucket moves and each is active exactly once, and returns the account. When ctx ends before, the
// account tells what is wrong, and the error is that of ctx.
func (c *Cluster) Settle(ctx context.Context) (Account, error) {
	return c.settle(ctx, func(Account) bool { return true })
}

// Rebalanced waits until the replica sets have these numbers of buckets, each bucket once. Progress, when given, is told
// each account on the way.
func (c *Cluster) Rebalanced(ctx context.Context, want []int, progress func(Account)) (Account, error) {
	return c.settle(ctx, func(a Account) bool {
		if progress != nil {
			progress(a)
		}
		return slices.Equal(a.Active, want)
	})
}

func (c *Cluster) settle(ctx context.Context, done func(Account) bool) (Account, error) {
	var last Account
	err := c.until(ctx, func() (bool, error) {
		a, err := c.Buckets(ctx)
		if err != nil {
			return false, err
		}
		last = a
		if done(a) && a.Exact() && a.Moving == 0 {
			return true, nil
		}
		return false, Each(c.Masters(), func(i *Instance) error {
			return i.Eval(ctx, nil, "vshard.storage.rebalancer_wakeup() vshard.storage.recovery_wakeup()")
		})
	})
	return last, err
}

// Losses is what became of the tuples that were written.
type Losses struct {
	Written, Lost, Doubled int
}

// Exact tells whether every tuple is there once.
func (l Losses) Exact() bool { return l.Lost == 0 && l.Doubled == 0 }

// Tuples looks for every tuple that was written, by id with its bucket, in a space with the fields id and bucket_id: it has
// to be where its bucket is active, and only there.
func (c *Cluster) Tuples(ctx context.Context, space string, written map[uint64]int) (Losses, error) {
	account, err := c.Buckets(ctx)
	if err != nil {
		return Losses{}, err
	}
	found := map[uint64]int{}
	for n, master := range c.Masters() {
		var rows [][2]uint64
		err := master.Eval(ctx, &rows, `
			local list = {}
			for _, t in box.space[...]:pairs() do
			    table.insert(list, {t.id, t.bucket_id})
			end
			return list`, space)
		if err != nil {
			return Losses{}, err
		}
		for _, row := range rows {
			// The copies that a sent bucket leaves behind, until they are collected, serve nobody.
			if owner, ok := account.owner[int(row[1])]; ok && owner == n {
				found[row[0]]++
			}
		}
	}
	l := Losses{Written: len(written)}
	for id := range written {
		switch n := found[id]; {
		case n == 0:
			l.Lost++
		case n > 1:
			l.Doubled++
		}
	}
	return l, nil
}
