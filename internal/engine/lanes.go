package engine

import (
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// lanes bound how many workers one organization may hold, so that one that hangs leaves the others theirs. Objects
// that find their organization's lane full are parked, not polled.
type lanes struct {
	width int

	mu            sync.Mutex
	organizations map[types.NamespacedName]*lane
}

type lane struct {
	busy   int
	parked []types.NamespacedName
	known  map[types.NamespacedName]bool // what is parked already
}

func newLanes(width int) *lanes {
	return &lanes{width: max(1, width), organizations: map[types.NamespacedName]*lane{}}
}

// enter takes a place in the lane, or parks the object and returns false. An urgent object is parked in front.
func (l *lanes) enter(organization, object types.NamespacedName, urgent bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	in, ok := l.organizations[organization]
	if !ok {
		in = &lane{known: map[types.NamespacedName]bool{}}
		l.organizations[organization] = in
	}
	if in.busy < l.width {
		in.busy++
		return true
	}
	switch {
	case urgent:
		if in.known[object] {
			in.parked = slices.DeleteFunc(in.parked, func(parked types.NamespacedName) bool { return parked == object })
		}
		in.known[object] = true
		in.parked = slices.Insert(in.parked, 0, object)
	case !in.known[object]:
		in.known[object] = true
		in.parked = append(in.parked, object)
	}
	return false
}

// leave gives the place back and returns the object that has waited longest, if any does.
func (l *lanes) leave(organization types.NamespacedName) (next types.NamespacedName, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	in := l.organizations[organization]
	in.busy--
	if len(in.parked) == 0 {
		if in.busy == 0 {
			delete(l.organizations, organization) // nobody is lost with it
		}
		return next, false
	}
	next, in.parked = in.parked[0], in.parked[1:]
	delete(in.known, next)
	return next, true
}

// stir returns an object for every lane that has room and somebody parked: needed when one that was let go does not
// come, because it is gone.
func (l *lanes) stir() []types.NamespacedName {
	l.mu.Lock()
	defer l.mu.Unlock()
	var next []types.NamespacedName
	for _, in := range l.organizations {
		if in.busy < l.width && len(in.parked) > 0 {
			next = append(next, in.parked[0])
			delete(in.known, in.parked[0])
			in.parked = in.parked[1:]
		}
	}
	return next
}
