package main

import (
	"strings"
	"testing"
)

func TestTableSaysWhatIsMissed(t *testing.T) {
	t.Parallel()
	got := table([]figure{{"reads", "10", ">= 5", true}, {"memory", "9 MB", "< 5 MB", false}})
	for _, want := range []string{"| reads | 10 | >= 5 | met |", "| memory | 9 MB | < 5 MB | missed |"} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in:\n%s", want, got)
		}
	}
}

func TestSmallTenantIsMeasured(t *testing.T) {
	t.Parallel()
	tenant, err := open(200)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tenant.close(); err != nil {
			t.Error(err)
		}
	}()
	if costs, err := pageCosts(t.Context(), tenant); err != nil || costs[0] <= 0 {
		t.Errorf("page: %v, %v", costs, err)
	}
	if reads, err := tenant.reads(t.Context(), 100, 4); err != nil || reads <= 0 {
		t.Errorf("reads: %v, %v", reads, err)
	}
	if memory, err := residentMegabytes(); err != nil || memory <= 0 {
		t.Errorf("memory: %v, %v", memory, err)
	}
}
