package token

import (
	"context"
	"sync/atomic"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// Pinned gives out the tokens of a Source only while their account has been approved, so that tokens of another
// organization, put into the Secret at any moment, never reach a request before they are noticed. It implements
// webex.TokenSource and is safe for concurrent use.
type Pinned struct {
	source   *Source
	approved atomic.Uint64
}

// NewPinned makes one that has approved nothing yet.
func NewPinned(source *Source) *Pinned { return &Pinned{source: source} }

// Approve says that the tokens of this Status.Origin, and their renewals, belong to the right organization; 0
// approves none.
func (p *Pinned) Approve(origin uint64) { p.approved.Store(origin) }

// Token is Source.Token, or an error where the tokens' account has not been approved.
func (p *Pinned) Token(ctx context.Context) (string, error) {
	token, origin, err := p.source.obtain(ctx)
	if err != nil {
		return "", err
	}
	if origin != p.approved.Load() {
		return "", passing(v1alpha1.ReasonProgressing, remote.Unavailable, opUse,
			"the credentials were replaced; which organization they belong to is being checked")
	}
	return token, nil
}

// Rejected is Source.Rejected.
func (p *Pinned) Rejected(token string) { p.source.Rejected(token) }
