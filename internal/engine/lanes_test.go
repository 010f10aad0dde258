package engine

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

func named(name string) types.NamespacedName { return types.NamespacedName{Name: name} }

// Proves: S0.24
func TestALaneLeavesRoomForOthersAndForgetsNobody(t *testing.T) {
	t.Parallel()
	l := newLanes(2)
	hanging, healthy := named("hanging"), named("healthy")
	var parked []string
	for i := range 5 {
		name := fmt.Sprint(i)
		if !l.enter(hanging, named(name), false) {
			parked = append(parked, name)
		}
	}
	if len(parked) != 3 || l.enter(hanging, named("3"), false) {
		t.Fatalf("parked %v, want three, each once", parked)
	}
	if !l.enter(healthy, named("x"), false) {
		t.Fatal("a full lane of one organization stopped another")
	}
	for _, want := range parked {
		next, ok := l.leave(hanging)
		if !ok || next.Name != want {
			t.Fatalf("next = %v, %v, want %s", next, ok, want)
		}
		if !l.enter(hanging, next, false) {
			t.Fatalf("no room for %s, which was let in", want)
		}
	}
	for range 2 {
		if next, ok := l.leave(hanging); ok {
			t.Errorf("%v came out of an empty lane", next)
		}
	}
}

func TestALaneGoesOnWhenOneThatWasLetInIsGone(t *testing.T) {
	t.Parallel()
	l := newLanes(1)
	organization := named("o")
	for _, name := range []string{"a", "b", "c"} {
		l.enter(organization, named(name), false)
	}
	if next, _ := l.leave(organization); next.Name != "b" {
		t.Fatalf("next = %v", next)
	}
	// b was deleted meanwhile and does not enter.
	if next := l.stir(); len(next) != 1 || next[0].Name != "c" {
		t.Errorf("stir = %v, want c", next)
	}
}

func TestAnEditOvertakesABacklog(t *testing.T) {
	t.Parallel()
	l := newLanes(1)
	organization := named("o")
	for _, name := range []string{"a", "b", "c"} {
		l.enter(organization, named(name), false)
	}
	l.enter(organization, named("edited"), true)
	if next, _ := l.leave(organization); next.Name != "edited" {
		t.Errorf("next = %v", next)
	}
}
