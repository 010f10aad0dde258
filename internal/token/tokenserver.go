package token

import (
	"context"
	"time"

	"golang.org/x/oauth2"

	"wxcc.dev/operator/internal/httpcall"
)

// requestTimeout bounds one call to the token server; the rest of operationTimeout is for the Secret.
const requestTimeout = 15 * time.Second

// withTransport makes a context whose calls of the oauth2 package go through the transport and follow no redirect.
func withTransport(ctx context.Context, transport *httpcall.Transport) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, transport.TokenClient(requestTimeout))
}

// renew asks the token server for a new access token.
func renew(ctx context.Context, settings Settings, from credentials, now time.Time) (*Grant, *Error) {
	config := oauth2.Config{
		ClientID: from.clientID, ClientSecret: from.clientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: settings.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	transport := from.through(settings.Transport)
	answer, err := config.TokenSource(withTransport(ctx, transport), &oauth2.Token{RefreshToken: from.refreshToken}).Token()
	if err != nil {
		return nil, refreshing.explain(err, transport)
	}
	return newGrant(from, answer, now, transport), nil
}
