package controllers

import (
	"slices"
	"strings"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/webex"
)

// maxScopes is how many scopes a status holds.
const maxScopes = 200

// scopes refuses tokens that lack a scope without which nothing works. Where the token server did not say what it
// granted, the calls themselves have to tell.
func (v *organizationVisit) scopes() *failure {
	spec := &v.organization.Spec
	required := slices.DeleteFunc(webex.Scopes(spec.ContactCenter, spec.Wholesale), func(s webex.Scope) bool { return !s.Required })
	lacking := webex.Lacking(v.granted(), required)
	if len(lacking) == 0 {
		return nil
	}
	return v.tokenFailed(stalled(v1alpha1.ReasonScopeMissing, "the token lacks "+describeScopes(lacking)+
		": add what is missing to the integration or service app, and give consent again"))
}

// lackedScope returns the scope of this name if the tokens certainly lack it.
func (v *organizationVisit) lackedScope(name string) []webex.Scope {
	wanted := slices.DeleteFunc(append(webex.Scopes(true, true), webex.WholesaleWrite), func(s webex.Scope) bool { return s.Name != name })
	return webex.Lacking(v.granted(), wanted)
}

// granted are the scopes of the tokens; nil where nobody said.
func (v *organizationVisit) granted() []string {
	if v.session.webex.source == nil {
		return nil
	}
	return v.session.webex.source.Status().Scopes
}

// showScopes puts what was granted into status; nil is unknown.
func (v *organizationVisit) showScopes(granted []string) {
	if len(granted) > maxScopes {
		granted = granted[:maxScopes]
	}
	v.organization.Status.Scopes = granted
}

func describeScopes(scopes []webex.Scope) string {
	texts := make([]string, 0, len(scopes))
	for _, scope := range scopes {
		texts = append(texts, scope.Name+" ("+scope.Gives+")")
	}
	return strings.Join(texts, ", ")
}
