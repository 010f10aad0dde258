package token

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/oauth2"
)

// requestTimeout bounds one call to the token server; the rest of operationTimeout is for the Secret.
const requestTimeout = 15 * time.Second

// withTransport makes a context whose calls of the oauth2 package go through the transport and follow no redirect.
func withTransport(ctx context.Context, transport http.RoundTripper) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{
		Transport: transport, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
}

// renew asks the token server for a new access token.
func renew(ctx context.Context, settings Settings, from credentials, now time.Time) (*Grant, *Error) {
	config := oauth2.Config{
		ClientID: from.clientID, ClientSecret: from.clientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: settings.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	ctx = withTransport(ctx, settings.Transport)
	answer, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: from.refreshToken}).Token()
	if err != nil {
		return nil, refreshing.explain(err, from)
	}
	return newGrant(from, answer, now), nil
}
