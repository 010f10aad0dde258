package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// kept is what the bench keeps of one object.
type kept struct {
	id    string
	ready bool // at the generation that the API server has, and not suspended
}

// tally follows all objects by a watch, which costs less than asking and misses no moment.
type tally struct {
	fleet   *fleet
	mu      sync.Mutex
	objects map[string]kept
	ready   int
	changed time.Time
}

func watchAll(ctx context.Context, from client.WithWatch, f *fleet) *tally {
	t := &tally{fleet: f, objects: map[string]kept{}, changed: time.Now()}
	raw := func(options metav1.ListOptions) client.ListOption {
		return &client.ListOptions{Raw: &options, Namespace: namespace}
	}
	_, controller := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: &cache.ListWatch{
			ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
				list := f.list()
				return list, from.List(ctx, list, raw(options))
			},
			WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
				return from.Watch(ctx, f.list(), raw(options))
			},
		},
		ObjectType: f.blank(),
		Transform:  t.strip,
		Handler: cache.ResourceEventHandlerFuncs{
			AddFunc:    func(o any) { t.note(o, false) },
			UpdateFunc: func(_, o any) { t.note(o, false) },
			DeleteFunc: func(o any) { t.note(o, true) },
		},
	})
	go controller.RunWithContext(ctx)
	return t
}

// strip keeps what note reads: fifty thousand whole objects would take the memory that is to be measured.
func (t *tally) strip(o any) (any, error) {
	full, ok := o.(v1alpha1.Object)
	if !ok {
		return o, nil
	}
	small := t.fleet.blank()
	small.SetNamespace(full.GetNamespace())
	small.SetName(full.GetName())
	small.SetGeneration(full.GetGeneration())
	small.SetResourceVersion(full.GetResourceVersion())
	from, to := full.GetConfigStatus(), small.GetConfigStatus()
	to.ID, to.ObservedGeneration = from.ID, from.ObservedGeneration
	if ready := meta.FindStatusCondition(from.Conditions, v1alpha1.ConditionReady); ready != nil {
		to.Conditions = []metav1.Condition{{Type: ready.Type, Status: ready.Status, Reason: ready.Reason}}
	}
	return small, nil
}

func (t *tally) note(o any, gone bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed = time.Now()
	if last, ok := o.(cache.DeletedFinalStateUnknown); ok {
		o = last.Obj
	}
	seen, ok := o.(v1alpha1.Object)
	if !ok {
		return
	}
	if t.objects[seen.GetName()].ready {
		t.ready--
	}
	if gone {
		delete(t.objects, seen.GetName())
		return
	}
	status := seen.GetConfigStatus()
	ready := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
	now := kept{
		id: status.ID,
		ready: status.ObservedGeneration == seen.GetGeneration() && ready != nil && ready.Status == metav1.ConditionTrue &&
			ready.Reason != string(v1alpha1.ReasonSuspended),
	}
	if now.ready {
		t.ready++
	}
	t.objects[seen.GetName()] = now
}

// counts are all objects, those that are ready, and when one changed last.
func (t *tally) counts() (all, ready int, changed time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.objects), t.ready, t.changed
}

func (t *tally) id(name string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id := t.objects[name].id; id != "" {
		return id, nil
	}
	return "", fmt.Errorf("%s has no id", name)
}
