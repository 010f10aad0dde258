package engine

import (
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// Proves: S0.5
func TestDecide(t *testing.T) {
	t.Parallel()
	never, identical, always := v1alpha1.AdoptionNever, v1alpha1.AdoptionIfIdentical, v1alpha1.AdoptionAlways
	for name, test := range map[string]struct {
		facts facts
		want  decision
	}{
		"unknown stops":                          {facts{Remote: unknown, Managed: true, Drift: true}, decision{Action: stop}},
		"unknown stops a deletion":               {facts{Deleting: true, Remote: unknown, Managed: true}, decision{Action: stop}},
		"absent is created":                      {facts{Remote: absent}, decision{Action: create}},
		"a managed object that vanished":         {facts{Remote: absent, Managed: true}, decision{Action: create}},
		"managed and equal":                      {facts{Remote: present, Managed: true}, decision{Action: keep}},
		"managed and different":                  {facts{Remote: present, Managed: true, Drift: true}, decision{Action: update}},
		"managed, immutable field differs":       {facts{Remote: present, Managed: true, Drift: true, Immutable: true}, decision{refuse, v1alpha1.ReasonImmutableField}},
		"protected and equal":                    {facts{Remote: present, Managed: true, Protected: true}, decision{Action: keep}},
		"protected and different":                {facts{Remote: present, Managed: true, Protected: true, Drift: true}, decision{refuse, v1alpha1.ReasonProtected}},
		"several of one name":                    {facts{Remote: several, Adoption: always}, decision{refuse, v1alpha1.ReasonMultipleMatches}},
		"somebody else's":                        {facts{Remote: present, Claimed: true, Adoption: always}, decision{refuse, v1alpha1.ReasonDuplicate}},
		"the name is another's":                  {facts{Remote: absent, Claimed: true}, decision{refuse, v1alpha1.ReasonDuplicate}},
		"handed over":                            {facts{Remote: present, Inherits: true, Adoption: never}, decision{Action: succeed}},
		"handed over, different":                 {facts{Remote: present, Inherits: true, Drift: true, Adoption: never}, decision{Action: succeed}},
		"handed over, immutable field differs":   {facts{Remote: present, Inherits: true, Drift: true, Immutable: true}, decision{refuse, v1alpha1.ReasonImmutableField}},
		"handed over, only observed":             {facts{Remote: present, Inherits: true, Observe: true}, decision{Action: report}},
		"ours after a lost answer":               {facts{Remote: present, Ours: true, Adoption: never}, decision{Action: claim}},
		"ours after a lost answer, changed":      {facts{Remote: present, Ours: true, Drift: true, Adoption: never}, decision{Action: claimUpdate}},
		"found, Never":                           {facts{Remote: present, Adoption: never}, decision{refuse, v1alpha1.ReasonNameConflict}},
		"found, IfIdentical, equal":              {facts{Remote: present, Adoption: identical}, decision{Action: adopt}},
		"found, IfIdentical, different":          {facts{Remote: present, Adoption: identical, Drift: true}, decision{refuse, v1alpha1.ReasonNameConflict}},
		"found, Always, different":               {facts{Remote: present, Adoption: always, Drift: true}, decision{Action: adoptUpdate}},
		"found, Always, protected and different": {facts{Remote: present, Adoption: always, Drift: true, Protected: true}, decision{refuse, v1alpha1.ReasonProtected}},
		"observe, present":                       {facts{Observe: true, Remote: present, Drift: true}, decision{Action: report}},
		"observe, absent":                        {facts{Observe: true, Remote: absent}, decision{Action: report}},
		"delete ours":                            {facts{Deleting: true, Remote: present, Managed: true}, decision{Action: remove}},
		"delete, retained":                       {facts{Deleting: true, Retain: true, Remote: unknown, Managed: true}, decision{Action: letGo}},
		"delete, already gone":                   {facts{Deleting: true, Remote: absent}, decision{Action: gone}},
		"delete, never ours":                     {facts{Deleting: true, Remote: present}, decision{Action: letGo}},
		"delete under observe":                   {facts{Deleting: true, Observe: true, Remote: present, Managed: true}, decision{Action: letGo}},
		"delete, several namesakes of others":    {facts{Deleting: true, Remote: several}, decision{Action: letGo}},
		"delete, one of several may be ours":     {facts{Deleting: true, Remote: several, Ours: true}, decision{refuse, v1alpha1.ReasonMultipleMatches}},
		"delete what another one manages":        {facts{Deleting: true, Remote: present, Managed: true, Claimed: true}, decision{Action: letGo}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := decide(test.facts); got != test.want {
				t.Errorf("decide(%+v) = %+v, want %+v", test.facts, got, test.want)
			}
		})
	}
}

// FuzzDecide holds the rules on the wall against every combination of facts.
func FuzzDecide(f *testing.F) {
	f.Add(uint16(0), byte(0), byte(0))
	f.Add(uint16(0xffff), byte(3), byte(2))
	f.Fuzz(func(t *testing.T, bits uint16, where, adoption byte) {
		flag := func(i int) bool { return bits&(1<<i) != 0 }
		in := facts{
			Deleting: flag(0), Observe: flag(1), Retain: flag(2), Managed: flag(3), Ours: flag(4), Claimed: flag(5),
			Protected: flag(6), Drift: flag(7), Immutable: flag(8), Inherits: flag(9),
			Remote:   []presence{unknown, absent, present, several}[where%4],
			Adoption: []v1alpha1.AdoptionPolicy{v1alpha1.AdoptionNever, v1alpha1.AdoptionIfIdentical, v1alpha1.AdoptionAlways}[adoption%3],
		}
		out := decide(in)
		writes := map[action]bool{create: true, adoptUpdate: true, claimUpdate: true, update: true, remove: true}[out.Action]
		for rule, broken := range map[string]bool{
			"unknown is not absent":                   in.Remote == unknown && (writes || out.Action == gone),
			"observe never writes":                    in.Observe && writes,
			"no write without a difference":           !in.Drift && (out.Action == update || out.Action == adoptUpdate || out.Action == claimUpdate),
			"system objects are never changed":        in.Protected && in.Remote == present && writes,
			"another's object is never touched":       in.Claimed && in.Remote == present && writes,
			"a name has one creator":                  in.Claimed && out.Action == create,
			"nothing is inherited without a will":     out.Action == succeed && (!in.Inherits || in.Observe || in.Deleting),
			"create only what is absent":              out.Action == create && in.Remote != absent,
			"delete only what is ours":                out.Action == remove && !in.Managed && !in.Ours,
			"delete only on request":                  out.Action == remove && (!in.Deleting || in.Retain),
			"gone only when absent":                   out.Action == gone && in.Remote != absent,
			"a refusal has a reason, nothing else":    (out.Action == refuse) != (out.Reason != ""),
			"Never takes over only what we created":   in.Adoption == v1alpha1.AdoptionNever && !in.Managed && (out.Action == adopt || out.Action == adoptUpdate),
			"a different object needs Always to turn": out.Action == adoptUpdate && in.Adoption != v1alpha1.AdoptionAlways,
		} {
			if broken {
				t.Errorf("%s: decide(%+v) = %+v", rule, in, out)
			}
		}
	})
}
