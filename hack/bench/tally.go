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

// code is what the bench keeps of one AuxiliaryCode.
type code struct {
	id    string
	ready bool // at the generation that the API server has
}

// tally follows all AuxiliaryCodes by a watch, which costs less than asking and misses no moment.
type tally struct {
	mu      sync.Mutex
	codes   map[string]code
	ready   int
	changed time.Time
}

func watchCodes(ctx context.Context, from client.WithWatch) *tally {
	t := &tally{codes: map[string]code{}, changed: time.Now()}
	raw := func(options metav1.ListOptions) client.ListOption {
		return &client.ListOptions{Raw: &options, Namespace: namespace}
	}
	_, controller := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: &cache.ListWatch{
			ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
				list := &v1alpha1.AuxiliaryCodeList{}
				return list, from.List(ctx, list, raw(options))
			},
			WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
				return from.Watch(ctx, &v1alpha1.AuxiliaryCodeList{}, raw(options))
			},
		},
		ObjectType: &v1alpha1.AuxiliaryCode{},
		Transform:  strip,
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
func strip(o any) (any, error) {
	full, ok := o.(*v1alpha1.AuxiliaryCode)
	if !ok {
		return o, nil
	}
	small := &v1alpha1.AuxiliaryCode{ObjectMeta: metav1.ObjectMeta{
		Namespace: full.Namespace, Name: full.Name, Generation: full.Generation, ResourceVersion: full.ResourceVersion,
	}}
	small.Status.ID, small.Status.ObservedGeneration = full.Status.ID, full.Status.ObservedGeneration
	if ready := meta.FindStatusCondition(full.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		small.Status.Conditions = []metav1.Condition{{Type: ready.Type, Status: ready.Status}}
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
	seen, ok := o.(*v1alpha1.AuxiliaryCode)
	if !ok {
		return
	}
	if t.codes[seen.Name].ready {
		t.ready--
	}
	if gone {
		delete(t.codes, seen.Name)
		return
	}
	now := code{
		id: seen.Status.ID,
		ready: seen.Status.ObservedGeneration == seen.Generation &&
			meta.IsStatusConditionTrue(seen.Status.Conditions, v1alpha1.ConditionReady),
	}
	if now.ready {
		t.ready++
	}
	t.codes[seen.Name] = now
}

// counts are all codes, those that are ready, and when one changed last.
func (t *tally) counts() (all, ready int, changed time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.codes), t.ready, t.changed
}

func (t *tally) id(name string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id := t.codes[name].id; id != "" {
		return id, nil
	}
	return "", fmt.Errorf("AuxiliaryCode %s has no id", name)
}
