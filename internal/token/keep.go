package token

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// Like all of refresh.go, this runs for the holder of Source.working only.

// keep makes sure that the operator has a Secret of its own for tokens that can be renewed, before it renews them: what
// somebody has put into the credentials Secret, or an earlier version of the operator, is copied.
func (s *Source) keep(ctx context.Context, present *kept) (*kept, error) {
	if present.tokens != nil && hasTokens(present.tokens) || !s.snapshot().renewable() {
		return present, nil
	}
	own := present.adopted()
	err := own.save(ctx, s.writer)
	if apierrors.IsAlreadyExists(err) || apierrors.IsConflict(err) { // made at this moment, for another purpose
		own = &kept{place: present.place, credentials: present.credentials}
		if err = own.readTokens(ctx, s.reader); err == nil {
			own = own.adopted()
			err = own.save(ctx, s.writer)
		}
	}
	if err != nil {
		return nil, err
	}
	return own, nil
}

// fallBack uses the stored tokens again where the ones that took their place are refused: Git may have put back tokens
// that are long used up.
func (s *Source) fallBack(ctx context.Context, present *kept, problem *Error) bool {
	if problem.Reason != v1alpha1.ReasonReconnectRequired || !present.superseded() {
		return false
	}
	again := *present
	again.tokens = present.own()
	again.bind()
	if again.save(ctx, s.writer) != nil {
		return false
	}
	_, err := s.load(ctx)
	return err == nil
}

// rehearse tries the write of renewed tokens without carrying it out. With a token server that replaces refresh tokens,
// a renewal whose answer cannot be stored ends the connection with the process.
func (s *Source) rehearse(ctx context.Context, present *kept) (*kept, *Error) {
	ready, err := s.keep(ctx, present)
	if err == nil {
		// An immutable Secret takes a write that changes nothing, so this one changes the data.
		trial := ready.granted(&Grant{accessToken: "rehearsal", at: s.clock.Now()})
		err = trial.save(ctx, s.writer, client.DryRunAll)
	}
	if err == nil || apierrors.IsBadRequest(err) { // an admission webhook of the cluster that knows no dry run
		return ready, nil
	}
	held := s.snapshot()
	text := without(err, held.secrets()...)
	message := fmt.Sprintf("the tokens are not renewed because Secret %s cannot be written: %s", s.place.Tokens, text)
	return nil, passing(v1alpha1.ReasonUnavailable, remote.Unavailable, opStore, message)
}
