package simulator

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	journalSize     = 2000
	journalBodySize = 64 << 10
	journalPathSize = 16 << 10
	masked          = "***"
)

// LoggedRequest is one row of GET /__sim/requests. Tokens, secrets and passwords are masked.
type LoggedRequest struct {
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	// Path is the decoded path with the query string as it was sent, cut after 16 KiB.
	Path         string `json:"path"`
	Route        string `json:"route"`
	Status       string `json:"status"`
	Client       string `json:"client,omitempty"`
	Organization string `json:"organization,omitempty"`
	// Body is the JSON body, or the text of another body; bodies over 64 KiB are only counted.
	Body any `json:"body,omitempty"`
}

// requestJournal keeps the last requests. Bodies are masked when they are shown, which keeps requests fast.
type requestJournal struct {
	mu   sync.Mutex
	rows []journalRow // a ring once it is full
	next int
}

type journalRow struct {
	LoggedRequest
	body []byte
	size int
	form bool
}

func (j *requestJournal) add(now time.Time, c *call, outcome string) {
	path := c.path
	if c.query.raw != "" {
		path += "?" + c.query.raw
	}
	if len(path) > journalPathSize {
		path = strings.Clone(path[:journalPathSize]) + "..."
	}
	row := journalRow{
		LoggedRequest: LoggedRequest{
			Time: now.UTC(), Method: c.method, Path: path, Route: c.route, Status: outcome,
			Client: c.client, Organization: c.orgID,
		},
		size: len(c.body), form: c.login,
	}
	if row.size <= journalBodySize {
		row.body = c.body
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.rows) < journalSize {
		j.rows = append(j.rows, row)
		return
	}
	j.rows[j.next] = row
	j.next = (j.next + 1) % journalSize
}

func (j *requestJournal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rows, j.next = nil, 0
}

// list returns the rows, oldest first.
func (j *requestJournal) list() []LoggedRequest {
	j.mu.Lock()
	rows := append(append([]journalRow{}, j.rows[j.next:]...), j.rows[:j.next]...)
	j.mu.Unlock()
	out := make([]LoggedRequest, 0, len(rows))
	for _, row := range rows {
		row.Body = row.shownBody()
		out = append(out, row.LoggedRequest)
	}
	return out
}

func (r journalRow) shownBody() any {
	switch {
	case r.size == 0:
		return nil
	case r.body == nil:
		return fmt.Sprintf("(%d bytes)", r.size)
	}
	if value, err := decodeJSON(r.body); err == nil {
		maskJSON(value)
		return value
	}
	if r.form {
		return maskForm(string(r.body))
	}
	// Not shown: what does not parse cannot be masked.
	return fmt.Sprintf("(%d bytes that are not JSON)", r.size)
}

func maskForm(body string) any {
	form, err := url.ParseQuery(body)
	if err != nil {
		return fmt.Sprintf("(%d bytes that are not a form)", len(body))
	}
	shown := map[string]string{}
	for key := range form {
		shown[key] = form.Get(key)
		if isSecretName(key) || key == "code" || key == "code_verifier" || key == "device_code" {
			shown[key] = masked
		}
	}
	return shown
}

func maskJSON(value any) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			maskJSON(element)
		}
	case map[string]any:
		for key, element := range v {
			if _, isText := element.(string); isText && isSecretName(key) {
				v[key] = masked
				continue
			}
			maskJSON(element)
		}
	}
}

func isSecretName(key string) bool {
	key = strings.ToLower(key)
	return strings.Contains(key, "password") || strings.Contains(key, "secret") || strings.Contains(key, "token")
}
