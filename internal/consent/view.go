package consent

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/webex"
)

//go:embed assets/page.html
var pageSource string

//go:embed assets/style.css assets/icon.svg
var assets embed.FS

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// The tones of a page: it asks for something, something is done, something was refused, or nothing is to be done.
const (
	toneAsk  = "ask"
	toneDone = "done"
	toneStop = "stop"
	toneWait = "wait"
)

// view is what a page shows.
type view struct {
	// status is the HTTP status.
	status int
	Title  string
	Tone   string
	Badge  string
	Lead   []string
	Facts  []fact
	// Scopes under ScopesTitle.
	ScopesTitle string
	Scopes      []webex.Scope
	Next        []step
	// Ticket makes the button that posts it to Action, from where the browser goes on to target.
	Ticket, Action, target string
	// Again is a link that starts again.
	Again  string
	Assets string
}

type fact struct {
	Name, Value string
	Code        bool
}

// step is something to do, perhaps by a command.
type step struct{ Text, Command string }

// Mark is the sign in front of the badge.
func (v view) Mark() string {
	return map[string]string{toneAsk: "→", toneDone: "✓", toneStop: "✕", toneWait: "!"}[v.Tone]
}

// show answers with a page.
func (s *Server) show(w http.ResponseWriter, v view) {
	v.Assets = s.at.path + assetsPath
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, v); err != nil {
		s.log.Error(err, "render a page", "title", v.Title)
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", strings.TrimSpace(contentPolicy+" "+v.target))
	w.WriteHeader(v.status)
	if _, err := page.WriteTo(w); err != nil {
		s.log.V(1).Info("a browser did not wait for its page", "error", err.Error())
	}
}

// contentPolicy allows no script and nothing from elsewhere. Browsers apply form-action to the redirects that follow a
// form, too, and Webex sends them on to the identity provider of the organization's choice.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' https:"

// factsOf are what a person needs to recognize the organization by.
func factsOf(organization *v1alpha1.WebexOrganization) []fact {
	facts := []fact{{Name: "Organization", Value: nameOf(organization)}}
	if pinned, err := webex.OrganizationUUID(organization.Spec.OrganizationID); err == nil {
		facts = append(facts, fact{Name: "Organization ID", Value: pinned, Code: true})
	}
	return append(facts, fact{Name: "Resource", Value: organization.Namespace + "/" + organization.Name, Code: true})
}

// nameOf is what Control Hub calls the organization, as far as that is known yet.
func nameOf(organization *v1alpha1.WebexOrganization) string {
	switch {
	case organization.Status.DisplayName != "":
		return organization.Status.DisplayName
	case organization.Spec.Name != "":
		return organization.Spec.Name
	}
	return organization.Name
}

// showTime is a time for people.
func showTime(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// freshLink tells how to get a link that works.
func freshLink(organization *v1alpha1.WebexOrganization) step {
	namespace, name := "NAMESPACE", "NAME"
	if organization != nil {
		namespace, name = organization.Namespace, organization.Name
	}
	return step{
		Text:    "Take the link from the resource's status, which shows one for as long as consent is needed:",
		Command: fmt.Sprintf("kubectl --namespace %s get wxorg %s --output jsonpath='{.status.connectURL}'", namespace, name),
	}
}

// look tells how to see the state of the connection.
func look(organization *v1alpha1.WebexOrganization) step {
	return step{
		Text:    "See the state of the connection:",
		Command: fmt.Sprintf("kubectl --namespace %s describe wxorg %s", organization.Namespace, organization.Name),
	}
}
