package controllers

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// proofs holds which organizations have proven in this process that their credentials are those of their Webex
// organization, or that they are not. Where it does not know, status.identityVerifiedAt says what an earlier process found.
// The zero value is empty.
type proofs struct {
	mu  sync.Mutex
	all map[types.NamespacedName]proof
}

// proof is what became of the last check. uuid is the Webex organization that the resource stands for, "" for none.
type proof struct{ uuid string }

// prove lets a resource stand for a Webex organization, unless another one does already, whose key it returns.
func (p *proofs) prove(key types.NamespacedName, uuid string) (other types.NamespacedName, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for holder, proof := range p.all {
		if holder != key && proof.uuid == uuid {
			return holder, false
		}
	}
	if p.all == nil {
		p.all = map[types.NamespacedName]proof{}
	}
	p.all[key] = proof{uuid: uuid}
	return key, true
}

// doubt says that a resource stands for nothing, and returns whether that is news to this process.
func (p *proofs) doubt(key types.NamespacedName) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was, known := p.all[key]
	if p.all == nil {
		p.all = map[types.NamespacedName]proof{}
	}
	p.all[key] = proof{}
	return !known || was.uuid != ""
}

func (p *proofs) forget(key types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, key)
}

// stands tells whether a resource has proven that it stands for a Webex organization.
func (p *proofs) stands(organization *v1alpha1.WebexOrganization, uuid string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.all[client.ObjectKeyFromObject(organization)]; ok {
		return known.uuid == uuid
	}
	return organization.Status.IdentityVerifiedAt != nil
}

// onlyOne refuses the organization if another resource stands for it already. A resource that has proven nothing stands
// for nothing: anybody may write one.
func (v *organizationVisit) onlyOne(ctx context.Context, uuid string) *failure {
	var list v1alpha1.WebexOrganizationList
	if err := v.r.Client.List(ctx, &list, client.MatchingFields{indexOrganizationUUID: uuid}); err != nil {
		return unknown(v1alpha1.ReasonUnavailable, fmt.Errorf("look for other resources of the organization: %w", err))
	}
	mine := v.r.proofs.stands(v.organization, uuid)
	for i := range list.Items {
		other := &list.Items[i]
		key := client.ObjectKeyFromObject(other)
		switch {
		case key == v.key || !v.r.proofs.stands(other, uuid):
		case replaces(v.organization, other):
			v.r.proofs.doubt(key) // it goes, and this one is there to take its place
		case !mine || older(other, v.organization):
			return duplicateOf(key, uuid)
		}
	}
	return nil
}

func duplicateOf(other types.NamespacedName, uuid string) *failure {
	return stalled(v1alpha1.ReasonDuplicateOrganization, fmt.Sprintf(
		"WebexOrganization %s already stands for organization %s", other, uuid))
}

// prove notes that the credentials are those of the organization, unless another resource was faster.
func (v *organizationVisit) prove(uuid string) *failure {
	if other, ok := v.r.proofs.prove(v.key, uuid); !ok {
		return duplicateOf(other, uuid)
	}
	if v.organization.Status.IdentityVerifiedAt == nil {
		v.organization.Status.IdentityVerifiedAt = timeOrNil(v.now)
	}
	return nil
}

// doubt takes back what the organization has proven: it shares no budget any more and stands in nobody's way. Those whom it
// stood in the way of try again.
func (v *organizationVisit) doubt(ctx context.Context) {
	v.r.budgets.leave(v.key)
	stood := v.organization.Status.IdentityVerifiedAt != nil
	v.organization.Status.IdentityVerifiedAt, v.organization.Status.AccountEmails = nil, nil
	v.unset(v1alpha1.ConditionAccountEmailMatches)
	if v.r.proofs.doubt(v.key) && stood {
		for _, other := range v.r.namesakes(ctx, v.organization) {
			v.r.wakeups.wake(other.NamespacedName)
		}
	}
}

// older tells whether a was there before b; names decide where both were made in one second.
func older(a, b *v1alpha1.WebexOrganization) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return client.ObjectKeyFromObject(a).String() < client.ObjectKeyFromObject(b).String()
}
