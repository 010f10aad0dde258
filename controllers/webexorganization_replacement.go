package controllers

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/token"
)

// replaces tells whether a resource takes the place of one that is being deleted: the same organization under another name
// in the same namespace. The old one keeps its connection for the deletions that need it.
func replaces(by, old *v1alpha1.WebexOrganization) bool {
	return old.DeletionTimestamp != nil && by.DeletionTimestamp == nil && by.Namespace == old.Namespace
}

// inheritTokens takes over the tokens in use of the resource whose place this one takes.
func (v *organizationVisit) inheritTokens(ctx context.Context) error {
	var list v1alpha1.WebexOrganizationList
	if err := v.r.Client.List(ctx, &list, client.MatchingFields{indexOrganizationUUID: v.organization.Status.OrganizationID}); err != nil {
		return fmt.Errorf("look for the resource that this one replaces: %w", err)
	}
	for i := range list.Items {
		old := &list.Items[i]
		if old.UID == v.organization.UID || !replaces(v.organization, old) || old.Spec.CredentialsSecretRef == nil {
			continue
		}
		if err := token.Inherit(ctx, v.r.APIReader, v.r.Client, token.PlaceOf(old), token.PlaceOf(v.organization)); err != nil {
			return fmt.Errorf("take over the tokens of WebexOrganization %s: %w", old.Name, err)
		}
	}
	return nil
}
