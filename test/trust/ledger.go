package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ledger stands before the simulated services, writes every mutating request down and holds it against what users asked
// for. Names carry the number of their resource and of its renaming ("n12 r3"), descriptions the number of the edit
// ("edit 7"), so that a request explains itself.
type ledger struct {
	services http.Handler
	// slow returns how long to hold a mutating request back before and after the work.
	slow func() (before, after time.Duration)

	mu       sync.Mutex
	wanted   map[int]*wish
	owners   map[string]int // remote id -> number of the resource
	carried  int
	refused  int
	again    []string
	reverted []string
	strange  []string
}

// wish is what users asked for of one remote object, and what the services have of it.
type wish struct {
	rename, edit int
	deleted      bool
	created      int
	// rename0 and edit0 are what the services carried out last.
	rename0, edit0 int
}

func newLedger(services http.Handler) *ledger {
	return &ledger{services: services, wanted: map[int]*wish{}, owners: map[string]int{}, slow: noDelay}
}

func noDelay() (before, after time.Duration) { return 0, 0 }

// upTo delays every mutating request by a random time, half of them before and half after the work.
func upTo(most time.Duration) func() (before, after time.Duration) {
	return func() (time.Duration, time.Duration) {
		delay := rand.N(most) //nolint:gosec // no secret
		if rand.N(2) == 0 {   //nolint:gosec // no secret
			return delay, 0
		}
		return 0, delay
	}
}

// want notes what users ask for from now on.
func (l *ledger) want(number int, change func(*wish)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, ok := l.wanted[number]
	if !ok {
		w = &wish{}
		l.wanted[number] = w
	}
	change(w)
}

func (l *ledger) delays(slow func() (before, after time.Duration)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow = slow
}

// ServeHTTP implements http.Handler.
func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target, mutating := routeOf(r)
	if !mutating {
		l.services.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the manager died while it sent
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	l.mu.Lock()
	before, after := l.slow()
	l.mu.Unlock()
	time.Sleep(before)
	// A request that the service has received is carried out, whether its sender still lives or not.
	request := r.WithContext(context.WithoutCancel(r.Context()))
	request.Body = r.Body
	answer := httptest.NewRecorder()
	l.mu.Lock()
	l.services.ServeHTTP(answer, request)
	l.note(r.Method, target, body, answer)
	l.mu.Unlock()
	time.Sleep(after)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // nobody may be there any more
}

// target is what a mutating request is about.
type target struct{ collection, id string }

var routes = regexp.MustCompile(`^(?:/organization/[^/]+/(?:v\d/)?(auxiliary-code|work-type)|.*/(call_centers))(?:/([^/]*))?/?$`)

func routeOf(r *http.Request) (target, bool) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return target{}, false
	}
	match := routes.FindStringSubmatch(r.URL.Path)
	if match == nil {
		return target{}, false
	}
	return target{match[1] + match[2], match[3]}, true
}

// item is one object of a request, as far as it explains itself.
type item struct {
	ID          string `json:"id"`
	ServiceID   string `json:"serviceUserId"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Profile     struct {
		Name     string `json:"name"`
		LastName string `json:"cliLastName"`
	} `json:"serviceInstanceProfile"`
}

type bulk struct {
	Items []struct {
		Item   item   `json:"item"`
		Action string `json:"requestAction"`
	} `json:"items"`
	Services []item `json:"services"`
}

type bulkAnswer struct {
	Items []struct {
		Status int    `json:"status"`
		Href   string `json:"href"`
	} `json:"items"`
}

// note writes one request down. The caller holds the lock.
func (l *ledger) note(method string, t target, body []byte, answer *httptest.ResponseRecorder) {
	if answer.Code >= http.StatusMultipleChoices {
		l.refused++
		return
	}
	switch {
	case t.id == "bulk":
		l.noteBulk(method, body, answer.Body.Bytes())
	case t.id == "active_instance":
		var sent bulk
		_ = json.Unmarshal(body, &sent)
		for _, one := range sent.Services {
			l.noteUpdate(one.ServiceID, item{})
		}
	case method == http.MethodPost:
		var sent, got item
		_, _ = json.Unmarshal(body, &sent), json.Unmarshal(answer.Body.Bytes(), &got)
		if match := serviceID.FindSubmatch(answer.Body.Bytes()); match != nil {
			got.ServiceID = string(match[1]) // wherever the gateway puts it
		}
		l.noteCreate(first(got.ID, got.ServiceID), sent)
	case method == http.MethodDelete:
		l.noteDelete(t.id)
	default:
		var sent item
		_ = json.Unmarshal(body, &sent)
		l.noteUpdate(t.id, sent)
	}
}

func (l *ledger) noteBulk(method string, body, answered []byte) {
	var sent bulk
	var got bulkAnswer
	_, _ = json.Unmarshal(body, &sent), json.Unmarshal(answered, &got)
	for i, one := range sent.Items {
		if i >= len(got.Items) || got.Items[i].Status >= http.StatusMultipleChoices {
			l.refused++
			continue
		}
		id := got.Items[i].Href[strings.LastIndex(got.Items[i].Href, "/")+1:]
		switch {
		case one.Action == "DELETE":
			l.noteDelete(one.Item.ID)
		case one.Item.ID == "" && method == http.MethodPost:
			l.noteCreate(id, one.Item)
		default:
			l.noteUpdate(one.Item.ID, one.Item)
		}
	}
}

func (l *ledger) noteCreate(id string, sent item) {
	l.carried++
	number, rename, ok := parseName(first(sent.Name, sent.Profile.Name))
	w := l.wanted[number]
	if !ok || w == nil || rename > w.rename {
		l.strange = append(l.strange, fmt.Sprintf("create of %q", first(sent.Name, sent.Profile.Name)))
		return
	}
	w.created++
	if w.created > 1 {
		l.again = append(l.again, fmt.Sprintf("%q was created %d times", first(sent.Name, sent.Profile.Name), w.created))
	}
	l.owners[id], w.rename0 = number, rename
	w.edit0 = max(w.edit0, parseEdit(first(sent.Description, sent.Profile.LastName)))
}

func (l *ledger) noteUpdate(id string, sent item) {
	l.carried++
	w := l.wanted[l.owners[id]]
	if w == nil {
		l.strange = append(l.strange, "update of "+id)
		return
	}
	if name := first(sent.Name, sent.Profile.Name); name != "" {
		number, rename, ok := parseName(name)
		switch {
		case !ok || number != l.owners[id] || rename > w.rename:
			l.strange = append(l.strange, fmt.Sprintf("rename of %s to %q", id, name))
		case rename < w.rename0:
			l.reverted = append(l.reverted, fmt.Sprintf("%s was renamed back to %q after r%d", id, name, w.rename0))
		}
		w.rename0 = max(w.rename0, rename)
	}
	if edit := parseEdit(first(sent.Description, sent.Profile.LastName)); edit > 0 {
		switch {
		case edit > w.edit:
			l.strange = append(l.strange, fmt.Sprintf("edit %d of %s, which nobody asked for", edit, id))
		case edit < w.edit0:
			l.reverted = append(l.reverted, fmt.Sprintf("edit %d of %s came after edit %d", edit, id, w.edit0))
		}
		w.edit0 = max(w.edit0, edit)
	}
}

func (l *ledger) noteDelete(id string) {
	l.carried++
	number, known := l.owners[id]
	w := l.wanted[number]
	if !known || w == nil || !w.deleted {
		l.strange = append(l.strange, fmt.Sprintf("delete of %s (resource %d), which nobody asked for", id, number))
	}
}

func (l *ledger) findings() (carriedOut, refused int, duplicates, reverted, unexplained []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.carried, l.refused, l.again, l.reverted, l.strange
}

var serviceID = regexp.MustCompile(`"serviceUserId":\s*"([^"]+)"`)

var namePattern = regexp.MustCompile(`^n(\d+) r(\d+)$`)

func remoteName(number, rename int) string { return fmt.Sprintf("n%d r%d", number, rename) }

func parseName(name string) (number, rename int, ok bool) {
	match := namePattern.FindStringSubmatch(name)
	if match == nil {
		return 0, 0, false
	}
	number, _ = strconv.Atoi(match[1])
	rename, _ = strconv.Atoi(match[2])
	return number, rename, true
}

func editText(edit int) string { return fmt.Sprintf("edit %d", edit) }

func parseEdit(text string) int {
	edit, _ := strconv.Atoi(strings.TrimPrefix(text, "edit "))
	return edit
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
