package controllers

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// reach makes sure that the region serves the organization: once per process and origin of the tokens, after a rest when
// the contact center refuses the token, which ends the calls of all objects, and again and again while the calls of the
// objects and the sweeps get no proper answers.
func (v *organizationVisit) reach(ctx context.Context) *failure {
	session := &v.session.webex
	if !v.organization.Spec.ContactCenter {
		v.unset(v1alpha1.ConditionContactCenterReachable)
		return nil
	}
	origin := session.source.Status().Origin
	if session.rest.origin != origin {
		session.work.Reopen()
		session.rest = rest{origin: origin}
	}
	if refusal := session.work.Refusal(); refusal != nil && session.rest.failure == nil {
		session.rest.begin(v.now, v.unreachable(refusal))
	}
	if left := session.rest.until.Sub(v.now); session.rest.failure != nil && left > 0 {
		return v.showReach(session.rest.failure.in(left))
	}
	if session.probed != origin || session.rest.failure != nil {
		if failed := v.held(session.work); failed != nil {
			return v.showReach(failed)
		}
		if err := session.work.Probe(ctx); err != nil {
			return v.showReach(v.probeFailed(err))
		}
		session.work.Reopen()
		session.probed, session.rest.failure = origin, nil
	}
	if failed := v.outage(ctx); failed != nil {
		return v.showReach(failed)
	}
	v.set(v1alpha1.ConditionContactCenterReachable, metav1.ConditionTrue, v1alpha1.ReasonConnected, "the contact center answers")
	return nil
}

// outageProbe is how often a contact center is asked that gives no proper answers.
const outageProbe = time.Minute

// outage says why the contact center gives no proper answers; nil if it does. Objects and sweeps go on trying by themselves,
// but they may rest for long.
func (v *organizationVisit) outage(ctx context.Context) *failure {
	session := &v.session.webex
	trouble := session.work.Trouble()
	if trouble == nil {
		return nil
	}
	if left := outageProbe - v.now.Sub(session.asked); left > 0 {
		return v.unreachable(trouble).in(left)
	}
	session.asked = v.now
	err := session.work.Probe(ctx)
	switch {
	case session.work.Trouble() != nil:
		return v.unreachable(trouble).in(outageProbe)
	case err != nil:
		return v.probeFailed(err)
	}
	return nil
}

// probeFailed says what follows from a probe that failed although the token has just worked elsewhere.
func (v *organizationVisit) probeFailed(err error) *failure {
	session := &v.session.webex
	failed := v.unreachable(err)
	if region := v.organization.Spec.Region; failed.status == metav1.ConditionFalse && region != "" {
		failed.message += fmt.Sprintf(" (is %s, which spec.region says, the organization's own region?)", region)
	}
	switch remote.ClassOf(err) {
	case remote.Forbidden:
		session.rest.begin(v.now, failed)
		return session.rest.failure.in(session.rest.wait)
	case remote.Unauthorized:
		// Of a token that has ended since, the platform says so at the next visit.
		session.identified = 0
		failed.stalled, failed.after = true, slowOrganizationRetry
	}
	return failed
}

// unreachable says why the contact center cannot be used.
func (v *organizationVisit) unreachable(err error) *failure {
	return failureOf(err).about("contact center at " + v.session.webex.built.contactCenter)
}

func (v *organizationVisit) showReach(failed *failure) *failure {
	v.set(v1alpha1.ConditionContactCenterReachable, failed.status, failed.reason, failed.message)
	return failed
}

// A rest after a refusal of the token doubles from the first to the longest with every refusal; after a calm time a
// refusal is a new story.
const (
	firstRest   = 30 * time.Second
	longestRest = 10 * time.Minute
	calmTime    = time.Hour
)

// rest keeps an organization from its contact center after a refusal of the token. Other tokens end it.
type rest struct {
	// origin of the tokens that were refused.
	origin uint64
	wait   time.Duration
	until  time.Time
	// failure is the refusal that is rested after; nil while there is none.
	failure *failure
}

func (r *rest) begin(now time.Time, failed *failure) {
	if now.Sub(r.until) > calmTime {
		r.wait = 0
	}
	r.wait = min(max(2*r.wait, firstRest), longestRest)
	r.until = now.Add(r.wait)
	if r.failure == nil || r.failure.reason != failed.reason {
		r.failure = failed // another tracking id is no news
	}
}
