package metrics

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// life is the time during which an organization's series may be written: requests that are under way when it is
// deleted end later.
type life struct {
	mu    sync.RWMutex
	ended bool
}

// write calls the function unless the organization is gone; it is not gone before the function returns.
func (l *life) write(series func()) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if !l.ended {
		series()
	}
}

// lives holds the organizations that are measured.
type lives struct {
	mu  sync.Mutex
	all map[types.NamespacedName]*life
}

var organizations = lives{all: map[types.NamespacedName]*life{}}

// of returns the present life of an organization; one that comes back has another.
func (l *lives) of(organization types.NamespacedName) *life {
	l.mu.Lock()
	defer l.mu.Unlock()
	present, ok := l.all[organization]
	if !ok {
		present = &life{}
		l.all[organization] = present
	}
	return present
}

func (l *lives) end(organization types.NamespacedName) {
	l.mu.Lock()
	present, ok := l.all[organization]
	delete(l.all, organization)
	l.mu.Unlock()
	if !ok {
		return
	}
	present.mu.Lock()
	defer present.mu.Unlock()
	present.ended = true
}
