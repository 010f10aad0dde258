package simulator

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultRule makes matching requests fail or lie. The first rule of the list that matches a request, and whose Times are
// not used up, is the only one that acts on it. PUT /__sim/faults sets the whole list.
type FaultRule struct {
	// Method is one HTTP method, several with commas between, or empty for any.
	Method string `json:"method,omitempty"`
	// Route is a route pattern as GET /__sim/stats prints it, without the method; "*" or empty for any.
	Route string `json:"route,omitempty"`
	// Path is a Go regular expression that the decoded path must match.
	Path string `json:"path,omitempty"`
	// Organization is the UUID of the organization that the request, its token or its refresh token belongs to.
	Organization string `json:"organization,omitempty"`
	// Skip lets that many matching requests pass first.
	Skip int `json:"skip,omitempty"`
	// Times is how many requests the rule acts on; 0 means until it is cleared.
	Times int `json:"times,omitempty"`

	// Status, with Body and RetryAfterSeconds, is answered instead of doing the work; with Work it is done all the same.
	Status            int    `json:"status,omitempty"`
	Work              bool   `json:"work,omitempty"`
	Body              string `json:"body,omitempty"`
	RetryAfterSeconds int    `json:"retryAfterSeconds,omitempty"`
	// Reset closes the connection with a TCP reset without doing the work.
	Reset bool `json:"reset,omitempty"`
	// LoseAnswer does the work and closes the connection without an answer.
	LoseAnswer bool `json:"loseAnswer,omitempty"`
	// LatencyMillis delays the request: before the work, or after it if Late is set.
	LatencyMillis int  `json:"latencyMillis,omitempty"`
	Late          bool `json:"late,omitempty"`
	// Truncate does the work and sends JSON that ends in the middle; Content-Length fits what is sent.
	Truncate bool `json:"truncate,omitempty"`
	// DropFields of a configuration object, or of a call center or its profile, are accepted and have no effect: the old
	// value stays. A call center is still refused on create without a field that it needs.
	DropFields []string `json:"dropFields,omitempty"`
	// Stale makes lists and items answer from before the last write to their collection.
	Stale bool `json:"stale,omitempty"`
	// Shuffle moves rows between the pages of a list: some come twice, some not at all. One page is only rotated.
	Shuffle bool `json:"shuffle,omitempty"`
	// Reorder reverses every array of the answer.
	Reorder bool `json:"reorder,omitempty"`
	// WrongOrganization makes people/me and organizations answer as if the token belonged to that organization.
	WrongOrganization string `json:"wrongOrganization,omitempty"`
	// EmptyPage makes a list of webexapis.com that has pages answer without rows, and with a link to them.
	EmptyPage bool `json:"emptyPage,omitempty"`
	// Echo makes answers repeat, in their header and in what they say to people, the credentials that this and earlier
	// requests with an echo have sent, in several spellings.
	Echo bool `json:"echo,omitempty"`
	// Rows is how many tiny rows each page of a list of the contact center has, or the list of call centers, instead of
	// the real ones; Pages how many pages it promises, a negative number so many more on each page.
	Rows  int `json:"rows,omitempty"`
	Pages int `json:"pages,omitempty"`
	// PadBytes is how much white space good answers to GET begin with.
	PadBytes int `json:"padBytes,omitempty"`
	// ExpireToken treats the presented token, or gateway session, as expired.
	ExpireToken bool `json:"expireToken,omitempty"`
}

// lies are the effects that only the route itself can bring about.
type lies struct {
	dropFields        []string
	stale             bool
	shuffle           bool
	wrongOrganization string
	expireToken       bool
	emptyPage         bool
}

func (r *FaultRule) lies() lies {
	return lies{
		dropFields: r.DropFields, stale: r.Stale, shuffle: r.Shuffle,
		wrongOrganization: r.WrongOrganization, expireToken: r.ExpireToken,
		emptyPage: r.EmptyPage,
	}
}

func (r *FaultRule) latency() time.Duration { return time.Duration(r.LatencyMillis) * time.Millisecond }

// instead is the answer of a rule that keeps the work from being done.
func (r *FaultRule) instead() (answer, bool) {
	if r.Status == 0 || r.Work {
		return answer{}, r.Reset
	}
	return r.given(), true
}

// given is the answer that the rule spells out.
func (r *FaultRule) given() answer {
	a := answer{status: r.Status, raw: []byte(r.Body)}
	switch body := strings.TrimSpace(r.Body); {
	case strings.HasPrefix(body, "<"):
		a.contentType = "text/html; charset=utf-8"
	case !strings.HasPrefix(body, "{"):
		a.contentType = "text/plain; charset=utf-8"
	}
	if r.RetryAfterSeconds > 0 {
		a = a.withHeader("Retry-After", strconv.Itoa(r.RetryAfterSeconds))
	}
	return a
}

// ActiveFault is a rule with its counts, as GET /__sim/faults shows it.
type ActiveFault struct {
	FaultRule
	// Matched counts the requests that fitted the rule, skipped ones included.
	Matched int `json:"matched"`
	// Acted counts the requests that the rule changed.
	Acted int `json:"acted"`
	// Remaining is how often it will still act; -1 means without end.
	Remaining int `json:"remaining"`
}

type faultBook struct {
	mu    sync.Mutex
	rules []*armedFault
}

type armedFault struct {
	rule           FaultRule
	methods        []string
	path           *regexp.Regexp
	matched, acted int
}

// set replaces all rules. known are the route patterns that exist, so that a typing error does not pass unseen.
func (b *faultBook) set(rules []FaultRule, known map[string]bool) error {
	armed := make([]*armedFault, 0, len(rules))
	for i, rule := range rules {
		one, err := arm(rule, known)
		if err != nil {
			return fmt.Errorf("rule %d: %w", i, err)
		}
		armed = append(armed, one)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = armed
	return nil
}

var faultMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

func arm(rule FaultRule, known map[string]bool) (*armedFault, error) {
	if rule.Route != "" && rule.Route != "*" && !known[rule.Route] {
		return nil, fmt.Errorf("no route %q", rule.Route)
	}
	if rule.Status != 0 && (rule.Status < 200 || rule.Status > 599 || http.StatusText(rule.Status) == "") {
		return nil, fmt.Errorf("status %d is not an HTTP status", rule.Status)
	}
	if min(rule.Skip, rule.Times, rule.LatencyMillis, rule.RetryAfterSeconds, rule.Rows, rule.PadBytes) < 0 {
		return nil, fmt.Errorf("a negative number in %+v", rule)
	}
	path, err := regexp.Compile(rule.Path)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	methods, err := readMethods(rule.Method)
	if err != nil {
		return nil, err
	}
	return &armedFault{rule: rule, path: path, methods: methods}, nil
}

// readMethods reads methods with commas between; none means any.
func readMethods(given string) ([]string, error) {
	var methods []string
	for method := range strings.SplitSeq(given, ",") {
		method = strings.ToUpper(strings.TrimSpace(method))
		if method == "" {
			continue
		}
		if !slices.Contains(faultMethods, method) {
			return nil, fmt.Errorf("no method %q", method)
		}
		methods = append(methods, method)
	}
	return methods, nil
}

func (b *faultBook) list() []ActiveFault {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]ActiveFault, 0, len(b.rules))
	for _, armed := range b.rules {
		remaining := -1
		if armed.rule.Times > 0 {
			remaining = armed.rule.Times - armed.acted
		}
		out = append(out, ActiveFault{armed.rule, armed.matched, armed.acted, remaining})
	}
	return out
}

// take finds the rule that acts on the request and counts it.
func (b *faultBook) take(c *call) *FaultRule {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, armed := range b.rules {
		spent := armed.rule.Times > 0 && armed.acted >= armed.rule.Times
		if spent || !armed.fits(c) {
			continue
		}
		armed.matched++
		if armed.matched > armed.rule.Skip {
			armed.acted++
			rule := armed.rule
			return &rule
		}
	}
	return nil
}

func (a *armedFault) fits(c *call) bool {
	if len(a.methods) > 0 && !slices.Contains(a.methods, c.method) {
		return false
	}
	if a.rule.Route != "" && a.rule.Route != "*" && a.rule.Route != c.route {
		return false
	}
	if a.rule.Organization != "" && !strings.EqualFold(a.rule.Organization, c.orgID) {
		return false
	}
	return a.path.MatchString(c.path)
}

func (b *faultBook) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = nil
}
