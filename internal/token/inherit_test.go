package token

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

// A WebexOrganization that is renamed goes on with the tokens in use: the first ones were used up by the renewals.
func TestTokensInUseAreInherited(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.renewOnce()
	heir := place
	heir.Tokens = types.NamespacedName{Namespace: place.Tokens.Namespace, Name: "renamed-tokens"}
	heir.Owner.Name, heir.Owner.UID = "renamed", "renamed-uid"
	for range 2 { // the second time it has its own
		if err := Inherit(t.Context(), f.client, f.client, place, heir); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.client.Delete(t.Context(), f.own()); err != nil {
		t.Fatal(err)
	}
	f.source = NewSource(Options{
		Reader: f.client, Writer: f.client, Place: heir, Clock: f.clock, Settings: Settings{TokenURL: f.server.http.URL + "/v1/access_token"},
	})
	f.wantToken("canary-access-1")
	f.renewOnce()
	f.wantToken("canary-access-2")
}

func TestNothingIsInheritedFromNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	heir := place
	heir.Tokens.Name, heir.Owner.UID = "renamed-tokens", "renamed-uid"
	if err := Inherit(t.Context(), f.client, f.client, place, heir); err != nil {
		t.Fatal(err)
	}
	f.renewOnce()
	stranger := place
	stranger.Owner.UID = "stranger-uid" // the Secret is not its own
	if err := Inherit(t.Context(), f.client, f.client, stranger, heir); err != nil {
		t.Fatal(err)
	}
	if found, err := heir.read(t.Context(), f.client); err != nil || found.tokens != nil {
		t.Errorf("tokens were made of nothing: %v", err)
	}
}
