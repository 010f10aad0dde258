package consent

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// The events of an attempt to obtain tokens, of any flow.
const (
	EventRequested = "AuthorizationRequested"
	EventStarted   = "AuthorizationStarted"
	EventObtained  = "AuthorizationObtained"
	EventFailed    = "AuthorizationFailed"
)

// EventAction is what those events say was done.
const EventAction = "Authorize"

// maxMessage of a status and of an event.
const maxMessage = 1000

// Failed is the status of an attempt that ended with a refusal.
func Failed(flow v1alpha1.AuthorizationFlow, refusal *Refusal, started, now metav1.Time) *v1alpha1.AuthorizationStatus {
	return &v1alpha1.AuthorizationStatus{
		Flow: flow, Phase: v1alpha1.AuthorizationFailed, Message: remote.Printable(refusal.Message, maxMessage),
		TrackingID: remote.Printable(refusal.TrackingID, maxMessage), StartedAt: &started, FinishedAt: &now,
	}
}

// Obtained is the status of an attempt that ended with tokens in the Secret.
func Obtained(flow v1alpha1.AuthorizationFlow, started, now metav1.Time) *v1alpha1.AuthorizationStatus {
	return &v1alpha1.AuthorizationStatus{
		Flow: flow, Phase: v1alpha1.AuthorizationObtained, StartedAt: &started, FinishedAt: &now,
		Message: "consent was given and the tokens are stored",
	}
}

// write replaces status.authorization and nothing else of the status, which belongs to the reconcile.
func write(ctx context.Context, writer client.Client, organization *v1alpha1.WebexOrganization, to *v1alpha1.AuthorizationStatus) error {
	// A merge patch leaves alone what it does not name, so all of it is named.
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"authorization": map[string]any{
		"flow": to.Flow, "phase": to.Phase, "message": orNull(to.Message), "trackingID": orNull(to.TrackingID),
		"startedAt": to.StartedAt, "finishedAt": to.FinishedAt, "expiresAt": to.ExpiresAt,
		"verificationURI": nil, "userCode": nil,
	}}})
	if err != nil {
		return fmt.Errorf("encode status of WebexOrganization: %w", err)
	}
	target := &v1alpha1.WebexOrganization{ObjectMeta: metav1.ObjectMeta{Namespace: organization.Namespace, Name: organization.Name}}
	if err := writer.Status().Patch(ctx, target, client.RawPatch(types.MergePatchType, patch)); err != nil {
		return fmt.Errorf("write status of WebexOrganization %s/%s: %w", organization.Namespace, organization.Name, err)
	}
	return nil
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
