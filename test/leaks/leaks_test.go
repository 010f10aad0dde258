package leaks

import (
	"encoding/base64"
	"net/url"
	"testing"
)

func TestFind(t *testing.T) {
	t.Parallel()
	const secret = "p&ss word+for/the gateway"
	finder := NewFinder(secret, "another-secret")
	for _, text := range []string{
		secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte("me:" + secret + "\n")),
		"x" + base64.RawURLEncoding.EncodeToString([]byte("user:"+secret)), url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("m:" + secret))),
		base64.StdEncoding.EncodeToString([]byte("Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+secret)))),
	} {
		if found := finder.Find("before " + text + " after"); len(found) != 1 {
			t.Errorf("Find(%q) = %q", text, found)
		}
	}
	if found := finder.Find("nothing of it: p&ss word, another secret"); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}
