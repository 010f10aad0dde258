package controllers

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/metrics"
)

// organizationVisit is one pass over one organization.
type organizationVisit struct {
	r            *OrganizationReconciler
	key          types.NamespacedName
	organization *v1alpha1.WebexOrganization
	before       *v1alpha1.WebexOrganization
	session      *organizationSession
	now          time.Time
	// full: somebody asked for everything to be checked.
	full bool
	// asked: somebody wants everything periodic to be read now.
	asked bool
	// identified: the tokens work and belong to the organization, whatever its contact center says.
	identified bool
	// dropped: the Webex part is not to be connected at all.
	dropped bool
	// next is the earliest time that something is due; zero for never.
	next time.Time
}

func (r *OrganizationReconciler) newVisit(organization *v1alpha1.WebexOrganization) *organizationVisit {
	key := client.ObjectKeyFromObject(organization)
	v := &organizationVisit{
		r: r, key: key, organization: organization, before: organization.DeepCopy(),
		session: r.sessions.open(key), now: r.clock().Now(),
	}
	request := requestOf(organization)
	v.full = request != "" && request != organization.Status.LastHandledReconcileAt && request != v.session.handled
	return v
}

// cacheLag is when to look again after the cache was found behind the last write.
const cacheLag = 100 * time.Millisecond

// behind tells whether the cache does not show the last write yet. A visit would compare with what is not there any more:
// it would tell of things twice, and leave out a write that takes back the last one.
func (v *organizationVisit) behind() bool {
	order, err := resourceversion.CompareResourceVersion(v.organization.ResourceVersion, v.session.written)
	return err == nil && order < 0
}

func (v *organizationVisit) run(ctx context.Context) (ctrl.Result, error) {
	status := &v.organization.Status
	status.ObservedGeneration = v.organization.Generation
	defer v.measure()
	if v.organization.Spec.Suspend {
		v.disconnect(ctx)
		metrics.RestSweeps(v.key)
		v.restSyncs()
		v.endAuthorization()
		v.suspended()
		v.acknowledge()
		return v.result(), nil
	}
	if v.full {
		v.session.restart()
	}
	webexFailure, gatewayFailure := v.connect(ctx, v.webexPart, v.gatewayPart)
	v.authorize(ctx, webexFailure)
	v.concludeGateway(gatewayFailure)
	err := v.conclude(webexFailure, gatewayFailure)
	v.acknowledge()
	if err := v.inventory(ctx); err != nil {
		return ctrl.Result{}, err
	}
	return v.result(), err
}

// acknowledge notes that what somebody asked for by annotation has been served.
func (v *organizationVisit) acknowledge() {
	if request := requestOf(v.organization); request != "" {
		v.organization.Status.LastHandledReconcileAt, v.session.handled = request, request
	}
}

// part works on one part of a connection and says why it does not work; nil if it does, or is not wanted.
type part func(context.Context) *failure

// connect works on both parts at once, so that one that hangs does not hold back the other. What is usable is told to
// the registry in one step, because a step each would start the listings twice, unless a part is late.
func (v *organizationVisit) connect(ctx context.Context, webexPart, gatewayPart part) (webexFailure, gatewayFailure *failure) {
	const patience = 3 * time.Second
	finished := make(chan struct{}, 2)
	go func() {
		webexFailure = webexPart(ctx)
		finished <- struct{}{}
	}()
	go func() {
		gatewayFailure = gatewayPart(ctx)
		finished <- struct{}{}
	}()
	<-finished
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-finished:
	case <-late.C:
		v.publish()
		<-finished
	}
	v.publish()
	return webexFailure, gatewayFailure
}

// disconnect ends all calls. Renewed tokens are still stored.
func (v *organizationVisit) disconnect(ctx context.Context) {
	v.session.setWebex(nil, false)
	v.session.setGateway(nil, false)
	v.publish()
	if v.session.webex.storeTokens(ctx) {
		v.dueAt(v.now.Add(secretRetry))
	}
}

func (v *organizationVisit) publish() {
	interval := inventory.DefaultSyncInterval
	if v.organization.Spec.SyncInterval != nil {
		interval = v.organization.Spec.SyncInterval.Duration
	}
	metrics.SweepInterval(v.key, interval)
	v.session.publish(v.r.Registry, v.key, interval, v.compared())
}

// conclude sets Ready from the parts: the first that does not work speaks for the whole.
func (v *organizationVisit) conclude(parts ...*failure) error {
	var worst *failure
	var err error
	for _, part := range parts {
		if part == nil {
			continue
		}
		if worst == nil || (part.stalled && !worst.stalled) {
			worst = part
		}
		if part.after > 0 {
			v.dueAt(v.now.Add(part.after))
		} else if part.err != nil {
			err = part.err
		}
	}
	was := v.was(v1alpha1.ConditionReady)
	if worst == nil {
		v.tellParts(v1alpha1.ReasonConnected)
		v.set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected, "the connection works")
		v.unset(v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled)
		if was == nil || was.Status != metav1.ConditionTrue {
			v.event(corev1.EventTypeNormal, string(v1alpha1.ReasonConnected), "Connect", "connected to "+v.title())
		}
		return err
	}
	v.tellParts(worst.reason)
	v.set(v1alpha1.ConditionReady, worst.status, worst.reason, worst.message)
	active, idle := v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled
	if worst.stalled {
		active, idle = idle, active
	}
	v.set(active, metav1.ConditionTrue, worst.reason, worst.message)
	v.unset(idle)
	if was == nil || was.Reason != string(worst.reason) {
		v.event(corev1.EventTypeWarning, string(worst.reason), "Connect", worst.message)
	}
	return err
}

func (v *organizationVisit) suspended() {
	const message = "spec.suspend is true: no remote call is made"
	was, token := v.was(v1alpha1.ConditionReady), v.was(v1alpha1.ConditionTokenValid)
	v.unset(v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled)
	if was != nil && was.Status == metav1.ConditionTrue {
		v.set(v1alpha1.ConditionReady, was.Status, v1alpha1.ReasonSuspended, message)
	} else {
		// Nothing is under way: without Ready, tools that wait take the organization for settled.
		v.unset(v1alpha1.ConditionReady)
		v.set(v1alpha1.ConditionTokenValid, metav1.ConditionUnknown, v1alpha1.ReasonSuspended, message)
		was = token
	}
	if was == nil || was.Reason != string(v1alpha1.ReasonSuspended) {
		v.event(corev1.EventTypeNormal, string(v1alpha1.ReasonSuspended), "Suspend", message)
	}
}

// title names the organization for people.
func (v *organizationVisit) title() string {
	switch {
	case v.organization.Status.DisplayName != "":
		return fmt.Sprintf("%q (%s)", v.organization.Status.DisplayName, v.organization.Status.OrganizationID)
	case v.organization.Status.OrganizationID != "":
		return v.organization.Status.OrganizationID
	}
	return "the call-center gateway"
}

// dueAt asks for a visit at a time, if no earlier one is wanted. Like set, it is not for gatewayPart, which runs beside
// webexPart.
func (v *organizationVisit) dueAt(at time.Time) {
	if !at.IsZero() && (v.next.IsZero() || at.Before(v.next)) {
		v.next = at
	}
}

func (v *organizationVisit) result() ctrl.Result {
	if v.next.IsZero() {
		return ctrl.Result{}
	}
	return ctrl.Result{RequeueAfter: max(v.next.Sub(v.r.clock().Now()), time.Second)}
}

func (v *organizationVisit) set(condition string, status metav1.ConditionStatus, reason v1alpha1.Reason, message string) {
	meta.SetStatusCondition(&v.organization.Status.Conditions, metav1.Condition{
		Type: condition, Status: status, Reason: string(reason), Message: shorten(message),
		ObservedGeneration: v.organization.Generation,
	})
}

// was is a condition as it was before this visit; nil if there was none.
func (v *organizationVisit) was(condition string) *metav1.Condition {
	return meta.FindStatusCondition(v.before.Status.Conditions, condition)
}

func (v *organizationVisit) unset(conditions ...string) {
	for _, condition := range conditions {
		meta.RemoveStatusCondition(&v.organization.Status.Conditions, condition)
	}
}

// measure puts what the status says into metrics; a restart begins with what it read there.
func (v *organizationVisit) measure() {
	status := &v.organization.Status
	if valid := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionTokenValid); valid != nil {
		metrics.TokenValid(v.key, valid.Status == metav1.ConditionTrue)
	} else {
		metrics.NoToken(v.key)
	}
	metrics.Licenses(v.key, licenseUnits(status.Licenses))
}

func (v *organizationVisit) event(kind, reason, action, note string) {
	v.r.Recorder.Eventf(v.organization, nil, kind, reason, action, "%s", shorten(note))
}

// keepTransitions takes back the times of conditions that changed to and fro within this visit.
func (v *organizationVisit) keepTransitions() {
	for i := range v.organization.Status.Conditions {
		now := &v.organization.Status.Conditions[i]
		if was := v.was(now.Type); was != nil && was.Status == now.Status {
			now.LastTransitionTime = was.LastTransitionTime
		}
	}
}

// flush writes the status if it changed. Transition times follow the conditions, so nothing changes by time alone.
func (v *organizationVisit) flush(ctx context.Context) error {
	v.showComparisons(false)
	v.keepTransitions()
	if equality.Semantic.DeepEqual(v.before.Status, v.organization.Status) {
		return nil
	}
	if mayWrite := v.r.Options.MayWrite; mayWrite != nil {
		if err := mayWrite(); err != nil {
			return fmt.Errorf("write status of WebexOrganization %s: %w", v.key, err)
		}
	}
	v.showComparisons(true) // a time by itself is not worth a write
	patch := client.MergeFrom(v.before)
	err := v.r.Client.Status().Patch(ctx, v.organization, patch)
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("write status of WebexOrganization %s: %w", v.key, err)
	}
	if err == nil {
		v.session.written = v.organization.ResourceVersion
	}
	v.before = v.organization.DeepCopy()
	return nil
}
