package inventory

import (
	"context"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"wxcc.dev/operator/internal/metrics"
)

// reportSweeps returns what counts and logs the sweeps of a store. Objects keep their conditions while a sweep fails,
// so this is where it shows that nobody looks at them.
func reportSweeps(organization types.NamespacedName, store string) func(context.Context, error) {
	collection, _, _ := strings.Cut(store, "/") // what follows names a tenant and a group
	count := metrics.SweepObserver(organization, collection)
	return func(ctx context.Context, err error) {
		count(err, time.Now())
		if err != nil {
			log.FromContext(ctx).WithName("sweep").Error(err, "list a collection: its objects are not compared until this succeeds",
				"WebexOrganization", organization, "collection", store)
		}
	}
}
