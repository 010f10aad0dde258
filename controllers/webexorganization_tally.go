package controllers

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/metrics"
)

// tallyPeriod is how often the status of an organization may follow its counts: a write for each object that changes
// would double what a change costs.
const tallyPeriod = 10 * time.Second

// tally counts the objects of every organization as they come, change and go. The zero value has counted nothing.
type tally struct {
	mu      sync.Mutex
	objects map[tallied]standing
	counts  map[types.NamespacedName]v1alpha1.ObjectCounts
	states  map[standing]int32
	kinds   map[kindOf]int
	// informed tell whether what the caches held at the start has been counted.
	informed []toolscache.InformerSynced
	// emptied is called when the last object of an organization has gone; it must not block.
	emptied func(organization types.NamespacedName)
}

// tallied is an object of any kind.
type tallied struct {
	kind string
	types.NamespacedName
}

// kindOf is a kind in an organization.
type kindOf struct {
	organization types.NamespacedName
	kind         string
}

// standing is what counts of an object.
type standing struct {
	organization types.NamespacedName
	kind, state  string
	ready        bool
}

// of returns the counts of an organization.
func (t *tally) of(organization types.NamespacedName) v1alpha1.ObjectCounts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[organization]
}

// has tells whether an organization has any object of the kind of this one.
func (t *tally) has(organization types.NamespacedName, object client.Object) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kinds[kindOf{organization, fmt.Sprintf("%T", object)}] > 0
}

// watch counts the objects that the caches hold, for every kind.
func (t *tally) watch(ctx context.Context, informers cache.Informers, kinds []client.Object) error {
	for _, kind := range kinds {
		informer, err := informers.GetInformer(ctx, kind)
		if err != nil {
			return fmt.Errorf("watch %T: %w", kind, err)
		}
		name := fmt.Sprintf("%T", kind)
		registration, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { t.count(name, object) },
			UpdateFunc: func(_, object any) { t.count(name, object) },
			DeleteFunc: func(object any) { t.drop(name, object) },
		})
		if err != nil {
			return fmt.Errorf("count %T: %w", kind, err)
		}
		t.informed = append(t.informed, registration.HasSynced)
	}
	return nil
}

// complete tells whether every object of the cluster has been counted.
func (t *tally) complete() bool {
	for _, synced := range t.informed {
		if !synced() {
			return false
		}
	}
	return true
}

func (t *tally) count(kind string, object any) {
	config, ok := object.(v1alpha1.Object)
	if !ok {
		return
	}
	now := standing{
		organization: engine.OrganizationOf(config),
		kind:         strings.TrimPrefix(kind, "*v1alpha1."),
		state:        stateOf(config.GetConfigStatus().Conditions),
		ready:        meta.IsStatusConditionTrue(config.GetConfigStatus().Conditions, v1alpha1.ConditionReady),
	}
	t.replace(tallied{kind, client.ObjectKeyFromObject(config)}, &now)
}

func (t *tally) drop(kind string, object any) {
	if last, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
		object = last.Obj
	}
	if config, ok := object.(v1alpha1.Object); ok {
		t.replace(tallied{kind, client.ObjectKeyFromObject(config)}, nil)
	}
}

// replace counts an object as it is now; nil means that it is gone.
func (t *tally) replace(object tallied, now *standing) {
	t.mu.Lock()
	if t.objects == nil {
		t.objects, t.counts, t.states = map[tallied]standing{}, map[types.NamespacedName]v1alpha1.ObjectCounts{}, map[standing]int32{}
		t.kinds = map[kindOf]int{}
	}
	before, known := t.objects[object]
	if known {
		t.add(before, object.kind, -1)
		delete(t.objects, object)
	}
	if now != nil {
		t.objects[object] = *now
		t.add(*now, object.kind, 1)
	}
	empty := known && t.counts[before.organization].Total == 0
	if empty {
		delete(t.counts, before.organization)
	}
	emptied := t.emptied
	t.mu.Unlock()
	if empty && emptied != nil {
		emptied(before.organization)
	}
}

// add changes the counts of an object's organization. The caller holds mu.
func (t *tally) add(one standing, kind string, by int32) {
	of := kindOf{one.organization, kind}
	if t.kinds[of] += int(by); t.kinds[of] == 0 {
		delete(t.kinds, of)
	}
	counts := t.counts[one.organization]
	counts.Total += by
	if one.ready {
		counts.Ready += by
	}
	t.counts[one.organization] = counts
	if t.states[one] += by; t.states[one] == 0 {
		delete(t.states, one)
	}
}

// each tells the counts by organization, kind and state.
func (t *tally) each(count func(organization types.NamespacedName, by metrics.ObjectState, number int32)) {
	t.mu.Lock()
	states := maps.Clone(t.states)
	t.mu.Unlock()
	for one, number := range states {
		count(one.organization, metrics.ObjectState{Kind: one.kind, State: one.state}, number)
	}
}

// stateOf is the state of an object as its conditions tell it.
func stateOf(conditions []metav1.Condition) string {
	synced := meta.FindStatusCondition(conditions, v1alpha1.ConditionSynced)
	switch {
	case synced == nil:
		return "new"
	case synced.Reason == string(v1alpha1.ReasonSuspended):
		return "suspended"
	case meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionStalled):
		return "stalled"
	case synced.Reason == string(v1alpha1.ReasonDriftDetected):
		return "drifted"
	case meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionReady):
		return "ready"
	case meta.IsStatusConditionFalse(conditions, v1alpha1.ConditionReady):
		return "waiting"
	}
	return "unknown"
}

// followTallies wakes the organizations whose status does not show their counts, now and then. It ends with the context.
func (r *OrganizationReconciler) followTallies(ctx context.Context) error {
	ticker := time.NewTicker(tallyPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			r.wakeOutdated(ctx)
		}
	}
}

func (r *OrganizationReconciler) wakeOutdated(ctx context.Context) {
	var list v1alpha1.WebexOrganizationList
	if err := r.Client.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "list organizations to follow their counts")
		return
	}
	for i := range list.Items {
		if organization := &list.Items[i]; r.outdated(organization) {
			r.wakeups.wake(client.ObjectKeyFromObject(organization))
		}
	}
}

// outdated tells whether an organization's status lacks a count. The organization is the cache's own: it is only read.
func (r *OrganizationReconciler) outdated(organization *v1alpha1.WebexOrganization) bool {
	key := client.ObjectKeyFromObject(organization)
	status := &organization.Status
	if status.RequestBudget != nil {
		if _, worth := r.telling(key, status.RequestBudget); worth {
			return true
		}
	}
	if connected, ok := r.Registry.Get(key); ok && r.outdatedComparisons(connected, status) {
		return true
	}
	return (r.tally.complete() && status.Objects != r.tally.of(key)) ||
		(status.Deletes != nil && status.Deletes.Deleted != r.Brakes.Deleted(key))
}

// showTallies puts the counts into status: of objects, of the requests that wait, of deletes.
func (v *organizationVisit) showTallies() {
	status := &v.organization.Status
	if v.r.tally.complete() {
		status.Objects = v.r.tally.of(v.key)
	}
	v.showBudget()
	status.Deletes = v.r.Brakes.Set(v.key, v.deleteLimit(), status.Deletes, confirmationOf(v.organization))
	v.showBrake()
}
