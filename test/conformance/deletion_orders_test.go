package conformance_test

import (
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// leaver is what a test needs to delete everything of a world in some order.
type leaver struct {
	w   *world
	all []client.Object
}

// everything is the organization, its Secrets and some objects that are Ready, the Secrets first.
func everything(w *world) *leaver {
	w.t.Helper()
	l := &leaver{w: w}
	for _, name := range []string{credentialsSecret, gatewaySecret} {
		l.all = append(l.all, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}})
	}
	l.all = append(l.all, w.newOrganization())
	for i := range 4 {
		r := w.create(w.kind.minimal(fmt.Sprintf("Leaving %d", i)))
		r.waitReady()
		l.all = append(l.all, r.empty())
	}
	return l
}

// shuffle brings the deletions into a random order, and says which.
func (l *leaver) shuffle() {
	seed := rand.Uint64()
	l.w.t.Logf("order of seed %d", seed)
	order := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // an order, no secret
	order.Shuffle(len(l.all), func(i, j int) { l.all[i], l.all[j] = l.all[j], l.all[i] })
}

func (l *leaver) delete(objects []client.Object) {
	l.w.t.Helper()
	for _, object := range objects {
		if err := cluster.client.Delete(l.w.t.Context(), object); client.IgnoreNotFound(err) != nil {
			l.w.t.Errorf("delete %T %s: %v", object, object.GetName(), err)
		}
	}
}

func (l *leaver) deleteAtOnce() {
	var all sync.WaitGroup
	for _, object := range l.all {
		all.Go(func() { l.delete([]client.Object{object}) })
	}
	all.Wait()
}

// waitGone waits until nothing is left, here or remotely.
func (l *leaver) waitGone() {
	l.w.t.Helper()
	eventually(l.w.t, later, func() error {
		for _, object := range l.all {
			err := cluster.client.Get(l.w.t.Context(), client.ObjectKeyFromObject(object), object)
			if !apierrors.IsNotFound(err) {
				return fmt.Errorf("%T %s is still there (finalizers %v): %w", object, object.GetName(), object.GetFinalizers(), err)
			}
		}
		return nil
	})
	if left := l.w.remotesLeft("Leaving", 4); left != 0 {
		l.w.t.Errorf("%d remote objects are left", left)
	}
}

// No order of deletion may strand anything.
func TestEverythingGoesInAnyOrder(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		for name, leave := range map[string]func(l *leaver){
			"the Secrets first": func(l *leaver) { l.delete(l.all) },
			"in random order":   func(l *leaver) { l.shuffle(); l.delete(l.all) },
			"all at once":       func(l *leaver) { l.shuffle(); l.deleteAtOnce() },
			"the objects last": func(l *leaver) {
				l.delete(l.all[:3])
				l.w.waitOrganization(soon, v1alpha1.ReasonHasDependents)
				l.delete(l.all[3:])
			},
			"the organization first": func(l *leaver) { l.delete(l.all[2:3]); l.delete(l.all[:2]); l.delete(l.all[3:]) },
			// Whoever deletes a namespace deletes what is in it, in no order, and nothing can be created any more.
			"with the namespace": func(l *leaver) {
				l.delete([]client.Object{&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: l.w.namespace}}})
				l.shuffle()
				l.delete(l.all)
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				l := everything(newWorld(t, k))
				leave(l)
				l.waitGone()
			})
		}
	})
}

// The Secrets are kept although no operator runs when they are deleted, and by one that knows nothing of before.
func TestEverythingGoesInAnyOrderAcrossARestart(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		for name, before := range map[string]func(l *leaver) int{
			"all deleted meanwhile":  func(l *leaver) int { l.shuffle(); return len(l.all) },
			"Secrets gone meanwhile": func(*leaver) int { return 2 },
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, k, ownManager)
				first := w.runManager(managerOptions{})
				w.waitConnected()
				l := everything(w)
				if err := first.stop(); err != nil {
					t.Fatal(err)
				}
				deleted := before(l)
				l.delete(l.all[:deleted])
				w.runManager(managerOptions{})
				l.delete(l.all[deleted:])
				l.waitGone()
			})
		}
	})
}

// heldSecrets are those of the organization that carry the operator's finalizer.
func (w *world) heldSecrets() []string {
	w.t.Helper()
	var held []string
	var list corev1.SecretList
	if err := cluster.client.List(w.t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		w.t.Fatal(err)
	}
	for i := range list.Items {
		if slices.Contains(list.Items[i].Finalizers, v1alpha1.SecretFinalizer) {
			held = append(held, list.Items[i].Name)
		}
	}
	slices.Sort(held)
	return held
}

func (w *world) waitHeldSecrets(want ...string) {
	w.t.Helper()
	eventually(w.t, soon, func() error {
		if held := w.heldSecrets(); !slices.Equal(held, want) {
			return fmt.Errorf("Secrets %v are kept, want %v", held, want)
		}
		return nil
	})
}

// A Secret is kept as long as an organization names it, whatever somebody does to the finalizer or the organization.
func TestSecretsAreKeptWhileAnOrganizationNamesThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, callCenter("", v1alpha1.GatewaySession))
	w.waitHeldSecrets(credentialsSecret, gatewaySecret)
	var secret corev1.Secret
	w.mustGet(gatewaySecret, &secret)
	secret.Finalizers = nil // as kubectl replace does
	if err := cluster.client.Update(t.Context(), &secret); err != nil {
		t.Fatal(err)
	}
	w.waitHeldSecrets(credentialsSecret, gatewaySecret)
	w.createSecret("next", w.secretText(gatewaySecret))
	w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.CallCenterGateway.CredentialsSecretRef.Name = "next" })
	w.waitHeldSecrets("next", credentialsSecret)
	w.tearOrganization()
	w.waitHeldSecrets()
}

// A ConfigMap with the gateway's certificates is kept by nobody, and may go first.
func TestTheGatewaysCertificatesMayGoFirst(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t, callCenter("", v1alpha1.GatewaySession))
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	bundle := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "gateway-ca", Labels: w.labels}, Data: map[string]string{"ca.crt": string(certificate)},
	}
	w.mustCreate(bundle)
	w.createOrganization(func(o *v1alpha1.WebexOrganization) {
		o.Spec.CallCenterGateway.CARef = &v1alpha1.CAReference{Kind: "ConfigMap", Name: bundle.Name}
	})
	w.waitConnected()
	l := everything(w)
	l.delete([]client.Object{bundle})
	if err := cluster.client.Patch(t.Context(), w.newOrganization(), client.RawPatch(types.MergePatchType,
		[]byte(`{"metadata":{"annotations":{"`+v1alpha1.ReconcileRequestAnnotation+`":"now"}}}`))); err != nil {
		t.Fatal(err)
	}
	w.waitOrganization(soon, v1alpha1.ReasonSecretNotFound)
	l.delete(l.all)
	l.waitGone()
}
