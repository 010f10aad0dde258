package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// ways of deleting everything.
const (
	oneByOne = iota
	allAtOnce
	secretsFirst
	withNamespace
	ways
)

var wayNames = [ways]string{"one by one", "all at once", "Secrets first", "with the namespace"}

// deleteInAnyOrder fills a namespace and deletes all of it: objects, organization, Secrets, in any order, some of it while
// the namespace ends or no manager runs.
func deleteInAnyOrder(ctx context.Context, s *stage, orders int) (*report, error) {
	r := &report{}
	m, err := s.startManager()
	if err != nil {
		return r, err
	}
	for r.rounds < orders {
		way := r.rounds % ways
		t, err := s.filledSite(ctx, r)
		if err != nil {
			return r, err
		}
		down := s.random.IntN(2) == 0
		if down {
			if err := m.kill(); err != nil {
				return r, err
			}
			s.managers = nil
		}
		if err := t.deleteAll(ctx, way); err != nil {
			return r, err
		}
		if down {
			if m, err = s.startManager(); err != nil {
				return r, err
			}
		}
		if err := t.awaitNothing(ctx, r, wayNames[way]); err != nil {
			return r, err
		}
		r.rounds++
		r.resources += t.numbers
		r.take(t.ledger)
		t.close()
		say("%d orders (%s, manager down: %v), %d stuck, %d orphans", r.rounds, wayNames[way], down, len(r.stuck), len(r.orphans))
	}
	return r, s.endManagers()
}

// clear deletes all that a scenario leaves in its site, and ends its managers.
func (t *site) clear(ctx context.Context, r *report) error {
	if len(t.stage.managers) == 0 {
		if _, err := t.stage.startManager(); err != nil {
			return err
		}
	}
	if err := t.deleteAll(ctx, allAtOnce); err != nil {
		return err
	}
	if err := t.awaitNothing(ctx, r, "at the end"); err != nil {
		return err
	}
	return t.stage.endManagers()
}

// filledSite is a site with objects of every kind, as wanted.
func (s *stage) filledSite(ctx context.Context, r *report) (*site, error) {
	t, err := s.openSite(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, kind := range []kindName{workType, workType, code, code, code, code, code, code, center, center, center, center} {
		if err := t.add(ctx, kind); err != nil {
			return t, err
		}
	}
	return t, t.await(ctx, r)
}

// everything that the site has in the cluster.
func (t *site) everything() []client.Object {
	organization := &v1alpha1.WebexOrganization{ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: "org"}}
	all := append(t.secrets(), organization)
	for _, resource := range t.sorted() {
		t.ledger.want(resource.number, func(w *wish) { w.deleted = true })
		all = append(all, t.object(resource))
		delete(t.resources, resource.number)
	}
	return all
}

func (t *site) secrets() []client.Object {
	var all []client.Object
	for _, name := range []string{"credentials", "gateway", "centers"} {
		all = append(all, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: name}})
	}
	return all
}

func (t *site) deleteAll(ctx context.Context, way int) error {
	if way == withNamespace {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: t.namespace}}
		if err := t.stage.client.Delete(ctx, namespace); err != nil {
			return err
		}
	}
	secrets := len(t.secrets())
	all := t.everything()
	rest := all
	if way == secretsFirst {
		rest = all[secrets:]
	}
	t.stage.random.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	for i, object := range all {
		if err := client.IgnoreNotFound(t.stage.client.Delete(ctx, object)); err != nil {
			return err
		}
		if way == oneByOne || way == secretsFirst && i < secrets {
			if err := pause(ctx, t.stage.between(0, 2*time.Second)); err != nil {
				return err
			}
		}
	}
	return nil
}

// awaitNothing waits until the cluster and the services have nothing left of the site.
func (t *site) awaitNothing(ctx context.Context, r *report, how string) error {
	if err := t.await(ctx, r); err != nil {
		return err
	}
	complaints, _, err := within(ctx, recovery, func(ctx context.Context) []string {
		var left []string
		rest := append(t.secrets(), &v1alpha1.WebexOrganization{ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: "org"}})
		var secrets corev1.SecretList
		if err := t.stage.client.List(ctx, &secrets, client.InNamespace(t.namespace)); err != nil {
			return []string{err.Error()}
		}
		for _, object := range rest {
			if err := t.stage.client.Get(ctx, client.ObjectKeyFromObject(object), object); client.IgnoreNotFound(err) != nil || err == nil {
				left = append(left, fmt.Sprintf("%s: %T %s is still there, finalizers %v", how, object, object.GetName(), object.GetFinalizers()))
			}
		}
		for _, secret := range secrets.Items {
			// No garbage collector runs here, so what is owned by something that is gone stays; a finalizer would be ours.
			if len(secret.Finalizers) > 0 {
				left = append(left, fmt.Sprintf("%s: Secret %s has finalizers %v", how, secret.Name, secret.Finalizers))
			}
		}
		return left
	})
	r.stuck = append(r.stuck, complaints...)
	return err
}

func reasonOf(object v1alpha1.Object) v1alpha1.Reason {
	for _, condition := range object.GetConfigStatus().Conditions {
		if condition.Type == v1alpha1.ConditionReady {
			return v1alpha1.Reason(condition.Reason)
		}
	}
	return ""
}
