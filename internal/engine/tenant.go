package engine

import (
	"fmt"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/webex"
)

// tenant is the UUID of the remote organization that the WebexOrganization stands for; "" where it names none, because it
// has only a gateway, or where this is not known yet.
func (v *visit[T]) tenant() string {
	if v.resource == nil {
		return ""
	}
	id, err := webex.OrganizationUUID(v.resource.Spec.OrganizationID)
	if err != nil {
		return ""
	}
	return id
}

// sameTenant stops an object whose id was given by another remote organization than the one that its WebexOrganization
// stands for now: there the id means nothing, and the object would be made once more while the first one is left behind.
func (v *visit[T]) sameTenant() *outcome {
	pinned, now := v.status().OrganizationID, v.tenant()
	if pinned == "" || now == "" || pinned == now {
		return nil
	}
	if v.status().Origin == "" {
		v.status().ID, v.status().OrganizationID = "", "" // only observed: there is nothing to leave behind
		return nil
	}
	return stalled(v1alpha1.ReasonOrganizationChanged, fmt.Sprintf(
		"object %s is in organization %s, and WebexOrganization %q stands for organization %s now: make a WebexOrganization of that "+
			"name with organizationID %s again, or, to begin anew in the other one, delete this resource with deletionPolicy: Retain and create it again",
		v.status().ID, pinned, v.organizationKey.Name, now, pinned))
}

// pinTenant keeps the tenant beside the id, in whatever write of the status comes next.
func (v *visit[T]) pinTenant() {
	status := v.status()
	switch tenant := v.tenant(); {
	case status.ID == "":
		status.OrganizationID = ""
	case tenant != "" && (status.OrganizationID == "" || status.ID != v.before.GetConfigStatus().ID):
		status.OrganizationID = tenant
	}
}
