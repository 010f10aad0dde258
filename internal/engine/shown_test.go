package engine

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// A write is proven without another read where its answer, or what was read before it, and the row tell all that is owned.
func TestWhatAWriteShows(t *testing.T) {
	t.Parallel()
	row := remote.NewRecord("id", "Care", time.Time{}, []byte(`{"id":"id","active":false}`))
	before := remote.Object{"id": "id", "queue": 1, "active": true}
	for name, c := range map[string]struct {
		answer, before, written, want remote.Object
	}{
		"the answer, and the row for the rest": {
			answer: remote.Object{"id": "id", "queue": 2}, before: before, written: remote.Object{"queue": 2},
			want: remote.Object{"id": "id", "queue": 2, "active": false},
		},
		"what was read before, and the row for what was written": {
			before: before, written: remote.Object{"active": false},
			want: remote.Object{"id": "id", "queue": 1, "active": false},
		},
		"written without an answer, and not in the row": {before: before, written: remote.Object{"queue": 2}},
		"an answer that leaves out what is owned":       {answer: remote.Object{"id": "id"}, before: before, written: remote.Object{"active": false}},
		"created without an answer":                     {written: remote.Object{"queue": 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &visit[*v1alpha1.CallCenter]{
				r:     &Reconciler[*v1alpha1.CallCenter]{kind: &Kind[*v1alpha1.CallCenter]{}},
				owned: remote.Object{"queue": 2, "active": false},
				known: afterWrite(c.answer, c.before, c.written),
			}
			got, err := v.shown(row)
			if err != nil || !cmp.Equal(got, c.want) {
				t.Errorf("shown: %v, want %v (%v)", got, c.want, err)
			}
		})
	}
	if before["active"] != true {
		t.Error("what was read before is changed")
	}
}
