package controllers

import (
	"context"
	"fmt"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/consent"
)

// NewConsentServer makes the consent page for the organizations that a manager works on. Added to the manager, it serves
// on every replica, whoever leads.
func NewConsentServer(mgr ctrl.Manager, options consent.Options) (*consent.Server, error) {
	reader := mgr.GetAPIReader()
	server, err := consent.NewServer(options, consent.Site{
		Client: mgr.GetClient(), Secrets: reader, Recorder: mgr.GetEventRecorder("wxcc-operator"),
		Log: mgr.GetLogger().WithName("consent"),
		Route: func(ctx context.Context, organization *v1alpha1.WebexOrganization) (consent.Route, error) {
			return routeOf(ctx, reader, organization)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make the consent page: %w", err)
	}
	return server, nil
}

// routeOf finds the way to an organization's platform for the consent page of any replica.
func routeOf(ctx context.Context, reader client.Reader, organization *v1alpha1.WebexOrganization) (consent.Route, error) {
	v := &organizationVisit{
		r: &OrganizationReconciler{APIReader: reader}, key: client.ObjectKeyFromObject(organization), organization: organization,
	}
	traffic, failed := v.proxies(ctx)
	if failed != nil {
		return consent.Route{}, fmt.Errorf("spec.proxy: %s", failed.message)
	}
	transport, err := traffic.transport(nil)
	if err != nil {
		return consent.Route{}, fmt.Errorf("spec.proxy: %w", err)
	}
	return consent.Route{Platform: platformURL(&organization.Spec), Transport: transport}, nil
}
