package controllers

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

const (
	// maxEmails is how many addresses of an account a status holds.
	maxEmails = 10
	// maxEmail is the longest address there can be.
	maxEmail = 320
)

func emailsOf(person webex.Person) []string {
	var emails []string
	for _, email := range person.Emails {
		if email != "" && len(emails) < maxEmails {
			emails = append(emails, remote.Printable(email, maxEmail))
		}
	}
	return emails
}

// judgeAccount compares the account of the tokens with the one that the spec names. It only informs: nothing is held back for
// it. What is not known now stays as it was.
func (v *organizationVisit) judgeAccount() {
	wanted, emails := v.organization.Spec.AccountEmail, v.organization.Status.AccountEmails
	switch {
	case wanted == "":
		v.unset(v1alpha1.ConditionAccountEmailMatches)
	case !v.identified:
	case len(emails) == 0:
		v.set(v1alpha1.ConditionAccountEmailMatches, metav1.ConditionUnknown, v1alpha1.ReasonForbidden,
			"the token may not read the account that it belongs to: the scope "+webex.ScopePeople+" is needed")
	case slices.ContainsFunc(emails, func(email string) bool { return strings.EqualFold(email, wanted) }):
		v.set(v1alpha1.ConditionAccountEmailMatches, metav1.ConditionTrue, v1alpha1.ReasonAccountMatches, "the tokens belong to "+wanted)
	default:
		message := fmt.Sprintf("the tokens belong to %s, spec.accountEmail says %s", firstOf(emails), wanted)
		v.set(v1alpha1.ConditionAccountEmailMatches, metav1.ConditionFalse, v1alpha1.ReasonAccountDiffers, message)
		if was := v.was(v1alpha1.ConditionAccountEmailMatches); was == nil || was.Status != metav1.ConditionFalse {
			v.event(corev1.EventTypeWarning, string(v1alpha1.ReasonAccountDiffers), "Connect", message)
		}
	}
}
