package engine

import "wxcc.dev/operator/api/v1alpha1"

// presence is what is known of the remote object.
type presence string

const (
	// unknown stops everything: it is not absence.
	unknown presence = "unknown"
	absent  presence = "absent"
	present presence = "present"
	several presence = "several"
)

// facts is all that a decision depends on.
type facts struct {
	Deleting bool
	Observe  bool
	// Retain: deleting the custom resource leaves the remote object.
	Retain   bool
	Adoption v1alpha1.AdoptionPolicy
	// Managed: status has an id and an origin, and the object found is that one.
	Managed bool
	Remote  presence
	// Ours: not managed yet, but certainly created by us (an answer was lost).
	Ours bool
	// Claimed: another custom resource manages the object found.
	Claimed bool
	// Inherits: the one that manages the object found is being deleted and hands it over.
	Inherits  bool
	Protected bool
	Drift     bool
	// Immutable: the drift includes a field that the service never changes.
	Immutable bool
}

// action is what to do.
type action string

const (
	// stop: do nothing, change nothing, ask again later.
	stop action = "stop"
	// keep: the remote object is as it should be.
	keep action = "keep"
	// report: under Observe, publish what was found.
	report action = "report"
	create action = "create"
	// adopt takes over an object that needs no change; adoptUpdate changes it then.
	adopt       action = "adopt"
	adoptUpdate action = "adoptUpdate"
	// claim takes over an object that we created ourselves; claimUpdate corrects it then.
	claim       action = "claim"
	claimUpdate action = "claimUpdate"
	update      action = "update"
	// succeed goes on managing an object in the place of a resource that is being deleted.
	succeed action = "succeed"
	// refuse: a person must act; the decision carries the reason.
	refuse action = "refuse"
	remove action = "remove"
	// letGo ends our interest and leaves the remote object; gone ends it because there is none.
	letGo action = "letGo"
	gone  action = "gone"
)

// decision is an action and, for refuse, its reason.
type decision struct {
	Action action
	Reason v1alpha1.Reason
}

// decide is the whole policy of the loop, without any effect.
func decide(f facts) decision {
	switch {
	case f.Deleting:
		return decideDeletion(f)
	case f.Remote == unknown:
		return decision{Action: stop}
	case f.Remote == several:
		return decision{refuse, v1alpha1.ReasonMultipleMatches}
	case f.Observe:
		return decision{Action: report}
	case f.Claimed:
		return decision{refuse, v1alpha1.ReasonDuplicate}
	case f.Remote == absent:
		return decision{Action: create}
	case f.Inherits:
		return correct(f, succeed, succeed)
	case f.Managed:
		return correct(f, keep, update)
	case f.Ours:
		return correct(f, claim, claimUpdate)
	}
	return decideAdoption(f)
}

func decideDeletion(f facts) decision {
	switch {
	case f.Retain || f.Observe:
		return decision{Action: letGo}
	case f.Remote == unknown:
		return decision{Action: stop}
	case f.Remote == absent:
		return decision{Action: gone}
	case f.Remote == several && f.Ours:
		return decision{refuse, v1alpha1.ReasonMultipleMatches}
	case f.Remote == several:
		return decision{Action: letGo}
	case f.Claimed || f.Protected || (!f.Managed && !f.Ours):
		return decision{Action: letGo}
	}
	return decision{Action: remove}
}

func decideAdoption(f facts) decision {
	switch {
	case f.Adoption == v1alpha1.AdoptionNever, f.Adoption != v1alpha1.AdoptionAlways && f.Drift:
		return decision{refuse, v1alpha1.ReasonNameConflict}
	}
	return correct(f, adopt, adoptUpdate)
}

// correct chooses between an object that is right and one that must be changed, where that is possible.
func correct(f facts, right, wrong action) decision {
	switch {
	case !f.Drift:
		return decision{Action: right}
	case f.Protected:
		return decision{refuse, v1alpha1.ReasonProtected}
	case f.Immutable:
		return decision{refuse, v1alpha1.ReasonImmutableField}
	}
	return decision{Action: wrong}
}
