package engine

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
)

// heldLongEnough is the hold from which on an object steps aside instead of keeping a worker waiting.
const heldLongEnough = 2 * time.Second

// OrganizationOf returns the key of the organization that an object belongs to.
func OrganizationOf(obj v1alpha1.Object) types.NamespacedName {
	reference := obj.GetConfigSpec().OrganizationRef
	return types.NamespacedName{Namespace: orDefault(reference.Namespace, obj.GetNamespace()), Name: reference.Name}
}

// connect finds the organization and the store, or says what is being waited for. It makes no remote call.
func (v *visit[T]) connect(ctx context.Context) *outcome {
	v.organizationKey = OrganizationOf(v.obj)
	v.policies = v.spec().Policies
	var organization v1alpha1.WebexOrganization
	err := v.r.env.Client.Get(ctx, v.organizationKey, &organization)
	switch {
	case apierrors.IsNotFound(err):
		return v.unlessRetained(ctx, waiting(v1alpha1.ReasonWaitingForOrganization,
			fmt.Sprintf("WebexOrganization %q does not exist in namespace %q", v.organizationKey.Name, v.organizationKey.Namespace)))
	case err != nil:
		return failed(fmt.Errorf("get WebexOrganization %s: %w", v.organizationKey, err))
	}
	v.resource = &organization
	v.policies = inherit(v.policies, organization.Spec.Defaults)
	if out := v.sameTenant(); out != nil {
		return v.unlessRetained(ctx, out)
	}
	if out := v.admitted(ctx, &organization); out != nil {
		return v.unlessRetained(ctx, out)
	}
	if admits := v.r.kind.Collection.admits; admits != nil {
		if out := admits(&organization, v.obj); out != nil {
			return v.unlessRetained(ctx, out)
		}
	}
	if organization.DeletionTimestamp != nil && !v.deleting() {
		return waiting(v1alpha1.ReasonOrganizationNotReady,
			fmt.Sprintf("WebexOrganization %q is being deleted: delete this resource too, or set its spec.organizationRef to another WebexOrganization with the same organizationID; until then nothing of it is kept equal", organization.Name))
	}
	if organization.Spec.Suspend {
		return &outcome{state: isSuspended, reason: v1alpha1.ReasonSuspended, message: "the WebexOrganization is suspended"}
	}
	if out := v.session(&organization); out != nil {
		return v.unlessRetained(ctx, out)
	}
	return nil
}

// session opens the store of a connected organization.
func (v *visit[T]) session(organization *v1alpha1.WebexOrganization) *outcome {
	if out := v.r.kind.Collection.switchedOff(organization); out != nil {
		return out
	}
	connected, ok := v.r.env.Registry.Get(v.organizationKey)
	if ok {
		v.organization = connected
		v.store = v.r.kind.Collection.open(connected, v.obj)
	}
	if v.store == nil {
		return v.notConnected(organization)
	}
	if held := v.r.kind.Collection.held; held != nil && !v.settled {
		if wait := held(connected); wait > heldLongEnough {
			return v.stepAside(wait)
		}
	}
	return nil
}

// notConnected tells an organization in trouble from one that this process has not come to yet after a start.
func (v *visit[T]) notConnected(organization *v1alpha1.WebexOrganization) *outcome {
	conditions := organization.Status.Conditions
	switch known := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady); {
	case known == nil || len(v.status().Conditions) == 0:
	case known.Status == metav1.ConditionTrue, known.Status == metav1.ConditionUnknown && v.settled:
		return &outcome{untouched: true} // it may work again in a moment, and nothing was asked of this object
	}
	for _, name := range v.r.kind.Collection.conditions {
		if condition := meta.FindStatusCondition(conditions, name); condition != nil && condition.Status != metav1.ConditionTrue {
			return waiting(v1alpha1.ReasonOrganizationNotReady,
				fmt.Sprintf("WebexOrganization %q: %s: %s", organization.Name, condition.Reason, condition.Message))
		}
	}
	return waiting(v1alpha1.ReasonOrganizationNotReady, fmt.Sprintf("WebexOrganization %q is being connected", organization.Name))
}

// stepAside waits out a hold of the request budget. Who asked for nothing keeps what was said before, so that a hold over
// ten thousand objects writes nothing; an edit or a request is told, once, until when it waits.
func (v *visit[T]) stepAside(held time.Duration) *outcome {
	told := v.readyReason() == v1alpha1.ReasonRateLimited
	if v.unchangedSince() || told && v.status().ObservedGeneration == v.obj.GetGeneration() {
		return &outcome{untouched: true, after: held}
	}
	return &outcome{
		state: isUnknown, reason: v1alpha1.ReasonRateLimited, after: held,
		message: fmt.Sprintf("the service asked this OAuth client or account to wait: no request is sent before %s",
			time.Now().Add(held).UTC().Truncate(time.Second).Add(time.Second).Format(time.RFC3339)),
	}
}

// admitted checks the organization's allowedNamespaces: by default only its own.
func (v *visit[T]) admitted(ctx context.Context, organization *v1alpha1.WebexOrganization) *outcome {
	namespace := v.obj.GetNamespace()
	if namespace == organization.Namespace {
		return nil
	}
	denied := waiting(v1alpha1.ReasonOrganizationNotAllowed,
		fmt.Sprintf("WebexOrganization %s does not admit namespace %q: see its spec.allowedNamespaces", v.organizationKey, namespace))
	allowed := organization.Spec.AllowedNamespaces
	switch {
	case allowed == nil || allowed.From == v1alpha1.NamespacesSame:
		return denied
	case allowed.From == v1alpha1.NamespacesAll:
		return nil
	}
	selector, err := metav1.LabelSelectorAsSelector(allowed.Selector)
	if err != nil {
		return denied
	}
	var object corev1.Namespace
	if err := v.r.env.Client.Get(ctx, types.NamespacedName{Name: namespace}, &object); err != nil {
		return failed(fmt.Errorf("get namespace %s: %w", namespace, err))
	}
	if selector.Matches(labels.Set(object.Labels)) {
		return nil
	}
	// Labels of a namespace are not watched.
	return denied.in(slowRetry)
}

// unlessRetained lets a deletion through that leaves the remote object: it needs no connection.
func (v *visit[T]) unlessRetained(ctx context.Context, out *outcome) *outcome {
	if !v.deleting() {
		return out
	}
	if v.retains() || v.policies.ManagementPolicy == v1alpha1.ManagementObserve {
		return v.letGo(ctx)
	}
	if out.untouched {
		return out
	}
	out.message += "; the remote object cannot be deleted now (" + wayOut + ")"
	return out
}

// inherit fills what the object leaves open from the organization's defaults, and those from the operator's.
func inherit(own, defaults v1alpha1.Policies) v1alpha1.Policies {
	return v1alpha1.Policies{
		ManagementPolicy: first(own.ManagementPolicy, defaults.ManagementPolicy, v1alpha1.ManagementEnforce),
		DeletionPolicy:   first(own.DeletionPolicy, defaults.DeletionPolicy),
		AdoptionPolicy:   first(own.AdoptionPolicy, defaults.AdoptionPolicy, v1alpha1.AdoptionIfIdentical),
	}
}

func first[S ~string](values ...S) S {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
