package controllers

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/metrics"
	"wxcc.dev/operator/internal/webex"
)

const (
	// maxInventory is how many licences or roles a status holds.
	maxInventory = 200
	// defaultLicenseWarning is the use of a licence, in percent, from which it is told of.
	defaultLicenseWarning = 90
)

func (v *organizationVisit) readLicenses(ctx context.Context) error {
	licenses, err := v.session.webex.work.Licenses(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(licenses, func(a, b webex.License) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	v.organization.Status.Licenses = bounded(licenses, func(l webex.License) (string, v1alpha1.License) {
		return l.ID, v1alpha1.License{
			ID: l.ID, Name: l.Name, TotalUnits: clamp(int64(l.TotalUnits)), ConsumedUnits: clamp(int64(l.ConsumedUnits)),
			SubscriptionID: l.SubscriptionID, SiteURL: l.SiteURL,
		}
	})
	return nil
}

func (v *organizationVisit) readRoles(ctx context.Context) error {
	roles, err := v.session.webex.work.Roles(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(roles, func(a, b webex.Role) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	v.organization.Status.Roles = bounded(roles, func(r webex.Role) (string, v1alpha1.Role) { return r.ID, v1alpha1.Role{ID: r.ID, Name: r.Name} })
	return nil
}

// judgeLicenses names the licences that are nearly used up, and tells of each when it becomes one of them.
func (v *organizationVisit) judgeLicenses() {
	spec, status := &v.organization.Spec, &v.organization.Status
	percent := int32(defaultLicenseWarning)
	if spec.LicenseWarningPercent != nil {
		percent = *spec.LicenseWarningPercent
	}
	low := lowLicenses(status.Licenses, percent)
	if len(low) == 0 {
		v.unset(v1alpha1.ConditionLicensesLow)
		return
	}
	texts := make([]string, 0, len(low))
	for _, license := range low {
		texts = append(texts, fmt.Sprintf("%s %d of %d", license.Name, license.ConsumedUnits, license.TotalUnits))
	}
	was := lowLicenses(v.before.Status.Licenses, percent)
	told := v.was(v1alpha1.ConditionLicensesLow) != nil
	for i, license := range low {
		known := slices.ContainsFunc(was, func(other v1alpha1.License) bool { return other.ID == license.ID })
		if !told || !known {
			v.event(corev1.EventTypeWarning, string(v1alpha1.ReasonLicensesLow), "Sync",
				fmt.Sprintf("licence nearly used up: %s units", texts[i]))
		}
	}
	v.set(v1alpha1.ConditionLicensesLow, metav1.ConditionTrue, v1alpha1.ReasonLicensesLow,
		fmt.Sprintf("used to %d %% or more: %s", percent, firstOf(texts)))
}

// lowLicenses returns the licences that are used to so many percent or more; none with 0. A total of 0 or less means that
// there is no limit.
func lowLicenses(licenses []v1alpha1.License, percent int32) []v1alpha1.License {
	var low []v1alpha1.License
	for _, license := range licenses {
		if percent > 0 && license.TotalUnits > 0 && int64(license.ConsumedUnits)*100 >= int64(license.TotalUnits)*int64(percent) {
			low = append(low, license)
		}
	}
	return low
}

// firstOf joins the first texts and counts the others.
func firstOf(texts []string) string {
	if len(texts) <= maxNamed {
		return strings.Join(texts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(texts[:maxNamed], ", "), len(texts)-maxNamed)
}

// licenseUnits adds up the units of the licences by name.
func licenseUnits(licenses []v1alpha1.License) map[string]metrics.LicenseUnits {
	units := map[string]metrics.LicenseUnits{}
	for _, license := range licenses {
		sum := units[license.Name]
		sum.Total += float64(license.TotalUnits)
		sum.Consumed += float64(license.ConsumedUnits)
		units[license.Name] = sum
	}
	return units
}

// bounded converts a list to what a status may hold: unique ids and a maximum.
func bounded[From, To any](list []From, convert func(From) (string, To)) []To {
	seen := map[string]bool{"": true}
	var kept []To
	for _, item := range list {
		id, converted := convert(item)
		if seen[id] || len(kept) == maxInventory {
			continue
		}
		seen[id] = true
		kept = append(kept, converted)
	}
	return kept
}

func clamp(count int64) int32 { return int32(min(max(count, math.MinInt32), math.MaxInt32)) }

func timeOrNil(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t.Truncate(time.Second)}
}
