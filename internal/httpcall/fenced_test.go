package httpcall

import (
	"errors"
	"net/http"
	"testing"

	"wxcc.dev/operator/internal/fence"
	"wxcc.dev/operator/internal/remote"
)

func TestAFencedWriteIsNotAmbiguous(t *testing.T) {
	t.Parallel()
	transport := Guard(nil, nil).While(func() error { return fence.Err })
	client := NewClient(ClientOptions{Transport: transport, Describe: func([]byte) string { return "" }})
	_, err := client.Send(t.Context(), Request{Method: http.MethodPost, URL: "http://127.0.0.1:1/", Route: "somewhere", Body: map[string]any{}})
	if remote.ClassOf(err) != remote.Fenced || remote.IsAmbiguous(err) || !errors.Is(err, fence.Err) {
		t.Errorf("got %v of class %s", err, remote.ClassOf(err))
	}
}
