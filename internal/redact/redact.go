// Package redact removes secrets from text that came from outside, however the other side has spelled them: as they are,
// escaped for URLs, JSON or HTML, in hex, in base64 (also somewhere inside a longer base64 text), or in several of these
// one inside another. It decodes what it is given and looks for the secrets themselves, so there is no list of spellings
// that could miss one.
package redact

import (
	"container/list"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// Marker stands where a secret was. It is unlikely in anybody's data, so that it can be kept from being written back.
const Marker = "[redacted credential]"

const (
	// shortest secret that is looked for at all. What is shorter is found in any text by chance.
	shortest = 4
	// maxSecrets are known at once; then those are forgotten that were not used for longest.
	maxSecrets = 1024
)

// Redactor knows the secrets of one party. It is safe for concurrent use; reading does not wait for learning.
type Redactor struct {
	mu    sync.Mutex
	known map[string]*list.Element
	// order holds the secrets, the one used last in front.
	order list.List
	found atomic.Pointer[finders]
}

// finders look for all secrets, and for the strong ones alone.
type finders struct{ all, strong *matcher }

// New makes a redactor that knows these secrets.
func New(secrets ...string) *Redactor {
	r := &Redactor{known: map[string]*list.Element{}}
	r.found.Store(&finders{all: newMatcher(nil, true), strong: newMatcher(nil, false)})
	r.Know(secrets...)
	return r
}

// Know adds secrets. Those of less than 4 characters are left out: removing them would maim any text and hide nothing.
func (r *Redactor) Know(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := false
	for _, secret := range secrets {
		if len(secret) < shortest {
			continue
		}
		if element, ok := r.known[secret]; ok {
			r.order.MoveToFront(element)
			continue
		}
		r.known[secret] = r.order.PushFront(secret)
		news = true
	}
	if !news {
		return
	}
	for len(r.known) > maxSecrets {
		last, _ := r.order.Remove(r.order.Back()).(string)
		delete(r.known, last)
	}
	all := make([]string, 0, len(r.known))
	for secret := range r.known {
		all = append(all, secret)
		if bare := bared(secret); bare != secret && len(bare) >= shortest {
			all = append(all, bare)
		}
	}
	hard := slices.DeleteFunc(slices.Clone(all), func(secret string) bool { return !strong(secret) })
	r.found.Store(&finders{all: newMatcher(all, true), strong: newMatcher(hard, false)})
}

// Text removes all secrets from a text that people read, those too of which somebody has left the beginning only. A weak
// secret, such as a common word, is removed only where it stands alone as a word.
func (r *Redactor) Text(text string) string {
	clean := replace(r.found.Load().all, []byte(text))
	if clean == nil {
		return text
	}
	return string(clean)
}

// Data removes the strong secrets from data that is compared and kept. A weak secret stays: it cannot be told from data
// that happens to hold the same word. What holds none is returned as it is.
func (r *Redactor) Data(data []byte) []byte {
	if clean := replace(r.found.Load().strong, data); clean != nil {
		return clean
	}
	return data
}

// strong tells whether a secret is unlikely to be in a text by chance: 16 bytes of anything, or 8 of three classes of
// characters.
func strong(secret string) bool {
	if len(secret) >= 16 {
		return true
	}
	classes := 0
	for i := range len(secret) {
		switch b := secret[i]; {
		case 'a' <= b && b <= 'z':
			classes |= 1
		case 'A' <= b && b <= 'Z':
			classes |= 2
		case '0' <= b && b <= '9':
			classes |= 4
		default:
			classes |= 8
		}
	}
	return len(secret) >= 8 && bits.OnesCount(uint(classes)) >= 3
}

// replace puts the marker in the place of what is found; nil if nothing is.
func replace(m *matcher, text []byte) []byte {
	if m.empty() {
		return nil
	}
	spans := m.search(text)
	if len(spans) == 0 {
		return nil
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	clean := make([]byte, 0, len(text))
	at := 0
	for i := 0; i < len(spans); {
		from, to := spans[i].from, spans[i].to
		for i++; i < len(spans) && spans[i].from <= to; i++ {
			to = max(to, spans[i].to)
		}
		clean = append(append(clean, text[at:from]...), Marker...)
		at = to
	}
	return append(clean, text[at:]...)
}
