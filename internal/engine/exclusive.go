package engine

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// indexExclusive finds the resources that ask for the same exclusive field; see Field.ExclusiveIn.
const indexExclusive = "exclusive"

// contest is an exclusive field that an older resource owns.
type contest[T v1alpha1.Object] struct {
	field Field[T]
	scope string
	owner types.NamespacedName
}

// exclusiveKeys are the exclusive fields that an object asks for, each with its organization and scope.
func (k *Kind[T]) exclusiveKeys(obj T) []string {
	var keys []string
	for _, field := range k.Fields {
		if field.ExclusiveIn == "" {
			continue
		}
		if spec, err := specOf(obj); err == nil && spec.Bool(field.Spec) {
			keys = append(keys, exclusiveKey(obj, field, spec))
		}
	}
	return keys
}

func exclusiveKey[T v1alpha1.Object](obj T, field Field[T], spec remote.Object) string {
	return OrganizationOf(obj).String() + "/" + field.Spec + "/" + spec.Text(field.ExclusiveIn)
}

// yield leaves the exclusive fields alone that an older resource owns.
func (v *visit[T]) yield(ctx context.Context) error {
	if v.policies.ManagementPolicy != v1alpha1.ManagementEnforce {
		return nil // writes nothing
	}
	for _, field := range v.r.kind.Fields {
		if field.ExclusiveIn == "" || !v.owned.Bool(field.wire()) {
			continue
		}
		spec, err := specOf(v.obj)
		if err != nil {
			return err
		}
		owner, err := v.olderContender(ctx, exclusiveKey(v.obj, field, spec))
		if err != nil {
			return err
		}
		if owner != nil {
			v.owned.Delete(field.wire())
			v.contests = append(v.contests, contest[T]{field: field, scope: spec.Text(field.ExclusiveIn), owner: *owner})
		}
	}
	return nil
}

// olderContender returns the oldest of the resources that ask for the same field, nil where that is this one. Those that
// are being deleted or that only observe ask for nothing.
func (v *visit[T]) olderContender(ctx context.Context, key string) (*types.NamespacedName, error) {
	list := v.r.kind.NewList()
	if err := v.r.env.Client.List(ctx, list, client.MatchingFields{indexExclusive: key}); err != nil {
		return nil, fmt.Errorf("list who else asks for %s: %w", key, err)
	}
	oldest := v.obj
	for _, other := range items[T](list) {
		policies := inherit(other.GetConfigSpec().Policies, v.resource.Spec.Defaults)
		if other.GetDeletionTimestamp() == nil && policies.ManagementPolicy == v1alpha1.ManagementEnforce && older(other, oldest) {
			oldest = other
		}
	}
	if owner := client.ObjectKeyFromObject(oldest); owner != v.key {
		return &owner, nil
	}
	return nil, nil
}

// older orders resources by age; of two that are equally old the name decides.
func older[T v1alpha1.Object](a, b T) bool {
	first, second := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	if !first.Equal(&second) {
		return first.Before(&second)
	}
	return strings.Compare(client.ObjectKeyFromObject(a).String(), client.ObjectKeyFromObject(b).String()) < 0
}

// lost says which exclusive fields an object that equals the rest of its spec does not have; nil if there are none.
func (v *visit[T]) lost(seen sighting) *outcome {
	if len(v.contests) == 0 {
		return nil
	}
	complaints := make([]string, 0, len(v.contests))
	var differences []difference
	for _, c := range v.contests {
		complaints = append(complaints, fmt.Sprintf("spec.%s: %s %s is older and owns it for %s %s",
			c.field.Spec, v.r.kind.Name, c.owner, c.field.ExclusiveIn, c.scope))
		if actual, known := seen.actual.Get(c.field.wire()); known && !c.field.same(v.owner(), true, actual) {
			differences = append(differences, difference{path: c.field.wire(), spec: c.field.Spec, desired: true, actual: actual})
		}
	}
	v.status().Drift = driftList(differences)
	return stalled(v1alpha1.ReasonExclusiveField,
		strings.Join(complaints, "; ")+"; only one can have it: take it out of one of the two. All other fields are kept equal")
}

// wakeContenders lets the others try who wait for an exclusive field that a write has given up.
func (v *visit[T]) wakeContenders(ctx context.Context, written remote.Object) {
	for _, field := range v.r.kind.Fields {
		value, sent := written.Get(field.wire())
		if field.ExclusiveIn == "" || !sent || remote.Text(value) == "true" {
			continue
		}
		spec, err := specOf(v.obj)
		if err != nil {
			continue
		}
		for _, request := range v.r.requests(ctx, indexExclusive, exclusiveKey(v.obj, field, spec)) {
			v.r.wake(request.NamespacedName)
		}
	}
}

// watchContenders wakes those who ask for the same exclusive field when one of them comes, goes or changes its spec.
func (r *Reconciler[T]) watchContenders(b *builder.Builder) {
	contenders := handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []reconcile.Request {
		obj, ok := o.(T)
		if !ok {
			return nil
		}
		var requests []reconcile.Request
		for _, key := range r.kind.exclusiveKeys(obj) {
			requests = append(requests, r.requests(ctx, indexExclusive, key)...)
		}
		return requests
	})
	for _, field := range r.kind.Fields {
		if field.ExclusiveIn != "" {
			b.Watches(r.kind.New(), contenders, builder.WithPredicates(predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
				return e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() ||
					e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero()
			}}))
			return
		}
	}
}
