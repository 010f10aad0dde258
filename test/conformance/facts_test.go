package conformance_test

import (
	"maps"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	corev1 "k8s.io/api/core/v1"

	"wxcc.dev/operator/api/v1alpha1"
)

// fact is a value at a dotted path of status.
func (r *resource) fact(path ...string) any {
	r.w.t.Helper()
	value, _, err := unstructured.NestedFieldNoCopy(r.read().Object, append([]string{"status"}, path...)...)
	if err != nil {
		r.w.t.Fatal(err)
	}
	return value
}

// Proves: S0.5, S0.7, S0.8, S0.12, S0.13, S0.14, S0.15
func TestAuxiliaryCodeFacts(t *testing.T) {
	t.Parallel()
	k := auxiliaryCode()
	w := newWorld(t, k)
	r := w.create(k.full("Known"))
	id := r.waitReady().ID
	w.changeRemote(id, record{"somethingNew": map[string]any{"nested": true}, "links": []any{map[string]any{"rel": "self", "href": "/x"}}})
	r.check()
	one := w.onlyRemote("Known")
	for path, want := range map[string]any{
		"workTypeID": one["workTypeId"], "workTypeName": idleWorkType, "systemDefault": false, "isSystemCode": false, "version": one["version"],
	} {
		if have := r.fact(path); !same(have, want) {
			t.Errorf("status.%s is %s, want %s", path, text(have), text(want))
		}
	}
	for _, path := range []string{"createdTime", "lastUpdatedTime"} {
		milliseconds, _ := one[path].(float64)
		shown, _ := r.fact(path).(string)
		if at, err := time.Parse(time.RFC3339, shown); err != nil || at.Unix() != int64(milliseconds)/1000 {
			t.Errorf("status.%s is %q, the wire has %.0f", path, shown, milliseconds)
		}
	}
	system := w.create(observing(k.protected))
	system.waitReason(soon, v1alpha1.ReasonObserved)
	if !same(system.fact("systemDefault"), true) || !same(system.fact("isSystemCode"), true) {
		t.Errorf("status of RONA says systemDefault %v isSystemCode %v", system.fact("systemDefault"), system.fact("isSystemCode"))
	}
}

// Proves: S0.16
func TestAuxiliaryCodeShowsItsUsers(t *testing.T) {
	t.Parallel()
	k := auxiliaryCode()
	w := newWorld(t, k)
	r := w.create(k.full("Used"))
	id := r.waitReady().ID
	user, release := k.block(w, id)
	defer release()
	r.check()
	references, _ := r.fact("references").([]any)
	if len(references) != 1 || !same(r.fact("referenceCount"), 1) {
		t.Fatalf("status.references is %v, referenceCount %v", references, r.fact("referenceCount"))
	}
	first, _ := references[0].(map[string]any)
	if first["name"] != user || first["type"] != "agent-profile" || first["id"] == "" {
		t.Errorf("reference is %v", first)
	}
}

// Proves: S0.22
func TestOrganizationInAnotherNamespace(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		guests := w.namespace + "-guests"
		w.mustCreate(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: guests, Labels: w.labels}})
		guest := *w
		guest.namespace = guests
		r := guest.create(k.minimal("Guest").with("organizationRef", map[string]any{"name": organization, "namespace": w.namespace}))
		r.waitReason(soon, v1alpha1.ReasonOrganizationNotAllowed)
		w.wantNoWrites()
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) {
			o.AllowedNamespaces = &v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesAll}
		})
		id := r.waitReady().ID
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.AllowedNamespaces = nil })
		status, _ := r.waitReason(soon, v1alpha1.ReasonOrganizationNotAllowed)
		if status.ID != id {
			t.Errorf("the id changed from %q to %q", id, status.ID)
		}
		w.onlyRemote("Guest")
	})
}

// A selector admits the namespaces that carry its labels, and the organization's own.
func TestNamespacesAreSelected(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) {
			o.AllowedNamespaces = &v1alpha1.AllowedNamespaces{
				From: v1alpha1.NamespacesSelector, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "care"}},
			}
		})
		guest := func(suffix, team string) *resource {
			one := *w
			one.namespace = w.namespace + suffix
			labels := maps.Clone(w.labels)
			labels["team"] = team
			w.mustCreate(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: one.namespace, Labels: labels}})
			return one.create(k.minimal("Guest of "+team).with("organizationRef", map[string]any{"name": organization, "namespace": w.namespace}))
		}
		let, kept := guest("-care", "care"), guest("-sales", "sales")
		let.waitReady()
		kept.waitReason(soon, v1alpha1.ReasonOrganizationNotAllowed)
		w.create(k.minimal("At home")).waitReady()
		if left := w.remotesNamed("Guest of sales"); len(left) != 0 {
			t.Error("a namespace that the selector leaves out has a remote object")
		}
	})
}
