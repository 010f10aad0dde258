package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
)

// The codes that the bench makes.
const (
	remotePrefix = "Bench "
	// inFlight is how many requests the bench has at the API server at once.
	inFlight = 16
)

func nameOf(number int) string { return fmt.Sprintf("bench-%05d", number) }

func descriptionOf(name string) string { return "Made as " + name }

func isOurs(remoteName string) bool { return strings.HasPrefix(remoteName, remotePrefix) }

func newCode(number int) *v1alpha1.AuxiliaryCode {
	name := nameOf(number)
	return &v1alpha1.AuxiliaryCode{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.AuxiliaryCodeSpec{
			ConfigSpec:   v1alpha1.ConfigSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: organizationName}},
			Name:         fmt.Sprintf("%s%05d", remotePrefix, number),
			Description:  new(descriptionOf(name)),
			WorkTypeCode: v1alpha1.IdleCode,
			WorkTypeRef:  v1alpha1.ObjectReference{RemoteName: "Default Idle Work Type"},
		},
	}
}

func (w *world) createCodes(ctx context.Context) error {
	return w.forEach(func(number int) error {
		if err := w.client.Create(ctx, newCode(number)); err != nil {
			return fmt.Errorf("create %s: %w", nameOf(number), err)
		}
		return nil
	})
}

func (w *world) deleteCodes(ctx context.Context) error {
	return w.forEach(func(number int) error {
		if err := w.client.Delete(ctx, newCode(number)); err != nil {
			return fmt.Errorf("delete %s: %w", nameOf(number), err)
		}
		return nil
	})
}

// forEach calls do for every code as fast as the API server takes it, until the first error.
func (w *world) forEach(do func(number int) error) error {
	var (
		workers sync.WaitGroup
		once    sync.Once
		first   error
	)
	numbers, failed := make(chan int), make(chan struct{})
	for range inFlight {
		workers.Go(func() {
			for number := range numbers {
				if err := do(number); err != nil {
					once.Do(func() { first = err; close(failed) })
					return
				}
			}
		})
	}
feed:
	for number := range w.size {
		select {
		case numbers <- number:
		case <-failed:
			break feed
		}
	}
	close(numbers)
	workers.Wait()
	return first
}

// chosen is one code of a hundred, at least one: name -> remote id.
func (w *world) chosen() (map[string]string, error) {
	ids := map[string]string{}
	for number := 0; number < w.size; number += 100 {
		id, err := w.codes.id(nameOf(number))
		if err != nil {
			return nil, err
		}
		ids[nameOf(number)] = id
	}
	return ids, nil
}
