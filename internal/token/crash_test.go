package token

import (
	"errors"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// The process dies between the token server's answer and the write of the Secret. All that the next process has is the
// Secret as it was. A token server that ends the old refresh token at once has then ended the connection: nobody holds
// the new one. The administrator is asked for consent, and nothing else is lost.
//
// Proves: S1.14
func TestACrashBetweenAnswerAndStore(t *testing.T) {
	t.Parallel()
	for mode, survives := range map[string]bool{
		"renew": true, "fixed": true, "omit": true, "rotate with grace": true, "rotate": false,
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, mode, nil)
			f.clock.SetTime(start.Add(accessLife))
			f.update = func(int64) error { return errors.New("the process is dead") }
			if token, err := f.source.Token(t.Context()); err == nil {
				t.Fatalf("Token = %s though it could not be stored", token)
			}
			f.wantCalls(1)
			f.update = nil
			f.source = f.newSource()
			if survives {
				f.wantToken("canary-access-2")
				return
			}
			for range 3 {
				_, err := f.source.Token(t.Context())
				wantReason(t, err, v1alpha1.ReasonReconnectRequired)
				f.clock.Step(day)
			}
			f.wantCalls(2)
			wantNoSecret(t, f)
		})
	}
}
