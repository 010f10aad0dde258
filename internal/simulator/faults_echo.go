package simulator

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// echoed remembers the credentials of requests, so that an echo repeats those of other phases and parties too.
type echoed struct {
	mu    sync.Mutex
	texts []string
}

// maxEchoed bounds what is remembered, and with it the size of an answer.
const maxEchoed = 12

// add remembers the credentials of a request and returns all that are remembered.
func (e *echoed) add(c *call) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	texts := []string{c.request.Header.Get("Authorization"), c.request.Header.Get("Cookie"), c.request.Header.Get("Proxy-Authorization")}
	if c.login || strings.Contains(string(c.body), "assword") {
		texts = append(texts, string(c.body))
	}
	for _, text := range texts {
		if text == "" || slices.Contains(e.texts, text) {
			continue
		}
		e.texts = append(e.texts, text)
		e.texts = e.texts[max(0, len(e.texts)-maxEchoed):]
	}
	return slices.Clone(e.texts)
}

// echo puts what the client has sent into the answer, each text in another spelling: into its header, into every text of
// a body that says something to people, or, with the rule's status, into a body of nothing else.
func (s *Simulator) echo(c *call, a answer, fault *FaultRule) answer {
	if fault == nil || !fault.Echo {
		return a
	}
	texts := s.echoed.add(c)
	said := spelled(texts)
	for _, name := range []string{"TrackingID", "Retry-After", "Location", "X-Request-Id", "WWW-Authenticate"} {
		a = a.withHeader(name, strings.Join(strings.Fields(said), " "))
	}
	if fault.Status >= http.StatusMultipleChoices {
		return a.saying(said, texts)
	}
	content, err := a.encode()
	if err != nil || c.method != http.MethodGet {
		return a
	}
	decoded, err := decodeJSON(content)
	if err != nil {
		return a
	}
	a.raw, a.body = nil, repeat(decoded, said)
	return a
}

// saying is a refusal in the shapes of all services at once.
func (a answer) saying(said string, texts []string) answer {
	if strings.HasPrefix(string(a.raw), "<") {
		a.raw = []byte("<html><body>" + html.EscapeString(strings.Join(texts, " ")) + " " + said + "</body></html>")
		return a
	}
	a.raw, a.contentType = nil, ""
	a.body = map[string]any{
		"message": said, "error_description": said, "trackingId": said, "error": said, "details": said,
		"errors": []any{map[string]any{"description": said, "message": said, "code": said}},
	}
	return a
}

// spelled repeats each text in the spellings that real services and proxies use, one after another.
func spelled(texts []string) string {
	var all []string
	for _, text := range texts {
		_, bare, found := strings.Cut(text, " ")
		if !found {
			bare = text
		}
		all = append(all, text, url.QueryEscape(text), url.PathEscape(bare), html.EscapeString(bare),
			base64.StdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte("u:"+bare)),
			hex.EncodeToString([]byte(bare)), base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(text))))
	}
	return strings.Join(all, " ")
}

// shownTexts are the fields that people read and that no client needs to understand.
var shownTexts = []string{"description", "displayName", "status", "siteUrl", "externalId", "scope", "userCode", "user_code", "workTypeName"}

// repeat adds a text to those that people read.
func repeat(value any, said string) any {
	switch typed := value.(type) {
	case []any:
		for i := range typed {
			typed[i] = repeat(typed[i], said)
		}
	case map[string]any:
		for key, field := range typed {
			if text, ok := field.(string); ok && slices.Contains(shownTexts, key) {
				typed[key] = text + " " + said
				continue
			}
			typed[key] = repeat(field, said)
		}
	}
	return value
}
