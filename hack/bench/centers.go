package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

const (
	centerTenant = "bench-tenant"
	centerDomain = "voice.example.net"
)

// centers are CallCenters, spread over the groups of one tenant behind a gateway.
var centers = &fleet{
	resource: "callcenters",
	blank:    func() v1alpha1.Object { return &v1alpha1.CallCenter{} },
	list:     func() client.ObjectList { return &v1alpha1.CallCenterList{} },
	one:      func(w *world, number int) v1alpha1.Object { return newCenter(w.setting.groups, number) },
	seed: func(ctx context.Context, w *world) error {
		seed := gatewaySeed()
		groups := map[string]simulator.GroupSeed{}
		for number := range w.setting.groups {
			groups[groupOf(number)] = simulator.GroupSeed{Domain: centerDomain}
		}
		seed.Tenants = map[string]map[string]simulator.GroupSeed{centerTenant: groups}
		return w.Control(ctx, http.MethodPut, "state", simulator.State{Gateway: &simulator.GatewayState{GatewaySeed: seed}}, nil)
	},
	credentials: func() map[string]string {
		return map[string]string{"username": gatewaySeed().Username, "password": gatewaySeed().Password}
	},
	organization: func(w *world) v1alpha1.WebexOrganizationSpec {
		return v1alpha1.WebexOrganizationSpec{Name: "Bench", CallCenterGateway: &v1alpha1.CallCenterGateway{
			URL: w.SimulatorURL(), Authentication: v1alpha1.GatewaySession,
			CredentialsSecretRef: v1alpha1.LocalSecretReference{Name: secretName},
		}}
	},
	lists: routeEnds(centerList),
	remains: func(ctx context.Context, w *world) (int, error) {
		return w.countCenters(ctx, func(remoteCenter) bool { return true })
	},
	phases: centerPhases,
	limits: centerLimits,
}

func gatewaySeed() simulator.GatewaySeed { return simulator.DemoState().Gateway.GatewaySeed }

func groupOf(number int) string { return fmt.Sprintf("group-%03d", number) }

func newCenter(groups, number int) *v1alpha1.CallCenter {
	name := nameOf(number)
	return &v1alpha1.CallCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.CallCenterSpec{
			ConfigSpec: v1alpha1.ConfigSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: organizationName}},
			TenantID:   centerTenant, GroupID: groupOf(number % groups), ServiceUserID: name + "@" + centerDomain,
			Type: v1alpha1.CallCenterStandard, Policy: v1alpha1.DistributionCircular, Active: new(true), QueueLength: new(int32(10)),
			Profile: v1alpha1.CallCenterProfile{CLIFirstName: "Bench", CLILastName: "Center"},
		},
	}
}

// remoteCenter is what the bench reads of a call center in the gateway.
type remoteCenter struct {
	Active bool `json:"active"`
}

// countCenters counts the call centers of all groups that are of interest.
func (w *world) countCenters(ctx context.Context, counts func(remoteCenter) bool) (count int, err error) {
	for number := range w.setting.groups {
		var list []remoteCenter
		if err := w.Control(ctx, http.MethodGet, "callcenters/"+centerTenant+"/"+groupOf(number), nil, &list); err != nil {
			return 0, err
		}
		for _, one := range list {
			if counts(one) {
				count++
			}
		}
	}
	return count, nil
}

// perGroupSweep is the least time between the sweeps of two groups on average: somewhere in the round is a gap in which
// all is quiet.
const perGroupSweep = 3 * time.Second

// sweepGroups lets the groups be swept, one after the other, round after round; it returns in a gap between two of them.
func sweepGroups(ctx context.Context, w *world) error {
	w.interval = max(shortestInterval, time.Duration(w.setting.groups)*perGroupSweep)
	if err := w.setInterval(ctx, w.interval); err != nil {
		return err
	}
	if _, err := w.awaitListings(ctx, 1, w.interval); err != nil {
		return err
	}
	_, err := w.quiet(ctx)
	return err
}

// sweepRound waits until as many listings have been made as there are groups: a round, for each comes once in an interval.
func sweepRound(ctx context.Context, w *world, m *measurement) (err error) {
	m.ended, err = w.awaitListings(ctx, w.setting.groups, w.interval)
	return err
}

// switchOff switches all off at once, as somebody does who changes many: the organization rests meanwhile.
func switchOff(ctx context.Context, w *world, m *measurement) error {
	if err := w.changeOrganization(ctx, func(spec *v1alpha1.WebexOrganizationSpec) { spec.Suspend = true }); err != nil {
		return err
	}
	if err := w.switchAll(ctx, m, false); err != nil {
		return err
	}
	if err := w.changeOrganization(ctx, func(spec *v1alpha1.WebexOrganizationSpec) { spec.Suspend = false }); err != nil {
		return err
	}
	return w.switched(ctx, m, false)
}

// switchOn switches one on after the other, as fast as the API server takes it.
func switchOn(ctx context.Context, w *world, m *measurement) error {
	if err := w.switchAll(ctx, m, true); err != nil {
		return err
	}
	return w.switched(ctx, m, true)
}

// switchAll changes every spec.
func (w *world) switchAll(ctx context.Context, m *measurement, on bool) error {
	began := time.Now()
	defer func() { m.Applied = seconds(time.Since(began)) }()
	return w.forEach(func(number int) error {
		center := &v1alpha1.CallCenter{}
		return w.change(ctx, nameOf(number), center, func() { center.Spec.Active = new(on) })
	})
}

// switched waits until all are Ready, and makes sure that the gateway has them so.
func (w *world) switched(ctx context.Context, m *measurement, on bool) error {
	if err := w.awaitReady(ctx, m); err != nil {
		return err
	}
	count, err := w.countCenters(ctx, func(c remoteCenter) bool { return c.Active == on })
	if err == nil && count != w.size {
		err = fmt.Errorf("%d of %d call centers have active: %t", count, w.size, on)
	}
	return err
}
