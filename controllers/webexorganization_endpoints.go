package controllers

import (
	"fmt"
	"strings"

	"wxcc.dev/operator/api/v1alpha1"
)

const defaultPlatform = "https://webexapis.com"

// contactCenterURLs are the bases of the contact-center API by region, as Cisco's samples and SDK name them. There is
// no default: a wrong region would look like a missing organization. us2 has been seen in tools but no address of it in
// anything of Cisco's, so it needs endpoints.contactCenter.
var contactCenterURLs = map[v1alpha1.Region]string{
	"us1":  "https://api.wxcc-us1.cisco.com",
	"eu1":  "https://api.wxcc-eu1.cisco.com",
	"eu2":  "https://api.wxcc-eu2.cisco.com",
	"anz1": "https://api.wxcc-anz1.cisco.com",
	"jp1":  "https://api.wxcc-jp1.cisco.com",
	"ca1":  "https://api.wxcc-ca1.cisco.com",
	"in1":  "https://api.wxcc-in1.cisco.com",
	"sg1":  "https://api.wxcc-sg1.cisco.com",
}

// platformURL is the base of the platform API, with /v1.
func platformURL(spec *v1alpha1.WebexOrganizationSpec) string {
	base := spec.Endpoints.Webex
	if base == "" {
		base = defaultPlatform
	}
	return strings.TrimSuffix(strings.TrimRight(base, "/"), "/v1") + "/v1"
}

// contactCenterURL is the base of the contact-center API; "" where the organization has no contact center.
func contactCenterURL(spec *v1alpha1.WebexOrganizationSpec) (string, error) {
	if !spec.ContactCenter {
		return "", nil
	}
	if spec.Endpoints.ContactCenter != "" {
		return strings.TrimRight(spec.Endpoints.ContactCenter, "/"), nil
	}
	base, ok := contactCenterURLs[spec.Region]
	if !ok {
		return "", fmt.Errorf("no address is known for region %q: set spec.endpoints.contactCenter", spec.Region)
	}
	return base, nil
}
