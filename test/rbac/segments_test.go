package rbac_test

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// segments are namespaces by region and site, each with one code of every unit.
var segments = map[string][]string{"north": {"oslo", "turku"}, "south": {"lisbon", "malaga"}}

var units = []string{"care", "sales"}

// People whose bindings cover the namespaces of a region see and change what is there, all of it or by label the part of a
// site or unit, and nothing of another region, whichever way they ask.
//
// Proves: S0.23
func TestPeopleSeeTheirSegmentOnly(t *testing.T) {
	t.Parallel()
	admin := newClient(t, plane.Admin.Config)
	role := clusterRole(t, "wxcc-edit")
	role.Name, role.Labels = "segment-edit", nil // the cluster's own roles of the other test stay out of this
	create(t, admin, role)
	people := map[string]client.Client{}
	for region, sites := range segments {
		user, err := plane.AddUser("person-" + region)
		if err != nil {
			t.Fatal(err)
		}
		people[region] = newClient(t, user.Config)
		for _, site := range sites {
			create(t, admin, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: site, Labels: map[string]string{"region": region}}})
			for _, unit := range units {
				create(t, admin, segmentCode(region, site, unit))
			}
		}
		bindRegion(t, admin, region, role.Name)
		for _, site := range sites {
			awaitRights(t, people[region], site)
		}
	}
	for region, c := range people {
		var seen []string
		for _, site := range segments[region] {
			seen = append(seen, codesSeen(t, c, client.InNamespace(site))...)
			if got := codesSeen(t, c, client.InNamespace(site), client.MatchingLabels{"unit": "care"}); !slices.Equal(got, []string{site + "/care"}) {
				t.Errorf("%s selects by unit: %v", region, got)
			}
		}
		slices.Sort(seen)
		if want := []string{segments[region][0] + "/care", segments[region][0] + "/sales", segments[region][1] + "/care", segments[region][1] + "/sales"}; !slices.Equal(seen, want) {
			t.Errorf("%s sees %v, want %v", region, seen, want)
		}
		mine := segmentCode(region, segments[region][0], "care")
		if err := c.Patch(t.Context(), mine, described("theirs to change")); err != nil {
			t.Errorf("%s changes a code of its own: %v", region, err)
		}
		// Neither the whole cluster, nor a label that reaches beyond, nor an object by its name.
		for name, options := range map[string][]client.ListOption{
			"everything": nil, "own region by label": {client.MatchingLabels{"region": region}}, "a unit": {client.MatchingLabels{"unit": "care"}},
		} {
			if err := c.List(t.Context(), &v1alpha1.AuxiliaryCodeList{}, options...); !apierrors.IsForbidden(err) {
				t.Errorf("%s lists %s of the cluster: %v", region, name, err)
			}
		}
		for other, sites := range segments {
			if other != region {
				shutOut(t, c, region, other, sites)
			}
		}
	}
}

// shutOut tries every way into the namespaces of another region.
func shutOut(t *testing.T, c client.Client, region, other string, sites []string) {
	t.Helper()
	for _, site := range sites {
		theirs := segmentCode(other, site, "care")
		for what, err := range map[string]error{
			"list":   c.List(t.Context(), &v1alpha1.AuxiliaryCodeList{}, client.InNamespace(site), client.MatchingLabels{"region": region}),
			"get":    c.Get(t.Context(), client.ObjectKeyFromObject(theirs), &v1alpha1.AuxiliaryCode{}),
			"patch":  c.Patch(t.Context(), theirs, described("not theirs")),
			"delete": c.Delete(t.Context(), theirs),
			"create": c.Create(t.Context(), segmentCode(region, site, "new")),
		} {
			if !apierrors.IsForbidden(err) {
				t.Errorf("%s in %s of %s: %s: %v", region, site, other, what, err)
			}
		}
	}
}

// bindRegion binds a region's person in the namespaces that carry its label, as a provider would.
func bindRegion(t *testing.T, admin client.Client, region, role string) {
	t.Helper()
	var namespaces corev1.NamespaceList
	if err := admin.List(t.Context(), &namespaces, client.MatchingLabels{"region": region}); err != nil {
		t.Fatal(err)
	}
	for _, namespace := range namespaces.Items {
		create(t, admin, bind("person-"+region, role, namespace.Name))
	}
}

func segmentCode(region, site, unit string) *v1alpha1.AuxiliaryCode {
	one := code(site)
	one.Name, one.Labels = unit, map[string]string{"region": region, "site": site, "unit": unit}
	return one
}

func described(text string) client.Patch {
	return client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"description":"`+text+`"}}`))
}

// codesSeen are the codes of a list, as namespace/name.
func codesSeen(t *testing.T, c client.Client, options ...client.ListOption) []string {
	t.Helper()
	var list v1alpha1.AuxiliaryCodeList
	if err := c.List(t.Context(), &list, options...); err != nil {
		t.Errorf("list: %v", err)
	}
	var names []string
	for _, one := range list.Items {
		names = append(names, strings.Join([]string{one.Namespace, one.Name}, "/"))
	}
	slices.Sort(names)
	return names
}
