package consent

import (
	"fmt"
	"net/http"
	"unicode"
	"unicode/utf8"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/webex"
)

// invitationView asks for consent.
func invitationView(in *invitation, action string) view {
	facts := factsOf(in.organization)
	if region := in.organization.Spec.Region; region != "" {
		facts = append(facts, fact{Name: "Contact center", Value: "region " + string(region)})
	}
	facts = append(facts, fact{Name: "Link works until", Value: showTime(in.ends)})
	scopes := wanted(in.organization)
	for i := range scopes {
		scopes[i].Gives = sentence(scopes[i].Gives)
	}
	return view{
		status: http.StatusOK, Tone: toneAsk, Badge: "Consent needed", Title: "Connect " + nameOf(in.organization),
		Lead:  []string{"The operator asks for access to this Webex organization. Continue only if you know why, and sign in as an administrator of exactly this organization."},
		Facts: facts, ScopesTitle: "What you grant", Scopes: scopes, Ticket: in.ticket, Action: action,
	}
}

// sentence begins with a capital letter.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// obtainedView says that all is well.
func obtainedView(organization *v1alpha1.WebexOrganization, missing []webex.Scope) view {
	for i := range missing {
		missing[i].Gives = sentence(missing[i].Gives)
	}
	v := view{
		status: http.StatusOK, Tone: toneDone, Badge: "Connected", Title: nameOf(organization) + " is connected",
		Lead:  []string{"The account belongs to the right organization, and the tokens are stored in the cluster. You can close this window."},
		Facts: factsOf(organization), Next: []step{look(organization)},
	}
	if len(missing) > 0 {
		v.Lead = append(v.Lead, "Some permissions were not granted. The connection works without them, but the operator cannot:")
		v.ScopesTitle, v.Scopes = "Not granted", missing
	}
	return v
}

// refusedView says why consent did not become tokens, and that nothing has changed.
func refusedView(organization *v1alpha1.WebexOrganization, refusal *Refusal) view {
	v := view{
		status: http.StatusForbidden, Tone: toneStop, Badge: "Not connected", Title: "Webex could not be connected",
		Lead:  []string{sentence(refusal.Message) + ".", "Nothing was stored. If there were tokens before, they are still there."},
		Facts: factsOf(organization), Again: organization.Status.ConnectURL,
	}
	if refusal.TrackingID != "" {
		v.Facts = append(v.Facts, fact{Name: "Tracking ID", Value: refusal.TrackingID, Code: true})
	}
	if refusal.Denied {
		v.Badge, v.Title = "Not granted", "You did not grant access"
		v.Next = []step{{Text: "If that was not meant, start again."}}
		return v
	}
	switch refusal.Reason {
	case v1alpha1.ReasonWrongOrganization:
		v.Badge, v.Title = "Wrong organization", "That account belongs to another organization"
		v.Next = []step{
			{Text: "Sign out of Webex, or use a private window, so that Webex asks who you are."},
			{Text: "Start again and sign in as an administrator of " + nameOf(organization) + "."},
		}
	case v1alpha1.ReasonScopeMissing:
		v.Badge, v.Title = "Permission missing", "A permission that is needed was not granted"
		v.Next = []step{
			{Text: "Add what is missing to the integration at developer.webex.com."},
			{Text: "Start again."},
		}
	case v1alpha1.ReasonInvalidClient:
		v.Next = []step{{Text: fmt.Sprintf("Correct clientID and clientSecret in the Secret %s.", organization.Spec.CredentialsSecretRef.Name)}, freshLink(organization)}
	case v1alpha1.ReasonUnavailable, v1alpha1.ReasonRateLimited, v1alpha1.ReasonInvalidResponse:
		v.status = http.StatusBadGateway
		v.Next = []step{{Text: "Wait a moment and start again."}}
	default:
		v.Next = []step{{Text: "Correct what the message says and start again."}, look(organization)}
	}
	return v
}

// unknownView answers a link that nobody made. It does not tell whether the organization exists.
func unknownView() view {
	return view{
		status: http.StatusNotFound, Tone: toneStop, Badge: "No such page", Title: "This link does not work",
		Lead: []string{"It may be incomplete, or the resource it was made for is gone."}, Next: []step{freshLink(nil)},
	}
}

// expiredView answers a link that was right once.
func expiredView(in *invitation) view {
	return view{
		status: http.StatusGone, Tone: toneWait, Badge: "Expired", Title: "This link has expired",
		Lead:  []string{"It worked until " + showTime(in.ends) + ". Links work for a day only."},
		Facts: factsOf(in.organization), Next: []step{freshLink(in.organization)},
	}
}

// idleView answers a link while no consent is wanted.
func idleView(organization *v1alpha1.WebexOrganization) view {
	return view{
		status: http.StatusConflict, Tone: toneWait, Badge: "Nothing to do", Title: "No consent is needed now",
		Lead:  []string{"The organization is connected, suspended, or gets its tokens in another way."},
		Facts: factsOf(organization), Next: []step{look(organization)},
	}
}

// strayView answers a callback that belongs to nothing this browser began.
func strayView() view {
	return view{
		status: http.StatusBadRequest, Tone: toneStop, Badge: "Not connected", Title: "Please start again",
		Lead: []string{
			"This browser has not begun to connect an organization, or it was more than ten minutes ago.",
			"Nothing was stored.",
		},
		Next: []step{freshLink(nil)},
	}
}

// usedView answers a callback that has been here before.
func usedView() view {
	return view{
		status: http.StatusConflict, Tone: toneWait, Badge: "Used already", Title: "This answer of Webex was used already",
		Lead: []string{"Each consent works once, and opening it again changed nothing."},
		Next: []step{{Text: "See how it ended:", Command: "kubectl get wxorg --all-namespaces"}},
	}
}

// brokenView answers what went wrong in here.
func brokenView() view {
	return view{
		status: http.StatusInternalServerError, Tone: toneStop, Badge: "Error", Title: "The operator could not do that",
		Lead: []string{"Something failed that is not your doing. The operator's log says what."},
		Next: []step{{Text: "Wait a moment and open the link again."}},
	}
}

// busyView answers too many requests.
func busyView() view {
	return view{
		status: http.StatusTooManyRequests, Tone: toneWait, Badge: "Busy", Title: "Too many requests",
		Lead: []string{"Please wait a few seconds and reload the page."},
	}
}

// crossView answers a form that another site sent.
func crossView() view {
	return view{
		status: http.StatusForbidden, Tone: toneStop, Badge: "Refused", Title: "The request came from another site",
		Lead: []string{"Open the link itself and use the button on its page."}, Next: []step{freshLink(nil)},
	}
}
