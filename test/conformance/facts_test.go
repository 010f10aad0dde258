package conformance_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
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

// usedBy makes objects that refer to the one with this id, and returns the name and id of each.
func (w *world) usedBy(id string, count int) map[string]any {
	w.t.Helper()
	users := map[string]any{}
	for number := range count {
		name := fmt.Sprintf("User %03d", number)
		users[name] = w.addTo(w.entityPath("agent-profile"), "id", record{"name": name, "accessIdleCode": "SPECIFIC", "idleCodes": []any{id}})
	}
	return users
}

// wantUsers compares what status says of the users: how many there are, and the first fifty by name, type and id.
func (r *resource) wantUsers(users map[string]any) error {
	r.w.t.Helper()
	if count := r.fact("referenceCount"); !same(count, len(users)) {
		return fmt.Errorf("referenceCount is %v, want %d", count, len(users))
	}
	references, _ := r.fact("references").([]any)
	if len(references) != min(len(users), 50) {
		return fmt.Errorf("%d references are shown, want %d", len(references), min(len(users), 50))
	}
	shown := map[string]bool{}
	for _, one := range references {
		reference, _ := one.(map[string]any)
		name, _ := reference["name"].(string)
		if id, known := users[name]; !known || shown[name] || !same(reference["id"], id) || reference["type"] != "agent-profile" {
			return fmt.Errorf("reference is %v, want one of %d users, each once", reference, len(users))
		}
		shown[name] = true
	}
	return nil
}

// Status counts all that use a code, beyond the first page of them, and names the first.
//
// Proves: S0.16
func TestAuxiliaryCodeShowsItsUsers(t *testing.T) {
	t.Parallel()
	k := auxiliaryCode()
	w := newWorld(t, k)
	r := w.create(k.full("Used"))
	id := r.waitReady().ID
	if err := r.wantUsers(nil); err != nil {
		t.Errorf("just created: %v", err)
	}
	users := w.usedBy(id, 130)
	r.check()
	if err := r.wantUsers(users); err != nil {
		t.Error(err)
	}
	r.delete()
	_, message := r.waitReason(soon, v1alpha1.ReasonInUse)
	if !strings.Contains(message, "and 120 more") || !strings.Contains(message, `agent-profile "User `) {
		t.Errorf("the message does not say who uses the code: %s", message)
	}
	for _, user := range users {
		w.behind(http.MethodDelete, w.entityPath("agent-profile")+"/"+fmt.Sprint(user), nil, nil)
	}
}

// Sweeps find out who uses a code without anybody asking, at the cost of two requests each, however many codes there are.
//
// Proves: S0.16
func TestSweepsShowUsersInTurn(t *testing.T) {
	t.Parallel()
	k := auxiliaryCode()
	w := newWorld(t, k, swept)
	all := make([]*resource, 0, 3)
	users := map[*resource]map[string]any{}
	for number := range 3 {
		r := w.create(k.minimal(fmt.Sprintf("In turn %d", number)))
		all = append(all, r)
		users[r] = w.usedBy(r.waitReady().ID, 1)
	}
	for _, r := range all {
		eventually(t, later, func() error { return r.wantUsers(users[r]) })
	}
	looks, sweeps := 0, 0
	for _, request := range w.requestsOf(http.MethodGet) {
		switch {
		case strings.Contains(request.Path, "/incoming-references"):
			looks++
		case !strings.Contains(request.Path, "filter="):
			sweeps++
		}
	}
	if looks < len(all) || looks > 2*sweeps {
		t.Errorf("%d looks at who uses a code, %d codes, %d listings", looks, len(all), sweeps)
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
