package webex

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func names(scopes []Scope, only func(Scope) bool) []string {
	var found []string
	for _, scope := range scopes {
		if only == nil || only(scope) {
			found = append(found, scope.Name)
		}
	}
	return found
}

// Proves: PR29
func TestWholesaleAsksForExactlyTwoScopesMore(t *testing.T) {
	t.Parallel()
	for _, contactCenter := range []bool{false, true} {
		plain := names(Scopes(contactCenter, false), nil)
		more := slices.DeleteFunc(names(Scopes(contactCenter, true), nil), func(name string) bool { return slices.Contains(plain, name) })
		want := []string{"spark-admin:wholesale_customers_read", "spark-admin:wholesale_subscribers_read"}
		if diff := cmp.Diff(want, more); diff != "" {
			t.Errorf("contact center %t: wholesale adds (-want +got):\n%s", contactCenter, diff)
		}
	}
}

func TestScopesOfAConnection(t *testing.T) {
	t.Parallel()
	want := []string{
		"spark-admin:organizations_read", "spark:people_read", "cjp:config_read", "cjp:config_write",
		"spark-admin:licenses_read", "spark-admin:roles_read",
	}
	if diff := cmp.Diff(want, names(Scopes(true, false), nil)); diff != "" {
		t.Errorf("with contact center (-want +got):\n%s", diff)
	}
	required := func(s Scope) bool { return s.Required }
	if diff := cmp.Diff([]string{ScopeOrganizations, ScopeConfigRead, ScopeConfigWrite}, names(Scopes(true, true), required)); diff != "" {
		t.Errorf("required with contact center (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{ScopeOrganizations}, names(Scopes(false, true), required)); diff != "" {
		t.Errorf("required without contact center (-want +got):\n%s", diff)
	}
	for _, scope := range Scopes(true, true) {
		if scope.Gives == "" {
			t.Errorf("%s: nothing says what it gives", scope.Name)
		}
	}
}
