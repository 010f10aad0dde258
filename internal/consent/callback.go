package consent

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// callbackTimeout bounds all that a callback asks of Webex and the API server.
const callbackTimeout = 45 * time.Second

// callback takes the browser back from Webex.
func (s *Server) callback(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	state := query.Get("state")
	if s.used.used(state, s.clock.Now()) {
		s.show(w, usedView())
		return
	}
	// Whatever becomes of the browser: tokens that Webex has made are stored.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callbackTimeout)
	defer cancel()
	who, begun, err := s.recall(ctx, r, state)
	if err != nil {
		s.log.Info("a consent comes back to nothing that was begun", "error", err.Error())
		s.show(w, strayView())
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // it only ends the cookie, whose attributes are these
		Name: cookieOf(state), Path: s.at.path + "/connect", MaxAge: -1, HttpOnly: true, Secure: s.at.secure, SameSite: http.SameSiteLaxMode,
	})
	if !begun.Started.After(who.client.AuthorizedAt()) || !s.used.use(state, s.clock.Now()) {
		s.show(w, usedView())
		return
	}
	missing, err := s.conclude(ctx, who, begun, query)
	started, now := metav1.NewTime(begun.Started), metav1.NewTime(s.clock.Now())
	if err != nil {
		refusal := Refused(err)
		s.report(ctx, who, Failed(v1alpha1.AuthorizationCode, refusal, started, now), corev1.EventTypeWarning, EventFailed)
		s.show(w, refusedView(who.organization, refusal))
		return
	}
	s.report(ctx, who, Obtained(v1alpha1.AuthorizationCode, started, now), corev1.EventTypeNormal, EventObtained)
	s.show(w, obtainedView(who.organization, missing))
}

// recall finds the attempt that a state belongs to, by this browser's cookie. Its error says why there is none.
func (s *Server) recall(ctx context.Context, r *http.Request, state string) (party, attempt, error) {
	cookie, err := r.Cookie(cookieOf(state))
	if state == "" || err != nil {
		return party{}, attempt{}, errors.New("the browser has no cookie of this state")
	}
	key, err := organizationOf(cookie)
	if err != nil {
		return party{}, attempt{}, err
	}
	who, err := s.find(ctx, key)
	if err != nil {
		return party{}, attempt{}, err
	}
	begun, err := open(cookie, who.client, who.organization)
	age := s.clock.Now().Sub(begun.Started)
	switch {
	case err != nil:
		return party{}, attempt{}, err
	case subtle.ConstantTimeCompare([]byte(begun.State), []byte(state)) != 1:
		return party{}, attempt{}, errors.New("the state is not the cookie's")
	case age > AttemptLife:
		return party{}, attempt{}, errors.New("the attempt is too old")
	}
	return who, begun, nil
}

// conclude turns the answer of Webex into stored tokens.
func (s *Server) conclude(ctx context.Context, who party, begun attempt, answer url.Values) (missing []webex.Scope, err error) {
	switch {
	case who.organization.Spec.Suspend:
		return nil, &Refusal{Reason: v1alpha1.ReasonSuspended, Message: "spec.suspend is true: no remote call is made"}
	case answer.Get("error") != "":
		return nil, refusedByWebex(answer)
	case answer.Get("code") == "":
		return nil, &Refusal{Reason: v1alpha1.ReasonInvalidResponse, Message: "the answer of Webex holds neither a code nor an error"}
	}
	grant, err := who.client.Exchange(ctx, s.redirectURL(), answer.Get("code"), begun.Verifier, s.clock.Now())
	if err != nil {
		return nil, err
	}
	return s.vault.Accept(ctx, who.organization, who.route, grant, begun.Started, s.clock.Now())
}

// maxSaid bounds what is repeated of a text that came in an address.
const maxSaid = 200

// refusedByWebex reads an error that came back with the browser.
func refusedByWebex(answer url.Values) *Refusal {
	code, text := remote.Printable(answer.Get("error"), maxSaid), remote.Printable(answer.Get("error_description"), maxSaid)
	said := code
	if text != "" {
		said += ": " + text
	}
	switch code {
	case "access_denied":
		return &Refusal{Reason: v1alpha1.ReasonForbidden, Denied: true, Message: "the administrator refused the consent at Webex (" + said + ")"}
	case "invalid_scope":
		return &Refusal{Reason: v1alpha1.ReasonScopeMissing, Message: "the integration at developer.webex.com lacks a scope that is asked for (" + said + ")"}
	}
	return &Refusal{Reason: v1alpha1.ReasonRejected, Message: "Webex answered " + said}
}
