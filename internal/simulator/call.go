package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// service is one of the three services whose requests are counted apart.
type service string

const (
	serviceWebex         service = "webex"
	serviceContactCenter service = "contactCenter"
	serviceGateway       service = "gateway"
)

// contactCenterPath fits the configuration API, the flow store with and without its prefix, and the functions.
var contactCenterPath = regexp.MustCompile(`^/(organization|flow-store|api/global|[0-9a-fA-F-]{36}/project|v1/[0-9a-fA-F-]{36})(/|$)`)

func serviceOf(path string) service {
	switch {
	case contactCenterPath.MatchString(path):
		return serviceContactCenter
	case strings.HasPrefix(path, "/api/"):
		return serviceGateway
	default:
		return serviceWebex
	}
}

// call is one request on its way through the simulator.
type call struct {
	request  *http.Request
	method   string
	path     string // decoded
	route    string // pattern, as stats print it
	params   map[string]string
	query    query
	body     []byte
	service  service
	login    bool // token and login calls: neither limited nor counted as mutating
	handle   handler
	tracking string
	grant    *grant // what the bearer token stands for; nil when missing, unknown or expired
	client   string // OAuth client id, as far as known
	orgID    string // organization the request is about, as far as known
	lies     lies
}

type handler func(*call) answer

// answer is what a route wants to send. body is encoded as JSON; raw, when set, is sent as it is.
type answer struct {
	status      int
	header      http.Header
	body        any
	raw         []byte
	contentType string
}

// noContentType as contentType leaves the header out.
const noContentType = "-"

func reply(status int, body any) answer { return answer{status: status, body: body} }

func empty(status int) answer { return answer{status: status} }

func (a answer) withHeader(key, value string) answer {
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Add(key, value)
	return a
}

func (a answer) encode() ([]byte, error) {
	if a.raw != nil || a.body == nil {
		return a.raw, nil
	}
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(a.body)
	return bytes.TrimSuffix(content.Bytes(), []byte("\n")), err
}

func (s *Simulator) newCall(r *http.Request, body []byte) *call {
	c := &call{
		request: r, method: r.Method, path: r.URL.Path, body: body,
		query: parseQuery(r.URL.RawQuery), service: serviceOf(r.URL.Path),
	}
	c.tracking = trackingID(c.service, r)
	found := s.router.find(r.Method, r.URL.EscapedPath())
	c.route, c.params, c.login = found.pattern, found.params, found.login
	c.orgID = strings.ToLower(c.params["orgid"])
	switch {
	case found.handle != nil:
		c.handle = found.handle
	case found.otherMethod:
		c.handle = s.wrongMethod
	default:
		c.handle = s.noRoute
	}
	s.identify(c)
	return c
}

func trackingID(of service, r *http.Request) string {
	switch of {
	case serviceContactCenter:
		return "ccconfig_" + newUUID()
	case serviceGateway:
		return ""
	default:
		if own := r.Header.Get("TrackingID"); own != "" {
			return own
		}
		return "ROUTER_" + strings.ToUpper(newUUID())
	}
}

// noRoute answers a path that no service has. The contact center checks the token first, as its gateway does.
func (s *Simulator) noRoute(c *call) answer { return s.unrouted(c, http.StatusNotFound) }

func (s *Simulator) wrongMethod(c *call) answer { return s.unrouted(c, http.StatusMethodNotAllowed) }

func (s *Simulator) unrouted(c *call, status int) answer {
	switch c.service {
	case serviceContactCenter:
		if refused := s.refuseContactCenter(c); refused != nil {
			return *refused
		}
		return s.frameworkError(c, status)
	case serviceGateway:
		return gatewayError(status, gatewayInvalidURL, http.StatusText(status)+": "+c.path)
	default:
		return platformError(c, status, "The requested resource could not be found.")
	}
}

// deliver counts the request and then writes the answer, so that a client holding an answer finds it counted.
func (s *Simulator) deliver(w http.ResponseWriter, c *call, a answer, fault *FaultRule) {
	content, err := a.encode()
	if err != nil {
		a, content = answer{status: http.StatusInternalServerError, contentType: "text/plain"}, []byte(err.Error())
	}
	if fault != nil && fault.Truncate {
		content = cut(content)
		if a.status == http.StatusNoContent {
			a.status = http.StatusOK
		}
	}
	outcome := strconv.Itoa(a.status)
	switch {
	case fault != nil && fault.Reset:
		outcome = "reset"
	case fault != nil && fault.LoseAnswer:
		outcome = "lost"
	}
	s.stats.count(c, outcome)
	s.journal.add(s.now(), c, outcome)
	switch outcome {
	case "reset":
		hangUp(w, true)
	case "lost":
		hangUp(w, false)
	default:
		s.write(w, c, a, content)
	}
}

func (s *Simulator) write(w http.ResponseWriter, c *call, a answer, content []byte) {
	header := w.Header()
	header.Set("Date", s.now().UTC().Format(http.TimeFormat))
	if c.tracking != "" {
		header.Set("TrackingID", c.tracking)
	}
	for key, values := range a.header {
		header[key] = values
	}
	if len(content) > 0 {
		if a.contentType == noContentType {
			header["Content-Type"] = nil
		} else {
			header.Set("Content-Type", orDefault(a.contentType, "application/json"))
		}
	}
	if a.status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(len(content)))
	}
	w.WriteHeader(a.status)
	// A client that went away is not an error of the simulator.
	_, _ = w.Write(content)
}

// hangUp closes the connection without an answer: with a TCP reset, or in order.
func hangUp(w http.ResponseWriter, reset bool) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// The one way net/http offers to give no answer on a connection that cannot be taken over.
		panic(http.ErrAbortHandler)
	}
	if reset {
		setReset(connection)
	}
	_ = connection.Close()
}

func setReset(connection net.Conn) {
	if wrapped, ok := connection.(interface{ NetConn() net.Conn }); ok {
		connection = wrapped.NetConn()
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

// pause waits, or less if the client gives up.
func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
