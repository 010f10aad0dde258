package simulator

import (
	"net/http"
	"net/url"
	"strings"
)

// verifyRoute is the page on which a person types the code of a device.
const verifyRoute = "/verify"

// verifyScreen asks for the code.
type verifyScreen struct{ Wrong, Action string }

// doneScreen is the last page of a decision.
type doneScreen struct{ Title, Text string }

const textNoDevice = "No device waits with this code. It may have expired."

// verifyPage asks for the code, or with ?userCode= shows Allow and Deny.
func (s *Simulator) verifyPage(c *call) answer {
	userCode := strings.ReplaceAll(c.query.get("userCode"), " ", "")
	if userCode == "" {
		return showPage(c, http.StatusOK, "verify.html", verifyScreen{Action: verifyRoute})
	}
	device := s.tokens().waiting(userCode, s.now())
	if device == nil {
		return showPage(c, http.StatusNotFound, "verify.html", verifyScreen{Wrong: textNoDevice, Action: verifyRoute})
	}
	return showPage(c, http.StatusOK, "consent.html", consentScreen{
		Client: device.client, Scopes: describedScopes(device.scopes), Organizations: s.consentOrganizations(device.client),
		Action: verifyRoute + "?userCode=" + url.QueryEscape(device.userCode),
	})
}

// verifyDecision takes the form of the page: decision=allow|deny and organization, the account that signed in.
func (s *Simulator) verifyDecision(c *call) answer {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return platformError(c, http.StatusBadRequest, "The form is malformed.")
	}
	allow := form.Get("decision") == string(allowed)
	if err := s.DecideDevice(c.query.get("userCode"), allow, form.Get("organization")); err != nil {
		return showPage(c, http.StatusNotFound, "verify.html", verifyScreen{Wrong: textNoDevice, Action: verifyRoute})
	}
	if !allow {
		return showPage(c, http.StatusOK, "done.html", doneScreen{"Access denied", "The device gets no access. You can close this page."})
	}
	return showPage(c, http.StatusOK, "done.html", doneScreen{"Device connected", "The device gets its access with its next request. You can close this page."})
}
