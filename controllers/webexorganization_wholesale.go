package controllers

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// What a status holds of a wholesale customer.
const (
	maxWholesalePackages = 50
	maxWholesaleNotices  = 20
	maxWholesaleText     = 1024
)

// The states of a wholesale customer that say something.
const (
	wholesaleProvisioned = "provisioned"
	wholesaleWithErrors  = "provisioned_with_errors"
	wholesaleError       = "error"
)

// readWholesale mirrors the organization's wholesale record.
func (v *organizationVisit) readWholesale(ctx context.Context) error {
	customers, err := v.session.webex.work.WholesaleCustomers(ctx)
	if err != nil {
		return err
	}
	switch len(customers) {
	case 0:
		v.noWholesale(v1alpha1.ReasonNotProvisioned, "no wholesale customer has this organization")
		return nil
	case 1:
		return v.mirror(ctx, customers[0])
	}
	ids := make([]string, 0, len(customers))
	for _, customer := range customers {
		ids = append(ids, customer.ID)
	}
	v.noWholesale(v1alpha1.ReasonMultipleMatches,
		fmt.Sprintf("%d wholesale customers have this organization: %s", len(customers), firstOf(ids)))
	return nil
}

// mirror shows a record, unless it is another organization's.
func (v *organizationVisit) mirror(ctx context.Context, customer webex.WholesaleCustomer) error {
	status := &v.organization.Status
	if customer.OrganizationID != "" { // it has none before it is provisioned
		uuid, err := webex.OrganizationUUID(customer.OrganizationID)
		if err != nil {
			return &remote.Error{Class: remote.InvalidResponse, Op: "wholesale customer " + customer.ID, Message: err.Error(), Err: err}
		}
		if uuid != status.OrganizationID {
			v.noWholesale(v1alpha1.ReasonWrongOrganization,
				fmt.Sprintf("wholesale customer %s belongs to organization %s, not to %s", customer.ID, uuid, status.OrganizationID))
			return nil
		}
	}
	mirrored, left := mirrorOf(customer)
	mirrored.OrgName = status.DisplayName
	status.WholesaleCustomer = mirrored
	told, err := v.managePackages(ctx, customer)
	if !told {
		v.judgeWholesale(customer, left)
	}
	v.judgeWarnings(customer)
	return err
}

// noWholesale says why there is nothing to mirror.
func (v *organizationVisit) noWholesale(reason v1alpha1.Reason, message string) {
	v.organization.Status.WholesaleCustomer = nil
	v.unset(v1alpha1.ConditionWholesaleWarning)
	v.wholesaleIs(metav1.ConditionFalse, reason, message)
}

// mirrorOf converts a record, and says how much of it a status does not hold.
func mirrorOf(customer webex.WholesaleCustomer) (*v1alpha1.WholesaleCustomer, string) {
	var left omitted
	mirrored := &v1alpha1.WholesaleCustomer{
		ID: customer.ID, OrgID: customer.OrganizationID, ExternalID: customer.ExternalID, Status: customer.Status,
		Address: v1alpha1.WholesaleAddress(customer.Address), Packages: firstN(customer.Packages, maxWholesalePackages, &left.packages),
	}
	for _, one := range firstN(customer.ResourceDetails.Packages, maxWholesalePackages, &left.details) {
		mirrored.ResourceDetails.Packages = append(mirrored.ResourceDetails.Packages, v1alpha1.WholesalePackage{
			Name: one.Name, Status: one.Status, Warnings: noticesOf(one.Warnings, &left.notices), Errors: noticesOf(one.Errors, &left.notices),
		})
	}
	return mirrored, left.String()
}

// omitted counts what a status does not hold.
type omitted struct{ packages, details, notices int }

func (o omitted) String() string {
	if o == (omitted{}) {
		return ""
	}
	return fmt.Sprintf(" (not shown: %d packages, %d package states, %d warnings or errors)", o.packages, o.details, o.notices)
}

// firstN returns at most so many of a list and counts the others.
func firstN[T any](list []T, most int, others *int) []T {
	if len(list) <= most {
		return list
	}
	*others += len(list) - most
	return list[:most]
}

func noticesOf(notices []webex.WholesaleNotice, others *int) []v1alpha1.WholesaleNotice {
	var shown []v1alpha1.WholesaleNotice
	for _, notice := range firstN(notices, maxWholesaleNotices, others) {
		shown = append(shown, v1alpha1.WholesaleNotice{
			ErrorCode: clamp(int64(notice.ErrorCode)), Description: remote.Printable(notice.Description, maxWholesaleText),
		})
	}
	return shown
}

// judgeWholesale sets WholesaleReady: errors of the customer or of a package make it not ready, warnings do not.
func (v *organizationVisit) judgeWholesale(customer webex.WholesaleCustomer, left string) {
	errors := quotes("", customer.Errors)
	for _, one := range customer.ResourceDetails.Packages {
		errors = append(errors, quotes(one.Name, one.Errors)...)
		if one.Status == wholesaleError && len(one.Errors) == 0 {
			errors = append(errors, one.Name+": status error")
		}
	}
	if len(errors) == 0 && slices.Contains([]string{wholesaleError, wholesaleWithErrors}, customer.Status) {
		errors = append(errors, "status "+customer.Status)
	}
	switch {
	case len(errors) > 0:
		v.wholesaleIs(metav1.ConditionFalse, v1alpha1.ReasonProvisioningErrors, firstOf(errors)+left)
	case customer.Status == wholesaleProvisioned:
		v.wholesaleIs(metav1.ConditionTrue, v1alpha1.ReasonProvisioned, "the wholesale customer is provisioned"+left)
	default:
		v.wholesaleIs(metav1.ConditionUnknown, v1alpha1.ReasonProvisioning, fmt.Sprintf("the wholesale customer's status is %q", customer.Status)+left)
	}
}

// judgeWarnings names the warnings of packages.
func (v *organizationVisit) judgeWarnings(customer webex.WholesaleCustomer) {
	var warnings []string
	for _, one := range customer.ResourceDetails.Packages {
		warnings = append(warnings, quotes(one.Name, one.Warnings)...)
	}
	if len(warnings) == 0 {
		v.unset(v1alpha1.ConditionWholesaleWarning)
		return
	}
	message := firstOf(warnings)
	v.set(v1alpha1.ConditionWholesaleWarning, metav1.ConditionTrue, v1alpha1.ReasonProvisioningWarnings, message)
	if was := v.was(v1alpha1.ConditionWholesaleWarning); was == nil || was.Message != shorten(message) {
		v.event(corev1.EventTypeWarning, string(v1alpha1.ReasonProvisioningWarnings), "Sync", message)
	}
}

// quotes spells notices as "package: 2560 description".
func quotes(name string, notices []webex.WholesaleNotice) []string {
	var texts []string
	if name != "" {
		name += ": "
	}
	for _, notice := range notices {
		texts = append(texts, fmt.Sprintf("%s%d %s", name, notice.ErrorCode, notice.Description))
	}
	return texts
}

// wholesaleIs sets WholesaleReady and tells of it when it becomes something else.
func (v *organizationVisit) wholesaleIs(status metav1.ConditionStatus, reason v1alpha1.Reason, message string) {
	v.set(v1alpha1.ConditionWholesaleReady, status, reason, message)
	if was := v.was(v1alpha1.ConditionWholesaleReady); was != nil && was.Reason == string(reason) {
		return
	}
	kind := corev1.EventTypeNormal
	if status == metav1.ConditionFalse {
		kind = corev1.EventTypeWarning
	}
	v.event(kind, string(reason), "Sync", "wholesale: "+message)
}

// wholesaleUnread is told that the record could not be read. What was read before stays, and what it meant, unless the
// reason is one that time does not end.
func (v *organizationVisit) wholesaleUnread(failed *failure) {
	if failed.status == metav1.ConditionFalse || v.was(v1alpha1.ConditionWholesaleReady) == nil {
		v.set(v1alpha1.ConditionWholesaleReady, metav1.ConditionUnknown, failed.reason, failed.message)
	}
}

// endWholesale removes what was mirrored.
func (v *organizationVisit) endWholesale() {
	v.organization.Status.WholesaleCustomer, v.organization.Status.WholesaleRequest = nil, nil
	v.unset(v1alpha1.ConditionWholesaleReady, v1alpha1.ConditionWholesaleWarning)
}
