package engine

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
)

// Who is woken right after his own status write must not repeat what the cache does not show as done yet.
func TestAnObjectWaitsUntilTheCacheShowsItsLastWrite(t *testing.T) {
	t.Parallel()
	var writes ownWrites
	at := func(version string) *v1alpha1.CallCenter {
		return &v1alpha1.CallCenter{ObjectMeta: metav1.ObjectMeta{UID: "u", ResourceVersion: version}}
	}
	if writes.behind(at("9")) {
		t.Error("behind without a write")
	}
	writes.note(at("10"))
	if !writes.behind(at("9")) {
		t.Error("the cache shows what was before the write")
	}
	if writes.behind(at("10")) || writes.behind(at("9")) {
		t.Error("behind although the cache has shown the write")
	}
	writes.note(at("10"))
	if writes.behind(at("no number")) {
		t.Error("versions that cannot be compared hold up")
	}
}
