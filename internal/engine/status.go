package engine

import (
	"context"
	"fmt"
	"regexp"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// maxMessage bounds a condition's message; the API allows 32768, a person reads less.
const maxMessage = 1024

// conclude writes how the visit ended, once, if anything but a time changed.
func (v *visit[T]) conclude(ctx context.Context, out *outcome) (reconcile.Result, error) {
	result := reconcile.Result{RequeueAfter: out.after}
	if out.state == isGone {
		return result, nil
	}
	if !out.untouched {
		v.describe(out)
		if out.state != isUnknown && out.state != isSuspended {
			v.status().LastHandledReconcileAt = v.requested()
		}
	}
	if err := v.flush(ctx); err != nil && !apierrors.IsNotFound(err) {
		return reconcile.Result{}, err
	}
	if out.err != nil && out.after == 0 {
		return reconcile.Result{}, fmt.Errorf("%s: %w", out.reason, out.err)
	}
	return result, nil
}

// describe sets the conditions: Ready and Synced always, Reconciling and Stalled only while true.
func (v *visit[T]) describe(out *outcome) {
	status := v.status()
	before := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady).DeepCopy()
	wasBad := meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled) ||
		(before != nil && before.Status == metav1.ConditionUnknown && before.Reason != string(v1alpha1.ReasonVerifying))
	status.ObservedGeneration = v.obj.GetGeneration()
	message := v.stable(before, out)
	readyStatus, syncedStatus := metav1.ConditionUnknown, metav1.ConditionUnknown
	syncedReason := out.reason
	switch out.state {
	case isReady:
		readyStatus, syncedStatus = metav1.ConditionTrue, metav1.ConditionTrue
		if out.differs {
			syncedStatus, syncedReason = metav1.ConditionFalse, v1alpha1.ReasonDriftDetected
		}
	case isWaiting, isStalled:
		readyStatus, syncedStatus = metav1.ConditionFalse, metav1.ConditionFalse
	case isSuspended:
		if before != nil {
			readyStatus = before.Status
		}
	}
	if out.state == isSuspended && readyStatus != metav1.ConditionTrue {
		// Nothing is under way: without Ready, tools that wait take the object for settled. Synced says why.
		meta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionReady)
	} else {
		v.set(v1alpha1.ConditionReady, readyStatus, out.reason, message)
	}
	v.set(v1alpha1.ConditionSynced, syncedStatus, syncedReason, message)
	v.setWhile(out.state == isWaiting || out.state == isUnknown, v1alpha1.ConditionReconciling, out.reason, message)
	v.setWhile(out.state == isStalled, v1alpha1.ConditionStalled, out.reason, message)
	v.showContested()
	v.announce(before, wasBad, out)
}

// passing are the parts of a message that differ with every request.
var passing = regexp.MustCompile(` \((tracking id|retry after) [^)]*\)`)

// stable is the message of an outcome, as it was where only what passes has changed: a failure that goes on is one write.
func (v *visit[T]) stable(before *metav1.Condition, out *outcome) string {
	message := remote.Printable(out.message, maxMessage)
	if before != nil && out.state == isUnknown && before.Reason == string(out.reason) && before.ObservedGeneration == v.obj.GetGeneration() &&
		passing.ReplaceAllString(before.Message, "") == passing.ReplaceAllString(message, "") {
		return before.Message
	}
	return message
}

func (v *visit[T]) set(conditionType string, status metav1.ConditionStatus, reason v1alpha1.Reason, message string) {
	meta.SetStatusCondition(&v.status().Conditions, metav1.Condition{
		Type: conditionType, Status: status, Reason: string(reason), Message: message, ObservedGeneration: v.obj.GetGeneration(),
	})
}

func (v *visit[T]) setWhile(holds bool, conditionType string, reason v1alpha1.Reason, message string) {
	if holds {
		v.set(conditionType, metav1.ConditionTrue, reason, message)
		return
	}
	meta.RemoveStatusCondition(&v.status().Conditions, conditionType)
}

// announce makes an event of a change for the worse, of the way back, and of drift that is only observed.
func (v *visit[T]) announce(before *metav1.Condition, wasBad bool, out *outcome) {
	changed := before == nil || before.Reason != string(out.reason)
	switch {
	case out.differs && (changed || before.Message != remote.Printable(out.message, maxMessage)):
		v.emit(corev1.EventTypeWarning, string(v1alpha1.ReasonDriftDetected), "Observe", "the remote object differs from the spec: "+driftText(v.status().Drift))
	case !changed:
	case out.state == isWaiting && !v.settled && out.reason != v1alpha1.ReasonInUse: // that one comes with its users
		v.emit(corev1.EventTypeNormal, string(out.reason), "Wait", out.message)
	case out.state == isStalled, out.state == isUnknown && !out.passes():
		v.emit(corev1.EventTypeWarning, string(out.reason), "Reconcile", out.message)
	case out.state == isReady && wasBad:
		v.emit(corev1.EventTypeNormal, string(out.reason), "Reconcile", out.message)
	}
}

func driftText(drift []v1alpha1.FieldDrift) string {
	text := ""
	for i, d := range drift {
		if i > 0 {
			text += "; "
		}
		text += fmt.Sprintf("%s is %q, desired %q", d.Field, d.Actual, d.Desired)
	}
	return text
}

func (v *visit[T]) readyReason() v1alpha1.Reason {
	condition := meta.FindStatusCondition(v.status().Conditions, v1alpha1.ConditionReady)
	if condition == nil {
		return ""
	}
	return v1alpha1.Reason(condition.Reason)
}

// event reports a change of the remote object.
func (v *visit[T]) event(reason, action, format string, args ...any) {
	v.emit(corev1.EventTypeNormal, reason, action, fmt.Sprintf(format, args...))
}

// maxNote is the API's bound on an event's note.
const maxNote = 1000

func (v *visit[T]) emit(eventType, reason, action, note string) {
	v.r.env.Recorder.Eventf(v.obj, nil, eventType, reason, action, "%s", remote.Printable(note, maxNote))
}
