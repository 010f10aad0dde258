package webex_test

import (
	"context"
	"testing"
	"time"

	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

// lateTokens notes how long the budget was held still when a token was asked for.
type lateTokens struct {
	tokens
	bucket *webex.Bucket
	held   time.Duration
}

func (l *lateTokens) Token(ctx context.Context) (string, error) {
	l.held = l.bucket.HeldFor()
	return l.tokens.Token(ctx)
}

// A hold may last longer than a token.
func TestATokenIsTakenAfterTheWaitForTheBudget(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{})
	late := &lateTokens{bucket: b.bucket}
	client := webex.NewClient(webex.Options{OrganizationID: organization, PlatformURL: b.url + "/v1", Tokens: late, Bucket: b.bucket})
	b.bucket.Hold(200 * time.Millisecond)
	if _, err := client.Organization(t.Context()); err != nil {
		t.Fatal(err)
	}
	if late.held > 0 {
		t.Errorf("the token was taken %s before the request could go", late.held)
	}
}
