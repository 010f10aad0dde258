package simulator

import (
	"embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pageTemplates = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// showPage answers with one of the pages of the token server.
func showPage(c *call, status int, name string, data any) answer {
	var content strings.Builder
	if err := pageTemplates.ExecuteTemplate(&content, name, data); err != nil {
		return platformError(c, http.StatusInternalServerError, err.Error())
	}
	a := answer{status: status, raw: []byte(content.String()), contentType: "text/html; charset=utf-8"}
	return a.withHeader("Cache-Control", "no-store").
		withHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'").
		withHeader("Referrer-Policy", "no-referrer")
}

// consentScope is one line of the consent screen.
type consentScope struct{ Name, Words string }

func describedScopes(names []string) []consentScope {
	out := make([]consentScope, 0, len(names))
	for _, name := range names {
		out = append(out, consentScope{name, orDefault(scopeWords[name], "Use an interface of Webex")})
	}
	return out
}

var scopeWords = map[string]string{
	scopeConfig:                  "Read and change the contact center's configuration",
	scopeConfigRead:              "Read the contact center's configuration",
	scopeConfigWrite:             "Create, change and delete the contact center's configuration",
	scopeOrganizations:           "See your organization",
	scopeLicenses:                "See your organization's licenses",
	scopeRoles:                   "See the administrator roles",
	scopePeople:                  "See who you are",
	scopeWholesaleCustomers:      "See your wholesale customers",
	scopeWholesaleCustomersWrite: "Change your wholesale customers",
	scopeWholesaleSubscribers:    "See your wholesale subscribers",
}
