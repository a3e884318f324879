package demo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// check stops the load and counts what became of everything.
func (s *show) check(ctx context.Context) error {
	s.steps.Begin("check", s.pulse)
	counters := s.load.Stop()
	account, err := s.cluster.Settle(ctx)
	if err != nil && account.Exact() {
		return err
	}
	losses, err := s.cluster.Tuples(ctx, "orders", s.load.Written())
	if err != nil {
		return err
	}
	s.steps.Done("every bucket and every order is where it belongs, once")
	fmt.Fprintf(s.out, `
  calls        %s through the router, %d failed
  worst pause  %s (half of the calls took at most %s, 99.9 %% at most %s)
  migrations   %d run, 1 refused and rolled back
  buckets      %s moved under load, %s active, %d lost, %d doubled
  orders       %s written, %d lost, %d doubled
`,
		grouped(counters.Calls), counters.Failures,
		short(counters.Worst), short(s.load.Quantile(0.5)), short(s.load.Quantile(0.999)),
		s.migrated,
		grouped(s.before.Active[0]-s.after.Active[0]), grouped(account.Active[0]+account.Active[1]), len(account.Lost), len(account.Doubled),
		grouped(losses.Written), losses.Lost, losses.Doubled)
	switch {
	case counters.Failures > 0:
		return fmt.Errorf("%d calls failed, the last one with: %w", counters.Failures, counters.LastFailure)
	case !account.Exact():
		return fmt.Errorf("buckets are lost or doubled: %v", account)
	case !losses.Exact():
		return fmt.Errorf("orders are lost or doubled: %+v", losses)
	}
	return nil
}

// invite says how to look around.
func (s *show) invite() {
	if !s.keep {
		fmt.Fprintf(s.out, `
The cluster is stopped and its files are removed. To look around in one that stays:

  %s demo --keep
`, s.program)
		return
	}
	master := s.cluster.Masters()[0]
	fmt.Fprintf(s.out, `
The cluster stays up. Look around on a storage, on the router, and in the module that was rolled out:

  echo 'vshard.storage.info().bucket' | %[1]s connect %[2]s
  echo 'orders.top()' | %[1]s connect %[2]s
  echo 'vshard.router.callrw(1, "orders.sold", {"apples"})' | %[1]s connect %[3]s
  %[1]s connect %[2]s

Everything lies in %[4]s: code/NAME is what an instance loads, versions/ what there is, NAME.log its log. To stop it:

  kill $(cat %[4]s/*.pid); until rm -rf %[4]s 2>/dev/null; do sleep 0.1; done
`, s.program, master.Control(), s.cluster.Router.Control(), s.dir)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// short is a duration with two digits that count, in milliseconds.
func short(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 10 {
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	}
	return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
}

// grouped is a number with its thousands apart.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}
