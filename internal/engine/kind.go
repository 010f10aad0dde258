// Package engine is the loop that every configuration kind shares: find out what the remote service holds, compare,
// decide, write, prove, and say so in status. It knows nothing of any kind; a kind is a value (see Kind).
package engine

import (
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// Kind describes one configuration kind. It holds no state.
type Kind[T v1alpha1.Object] struct {
	// Name of the kind, for instance "AuxiliaryCode".
	Name string
	// New makes an empty object.
	New func() T
	// NewList makes an empty list.
	NewList func() client.ObjectList
	// Collection says where the kind's objects live.
	Collection Placement[T]
	// IDField is the wire field that holds the remote id; default "id".
	IDField string
	// NameField is the wire field that holds the name; default "name".
	NameField string
	// Namesakes: the service may hold several objects of one name.
	Namesakes bool
	// Key returns how to look an object up that has no id yet; default by its remote name.
	Key func(T) remote.Key
	// Renamed tells whether a row that is found under the object's name is the object itself under another id, for
	// services that give one with a change; nil where ids never change.
	Renamed func(of Owner[T], owned, row remote.Object) bool
	// Tells tells whether a row has what the spec says beside the name, by which one of several namesakes is known; nil
	// where nothing else in a row is unique.
	Tells func(of Owner[T], owned, row remote.Object) bool
	// Permits says what of the spec the organization has switched off, and how to switch it on; "" if nothing. writes is
	// false where the object is only observed. nil permits everything.
	Permits func(of Owner[T], writes bool) string
	// Fields is the table of what the spec can own.
	Fields []Field[T]
	// OnCreate returns wire fields that the service demands at creation where the spec leaves them out.
	OnCreate func(T) remote.Object
	// Protected tells whether the service never lets this object be changed; default: systemDefault is true.
	Protected func(remote.Object) bool
	// Observe copies read-only facts of the remote object into the kind's own status.
	Observe func(obj T, actual remote.Object, references Resolved)
	// ObserveUsers copies who refers to the remote object into the kind's own status. Because that costs requests of its
	// own, it is asked for when somebody wants a check, when a deletion is blocked, and in turn: for a few objects of the
	// collection at each sweep.
	ObserveUsers func(obj T, users remote.Users)
}

// Field ties one field of the spec to one of the wire.
type Field[T v1alpha1.Object] struct {
	// Spec is the JSON path below spec, for instance "profile.language".
	Spec string
	// Wire is the path in the remote object; default the same as Spec.
	Wire string
	// Immutable: the service never changes it after creation, so a difference is reported and not written.
	Immutable bool
	// CreateOnly: sent at creation and never seen again.
	CreateOnly bool
	// Part: a part of the object with a route of its own, which is asked only where the spec owns the field.
	Part bool
	// Applies tells whether an object has the field at all, by its spec or its wire form, which spell alike what this
	// depends on; nil where every object has it. Services may show fields that do not apply.
	Applies func(object remote.Object) bool
	// Whole: an object that is written as a whole when any part of it differs.
	Whole bool
	// SetLike: a list whose order means nothing.
	SetLike bool
	// ToWire and FromWire translate a value between spec and wire; nil means that both spell it alike. FromWire gives nil for
	// a value that a spec has no word for.
	ToWire   func(of Owner[T], value any) any
	FromWire func(value any) any
	// Normalise brings a value to the form in which both sides are compared; nil means as it is.
	Normalise func(of Owner[T], value any) any
	// Same tells whether two values mean the same where a form that both have in common depends on both; nil leaves it to
	// Normalise.
	Same func(of Owner[T], desired, actual any) bool
	// Unique brings a value to a form that only one object of the collection can have; "" for a value that takes nothing
	// away from others. nil where any number may have the same. It can be cleared by "".
	Unique func(of Owner[T], value any) string
	// Reference is the kind that an ObjectReference here points to; the wire then holds the target's id.
	Reference string
	// Check says why a reference's target does not fit, "" if it does.
	Check func(obj T, target remote.Object) string
	// Secret: the spec holds a SecretKeyReference and the wire a write-only value.
	Secret bool
	// ExclusiveIn is the spec path of the scope, for instance the family of a code, in which one object only can have this
	// boolean field true. The oldest resource that says so owns the field; the others leave it alone and say so.
	ExclusiveIn string
	// GeneratedIf is the path of a switch in the spec: while it is on, the operator makes the Secret if there is none.
	GeneratedIf string
}

// Owner is whose field it is: some values mean different things in different organizations.
type Owner[T v1alpha1.Object] struct {
	Object       T
	Organization *v1alpha1.WebexOrganization
}

// Placement says which store holds a kind's objects within an organization.
type Placement[T v1alpha1.Object] struct {
	// name of the collection in the inventory, which may have one for each group of a gateway.
	name string
	// admits says that the organization does not let objects into this part of the service; nil where it does, or always.
	admits func(organization *v1alpha1.WebexOrganization, obj T) *outcome
	// switchedOff says that the organization does not have this part at all; nil if it does.
	switchedOff func(*v1alpha1.WebexOrganization) *outcome
	// open returns the store; nil while this part is not connected.
	open func(organization *inventory.Organization, obj T) *inventory.Store
	// held is how long the service asked everybody to stay away; nil means never.
	held func(*inventory.Organization) time.Duration
	// fullCheck is how often an object is read in full although its row has not changed; nil means fullCheckEvery.
	fullCheck func(*v1alpha1.WebexOrganization) time.Duration
	// conditions of the organization that tell why this part is not connected, most telling first.
	conditions []string
}

// InContactCenter places a kind in the configuration API of Webex Contact Center.
func InContactCenter[T v1alpha1.Object](entity webex.Entity) Placement[T] {
	return Placement[T]{
		name:       entity.Route,
		conditions: []string{v1alpha1.ConditionTokenValid, v1alpha1.ConditionContactCenterReachable, v1alpha1.ConditionReady},
		switchedOff: func(organization *v1alpha1.WebexOrganization) *outcome {
			if organization.Spec.ContactCenter {
				return nil
			}
			return waiting(v1alpha1.ReasonContactCenterDisabled,
				fmt.Sprintf("WebexOrganization %q has spec.contactCenter: false", organization.Name))
		},
		open: func(organization *inventory.Organization, _ T) *inventory.Store {
			return organization.ContactCenter(entity)
		},
		held: func(organization *inventory.Organization) time.Duration {
			if client := organization.Connection().Webex; client != nil {
				return client.HeldFor()
			}
			return 0
		},
	}
}

// InGateway places a kind in the group of a BroadWorks tenant behind the organization's call-center gateway.
func InGateway[T v1alpha1.Object](scope func(T) (tenant, group string)) Placement[T] {
	return Placement[T]{
		name:       inventory.CallCenters,
		conditions: []string{v1alpha1.ConditionGatewayReady, v1alpha1.ConditionReady},
		admits: func(organization *v1alpha1.WebexOrganization, obj T) *outcome {
			tenant, group := scope(obj)
			if gateway := organization.Spec.CallCenterGateway; gateway == nil || gateway.Allows(tenant, group) {
				return nil
			}
			return waiting(v1alpha1.ReasonTenantNotAllowed, fmt.Sprintf("WebexOrganization %q does not allow group %q of tenant %q: "+
				"see its spec.callCenterGateway.allowedTenants", organization.Name, group, tenant))
		},
		switchedOff: func(organization *v1alpha1.WebexOrganization) *outcome {
			if organization.Spec.CallCenterGateway != nil {
				return nil
			}
			return waiting(v1alpha1.ReasonGatewayNotConfigured,
				fmt.Sprintf("WebexOrganization %q has no spec.callCenterGateway", organization.Name))
		},
		open: func(organization *inventory.Organization, obj T) *inventory.Store {
			return organization.CallCenters(scope(obj))
		},
		fullCheck: func(organization *v1alpha1.WebexOrganization) time.Duration {
			if gateway := organization.Spec.CallCenterGateway; gateway != nil && gateway.FullCheckInterval != nil {
				return gateway.FullCheckInterval.Duration
			}
			return fullCheckEvery
		},
		held: func(organization *inventory.Organization) time.Duration {
			if client := organization.Connection().Gateway; client != nil {
				return client.HeldFor()
			}
			return 0
		},
	}
}

// Name of the collection in the inventory, without what names a part of it.
func (p Placement[T]) Name() string { return p.name }

func (k *Kind[T]) idField() string { return orDefault(k.IDField, "id") }

func (k *Kind[T]) nameField() string { return orDefault(k.NameField, "name") }

func (k *Kind[T]) key(obj T) remote.Key {
	if k.Key != nil {
		return k.Key(obj)
	}
	return remote.Key{Name: obj.GetRemoteName()}
}

func (k *Kind[T]) protected(actual remote.Object) bool {
	if k.Protected != nil {
		return k.Protected(actual)
	}
	return actual.Bool("systemDefault")
}

func (f Field[T]) wire() string { return orDefault(f.Wire, f.Spec) }

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
