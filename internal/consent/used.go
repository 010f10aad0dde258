package consent

import (
	"sync"
	"time"
)

// usedStates remembers which attempts have ended, for as long as they could be tried again. Another replica does not
// know of them: there, a finished consent is told by the annotation on the Secret, and Webex takes a code only once.
type usedStates struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// use marks a state and tells whether it was fresh.
func (u *usedStates) use(state string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.until == nil {
		u.until = map[string]time.Time{}
	}
	for old, until := range u.until {
		if !now.Before(until) {
			delete(u.until, old)
		}
	}
	if _, used := u.until[state]; used {
		return false
	}
	u.until[state] = now.Add(AttemptLife)
	return true
}

// used tells whether a state was marked.
func (u *usedStates) used(state string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	until, used := u.until[state]
	return used && now.Before(until)
}
