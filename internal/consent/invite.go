package consent

import (
	"context"
	"net/http"
	"net/url"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/token"
)

// invitation is a link that the operator made.
type invitation struct {
	party
	ticket string
	ends   time.Time
}

// party is an organization with what is needed to speak to its platform.
type party struct {
	organization *v1alpha1.WebexOrganization
	route        Route
	client       *token.Client
}

// find reads an organization and its OAuth client.
func (s *Server) find(ctx context.Context, key types.NamespacedName) (party, error) {
	var found party
	var organization v1alpha1.WebexOrganization
	if err := s.site.Client.Get(ctx, key, &organization); err != nil {
		return found, err
	}
	route, err := s.site.Route(ctx, &organization)
	if err != nil {
		return found, err
	}
	client, err := s.vault.Client(ctx, &organization, route)
	return party{organization: &organization, route: route, client: client}, err
}

// invited answers a link that is not genuine, not valid any more or not wanted, and returns nil then. Strangers learn
// nothing of what exists.
func (s *Server) invited(w http.ResponseWriter, r *http.Request) *invitation {
	key := types.NamespacedName{Namespace: r.PathValue("namespace"), Name: r.PathValue("name")}
	found, err := s.find(r.Context(), key)
	if err != nil {
		s.log.V(1).Info("a consent link leads nowhere", "organization", key, "error", err.Error())
		s.show(w, unknownView())
		return nil
	}
	secret, err := found.client.Key(linkUse)
	if err != nil {
		s.log.Error(err, "check a consent link", "organization", key)
		s.show(w, brokenView())
		return nil
	}
	in := &invitation{party: found, ticket: r.FormValue("ticket")}
	ends, ok := genuine(secret, found.organization, in.ticket)
	in.ends = ends
	switch {
	case !ok:
		s.show(w, unknownView())
	case !s.clock.Now().Before(ends):
		s.show(w, expiredView(in))
	case !asks(found.organization):
		s.show(w, idleView(found.organization))
	default:
		return in
	}
	return nil
}

// asks tells whether the resource wants consent, of which the reconcile decides: it shows a link then.
func asks(organization *v1alpha1.WebexOrganization) bool {
	return organization.Status.ConnectURL != "" && !organization.Spec.Suspend && organization.DeletionTimestamp.IsZero()
}

// invite shows what is asked for.
func (s *Server) invite(w http.ResponseWriter, r *http.Request) {
	in := s.invited(w, r)
	if in == nil {
		return
	}
	page := invitationView(in, r.URL.EscapedPath())
	page.target = formTarget(in.route.Platform)
	s.show(w, page)
}

// formTarget is the platform's origin where contentPolicy does not cover it: a loopback host in a test.
func formTarget(platform string) string {
	parsed, err := url.Parse(platform)
	if err != nil || parsed.Scheme == "https" {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host
}

// begin sends the browser to Webex, with an attempt of its own.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) {
	in := s.invited(w, r)
	if in == nil {
		return
	}
	now := s.clock.Now()
	begun := newAttempt(now)
	cookie, err := begun.seal(in.client, in.organization, s.at)
	if err != nil {
		s.log.Error(err, "begin a consent", "organization", in.key())
		s.show(w, brokenView())
		return
	}
	started, ends := metav1.NewTime(now), metav1.NewTime(now.Add(AttemptLife))
	s.report(r.Context(), in.party, &v1alpha1.AuthorizationStatus{
		Flow: v1alpha1.AuthorizationCode, Phase: v1alpha1.AuthorizationPending, StartedAt: &started, ExpiresAt: &ends,
		Message: "an administrator went on to Webex to decide",
	}, corev1.EventTypeNormal, EventStarted)
	http.SetCookie(w, cookie)
	http.Redirect(w, r, in.client.ConsentURL(s.redirectURL(), begun.State, begun.Verifier, ScopeNames(in.organization)), http.StatusSeeOther)
}

// redirectURL is where Webex sends browsers back to.
func (s *Server) redirectURL() string { return s.at.origin + s.at.path + callbackPath }

func (p party) key() types.NamespacedName {
	return types.NamespacedName{Namespace: p.organization.Namespace, Name: p.organization.Name}
}

// report makes a step of an attempt visible. The step itself does not depend on it.
func (s *Server) report(ctx context.Context, about party, status *v1alpha1.AuthorizationStatus, kind, event string) {
	if err := write(ctx, s.site.Client, about.organization, status); err != nil {
		s.log.Error(err, "report the progress of a consent", "organization", about.key())
	}
	s.site.Recorder.Eventf(about.organization, nil, kind, event, EventAction, "%s", status.Message)
	s.log.Info("consent", "organization", about.key(), "phase", status.Phase, "message", status.Message, "trackingID", status.TrackingID)
}
