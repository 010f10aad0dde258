package controllers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// eventPackagesRequested tells that Webex was asked for other packages.
const eventPackagesRequested = "PackagesRequested"

// Between two looks at a customer that Webex works on lies the time since the request, from the first to the second.
const (
	firstProgressLook = time.Minute
	lastProgressLook  = time.Hour
	// progressBegins is how long after a request a record that does not show it is no sign that it was not taken.
	progressBegins = 10 * time.Minute
)

// busyWith are the states in which Webex is at work on a customer: what it has then says nothing.
var busyWith = []string{"provisioning", "updating", "deleting", "pending_rpl_review"}

// managePackages asks for the packages that the spec names where the record, just read, has others, and tells whether that
// is what WholesaleReady speaks of. Webex works on a request after its answer; the next reads tell what came of it. What was
// asked for and not taken is asked for again at the next regular read.
func (v *organizationVisit) managePackages(ctx context.Context, customer webex.WholesaleCustomer) (told bool, err error) {
	status, wanted := &v.organization.Status, v.organization.Spec.WholesalePackages
	busy := slices.Contains(busyWith, customer.Status)
	switch same := samePackages(wanted, customer.Packages); {
	case len(wanted) == 0, same && !busy:
		status.WholesaleRequest = nil
		return false, nil
	case same, busy:
		return false, nil
	}
	change := describePackages(customer.Packages, wanted)
	if last := status.WholesaleRequest; last != nil && samePackages(last.Packages, wanted) && !v.asksAgain(last) {
		return v.judgeRequest(last, customer, change), nil
	}
	request := &v1alpha1.WholesaleRequest{Packages: slices.Clone(wanted), Time: metav1.NewTime(v.now.Truncate(time.Second))}
	if err := v.askForPackages(ctx, customer, wanted); err != nil {
		if !refusedForGood(err) {
			return false, err
		}
		request.Refused = shorten(fmt.Sprintf("spec.wholesalePackages (%s): %s", change, err))
	} else {
		ctrl.LoggerFrom(ctx).Info("asked for other packages of the wholesale customer", "customer", customer.ID, "change", change)
		v.event(corev1.EventTypeNormal, eventPackagesRequested, "Sync", "wholesale: asked for other packages: "+change)
	}
	status.WholesaleRequest = request
	return v.judgeRequest(request, customer, change), nil
}

// judgeRequest says what became of a request, unless the record itself says more.
func (v *organizationVisit) judgeRequest(last *v1alpha1.WholesaleRequest, customer webex.WholesaleCustomer, change string) bool {
	switch {
	case last.Refused != "":
		v.wholesaleIs(metav1.ConditionFalse, v1alpha1.ReasonRejected, last.Refused)
	case v.now.Sub(last.Time.Time) < progressBegins:
		v.wholesaleIs(metav1.ConditionUnknown, v1alpha1.ReasonProvisioning, "Webex was asked for other packages: "+change)
	case customer.Status == wholesaleProvisioned:
		v.wholesaleIs(metav1.ConditionFalse, v1alpha1.ReasonFieldIgnored,
			"Webex accepted the packages of spec.wholesalePackages and did not take them: "+change)
	default:
		return false
	}
	return true
}

func (v *organizationVisit) askForPackages(ctx context.Context, customer webex.WholesaleCustomer, wanted []string) error {
	if lacked := v.lackedScope(webex.ScopeWholesaleWrite); len(lacked) > 0 {
		return &remote.Error{
			Class: remote.Forbidden, Op: "PUT /v1/wholesale/customers/{id}",
			Message: "not sent: the token lacks " + describeScopes(lacked),
		}
	}
	return v.session.webex.work.SetWholesalePackages(ctx, customer, wanted)
}

// refusedForGood tells whether the same request would be refused again.
func refusedForGood(err error) bool {
	return slices.Contains([]remote.Class{remote.Rejected, remote.Forbidden, remote.NotFound}, remote.ClassOf(err))
}

// asksAgain tells whether a request that led to nothing is due again: at the regular reads, on demand, and when consent has
// been given since.
func (v *organizationVisit) asksAgain(last *v1alpha1.WholesaleRequest) bool {
	consent := v.organization.Status.Authorization
	given := consent != nil && consent.Phase == v1alpha1.AuthorizationObtained && consent.FinishedAt != nil && last.Time.Before(consent.FinishedAt)
	return v.asked || given || v.now.Sub(last.Time.Time) >= v.inventoryInterval()/2
}

// wholesaleEvery is when to read the record again: at once when the spec names other packages than it has, soon while Webex
// works on them.
func (v *organizationVisit) wholesaleEvery() time.Duration {
	wanted, mirror, last := v.organization.Spec.WholesalePackages, v.organization.Status.WholesaleCustomer, v.organization.Status.WholesaleRequest
	interval := v.inventoryInterval()
	if len(wanted) == 0 || mirror == nil {
		return interval
	}
	asked := last != nil && samePackages(last.Packages, wanted)
	age := time.Duration(0) // of the request, at the last look
	if read := lastSync(&v.organization.Status, v1alpha1.SyncWholesaleCustomer); read != nil && last != nil {
		age = read.Sub(last.Time.Time)
	}
	switch {
	case asked && last.Refused != "":
		return interval
	case slices.Contains(busyWith, mirror.Status), asked && !samePackages(mirror.Packages, wanted) && age < progressBegins:
		return min(max(age, firstProgressLook), lastProgressLook, interval) // each look doubles it
	case !asked && !samePackages(mirror.Packages, wanted):
		return 0
	}
	return interval
}

func samePackages(a, b []string) bool {
	return len(missingFrom(a, b)) == 0 && len(missingFrom(b, a)) == 0
}

// missingFrom returns what is in a and not in b, sorted.
func missingFrom(a, b []string) []string {
	missing := slices.DeleteFunc(slices.Clone(a), func(name string) bool { return slices.Contains(b, name) })
	slices.Sort(missing)
	return missing
}

// describePackages says what would change from one list to another.
func describePackages(from, to []string) string {
	var parts []string
	if added := missingFrom(to, from); len(added) > 0 {
		parts = append(parts, "add "+firstOf(added))
	}
	if removed := missingFrom(from, to); len(removed) > 0 {
		parts = append(parts, "remove "+firstOf(removed))
	}
	return strings.Join(parts, ", ")
}
