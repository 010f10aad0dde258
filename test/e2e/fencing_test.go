package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// startPair starts a leader and another manager that stands by.
func (s *site) startPair() (leader, standby *process) {
	s.t.Helper()
	// A shard of its own has a lease of its own.
	flags := []string{"--leader-elect", "--leader-election-namespace", operatorNamespace, "--shard", s.namespace}
	leader = s.startManager(flags...)
	s.waitReady("wxorg/org")
	return leader, s.startManager(flags...)
}

// holder is who has the lease.
func (s *site) holder() string {
	s.t.Helper()
	return s.kubectl("--namespace", operatorNamespace, "get", "lease", s.namespace+".wxcc-operator.wxcc.dev", "-o", "jsonpath={.spec.holderIdentity}")
}

func (p *process) signal(signal syscall.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		p.t.Fatalf("%s: %v", signal, err)
	}
}

// waitTaken waits until another manager has the lease.
func (s *site) waitTaken(from string) {
	s.t.Helper()
	eventually(s.t, later, func() error {
		if now := s.holder(); now == "" || now == from {
			return fmt.Errorf("the lease is still held by %q", now)
		}
		return nil
	})
}

// waitEnded waits until a process that has lost its lease has ended.
func (p *process) waitEnded() {
	p.t.Helper()
	eventually(p.t, later, func() error {
		select {
		case <-p.done:
			return nil
		default:
			return fmt.Errorf("still running")
		}
	})
}

// The leader is stopped for longer than its lease while its creates are under way, and resumed when the other manager leads:
// there is one object each, and the one that created it knows it as its own.
func TestLeaderStoppedDuringCreatesMakesNothingTwice(t *testing.T) {
	s := newSite(t)
	leader, _ := s.startPair()
	slow := simulator.FaultRule{Method: http.MethodPost, LatencyMillis: 25_000, Times: 1}
	code, center := slow, slow
	code.Path, center.Path = "/auxiliary-code(/bulk)?$", "/call_centers/$"
	if err := s.sim.SetFaults(code, center); err != nil {
		t.Fatal(err)
	}
	first := s.holder()
	s.apply(codeManifest + "---" + centerManifest)
	eventually(t, soon, func() error {
		var rules []simulator.ActiveFault
		s.control(http.MethodGet, "faults", nil, &rules)
		for _, rule := range rules {
			if rule.Acted == 0 {
				return fmt.Errorf("no create of %s yet", rule.Path)
			}
		}
		return nil
	})
	leader.signal(syscall.SIGSTOP)
	s.waitTaken(first)
	s.waitReady("auxcode/lunch", "callcenter/desk")
	leader.signal(syscall.SIGCONT)
	leader.waitEnded()
	for path, name := range map[string]string{s.entity("auxiliary-code"): "Lunch", centers: "Desk"} {
		if made := s.remotes(path)[name]; len(made) != 1 {
			t.Errorf("%d objects named %s, want one", len(made), name)
		}
	}
	for _, name := range []string{"auxiliarycode/lunch", "callcenter/desk"} {
		if origin := s.objects()[name].Status.Origin; origin != v1alpha1.OriginCreated {
			t.Errorf("origin of %s is %q", name, origin)
		}
	}
	s.wantNoLeaks()
}

// The leader is stopped with many writes waiting. What it is told meanwhile, by the other manager, is not undone when it is
// resumed: none of its writes arrives.
func TestResumedLeaderWritesNothing(t *testing.T) {
	const count = 30
	s := newSite(t)
	leader, _ := s.startPair()
	edit := func(description string) {
		var all []string
		for i := range count {
			all = append(all, strings.NewReplacer("breaks", fmt.Sprintf("breaks-%d", i), "Breaks", fmt.Sprintf("Breaks %d", i), "All breaks", description).Replace(workTypeManifest))
		}
		s.apply(strings.Join(all, "---"))
	}
	described := func(description string) (as int) {
		for _, rows := range s.remotes(s.entity("work-type")) {
			for _, row := range rows {
				if row["description"] == description {
					as++
				}
			}
		}
		return as
	}
	wait := func(description string, least int) {
		eventually(t, later, func() error {
			if as := described(description); as < least {
				return fmt.Errorf("%d work types are described as %q", as, description)
			}
			return nil
		})
	}
	edit("First")
	wait("First", count)
	first := s.holder()
	if err := s.sim.SetFaults(simulator.FaultRule{Method: http.MethodPut, Path: "/work-type/", LatencyMillis: 400}); err != nil {
		t.Fatal(err)
	}
	edit("Second")
	wait("Second", 3)
	leader.signal(syscall.SIGSTOP)
	if as := described("Second"); as > count-5 {
		t.Fatalf("%d of %d edits are done already: there is nothing left to be held back", as, count)
	}
	if err := s.sim.SetFaults(); err != nil {
		t.Fatal(err)
	}
	s.waitTaken(first)
	edit("Third")
	wait("Third", count)
	s.kubectl("--namespace", s.namespace, "wait", "--for=condition=Ready", "--timeout="+later.String(), "worktype", "--all")
	s.sim.Reset()
	leader.signal(syscall.SIGCONT)
	leader.waitEnded()
	if writes := s.sim.Stats().Mutating; writes != 0 {
		t.Errorf("%d writes of the resumed leader arrived", writes)
	}
	if as := described("Third"); as != count {
		t.Errorf("%d of %d work types are as they were last told", as, count)
	}
	s.wantNoLeaks()
}
