package engine

import (
	"testing"
	"time"
)

func TestAnAttemptCoversWhatWasCreatedUnderIt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 700_000_000, time.UTC)
	earlier := at.Add(-10 * time.Minute)
	for name, test := range map[string]struct {
		since   *time.Time
		created time.Time
		skew    time.Duration
		want    bool
	}{
		"just after":                       {nil, at.Add(time.Second), 0, true},
		"in whole seconds":                 {nil, at.Truncate(time.Second), 0, true},
		"before":                           {nil, at.Add(-3 * time.Second), 0, false},
		"as late as it can be":             {nil, at.Add(intentReach), 0, true},
		"later":                            {nil, at.Add(intentReach + 3*time.Second), 0, false},
		"by a clock ahead":                 {nil, at.Add(2*time.Hour + time.Second), 2 * time.Hour, true},
		"before, by a clock ahead":         {nil, at.Add(time.Hour), 2 * time.Hour, false},
		"by a clock behind":                {nil, at.Add(-2*time.Hour + time.Second), -2 * time.Hour, true},
		"later, by a clock behind":         {nil, at, -2 * time.Hour, false},
		"by an earlier one of the name":    {&earlier, earlier.Add(time.Second), 0, true},
		"before an earlier one":            {&earlier, earlier.Add(-3 * time.Second), 0, false},
		"without a date nothing is proven": {nil, time.Time{}, 0, false},
	} {
		a := attempt{intent: createIntent{Name: "Lunch", Time: at, Since: test.since}}
		if got := a.covers(test.created, test.skew); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
