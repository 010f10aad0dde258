package controllers

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// tend keeps the connection of an organization that goes, for its objects need it for their own deletion. What works is
// left alone and nothing is renewed for its sake: where a namespace is deleted the Secret goes first, and what is in
// memory is all there is. Only what does not work any more is connected anew. Ready is none of its business.
func (v *organizationVisit) tend(ctx context.Context) {
	defer v.measure()
	defer v.acknowledge()
	if v.organization.Spec.Suspend {
		v.disconnect(ctx)
	} else {
		if v.full {
			v.session.retry()
		}
		_, gatewayFailure := v.connect(ctx, v.tendWebex, v.tendGateway)
		v.concludeGateway(gatewayFailure)
	}
	v.restSyncs()
	v.endAuthorization()
}

// tendWebex leaves tokens alone that work and belong to the organization; the contact center is asked again when its
// rest after a refusal is over.
func (v *organizationVisit) tendWebex(ctx context.Context) *failure {
	session := &v.session.webex
	if session.source == nil || session.work == nil {
		return v.webexPart(ctx)
	}
	known := session.source.Status()
	if !known.Usable || session.identified != known.Origin {
		return v.webexPart(ctx)
	}
	v.identified = true
	failed := v.reach(ctx)
	v.settleWebex(ctx, failed)
	return failed
}

// tendGateway leaves a gateway alone that accepts the account, or gives no answer.
func (v *organizationVisit) tendGateway(ctx context.Context) *failure {
	client := v.session.gateway.client
	if client == nil || !v.session.gateway.works {
		return v.gatewayPart(ctx)
	}
	err := client.Ping(ctx)
	if err == nil {
		err = client.Trouble()
	}
	if err == nil {
		return nil
	}
	failed := gatewayFailure(err)
	if failed.status == metav1.ConditionFalse {
		return v.gatewayPart(ctx)
	}
	return failed
}
