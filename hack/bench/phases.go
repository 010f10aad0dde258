package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"wxcc.dev/operator/hack/instance"
	"wxcc.dev/operator/internal/simulator"
)

// The phases, in their order.
const (
	phaseConnect = "connect"
	phaseCreate  = "create"
	phaseSweep   = "sweep"
	phaseDrift   = "drift"
	phaseEdits   = "edits"
	phaseRestart = "restart"
	phaseDelete  = "delete"
)

// phase prepares what is not measured and then runs what is.
type phase struct {
	name    string
	prepare func(ctx context.Context, w *world) error
	run     func(ctx context.Context, w *world, m *measurement) error
}

var phases = []phase{
	{name: phaseConnect, run: connect},
	{name: phaseCreate, run: create},
	{name: phaseSweep, prepare: sweepSoon(sweepLead), run: func(ctx context.Context, w *world, m *measurement) error {
		return w.sweep(ctx, m, w.interval)
	}},
	{name: phaseDrift, prepare: sweepSoon(sweepLead), run: drift},
	{name: phaseEdits, prepare: sweepSoon(sweepLead), run: edits},
	{name: phaseRestart, prepare: sweepSoon(restartLead), run: restart},
	{name: phaseDelete, prepare: noSweep, run: remove},
}

const (
	// sweepLead is enough to become quiet and to prepare a phase before the sweep comes.
	sweepLead = 5 * time.Second
	// restartLead is enough to stop and start the manager and to see it quiet.
	restartLead = 12 * time.Second
	// leadPerCode is added for every code, which looks once at an organization that has changed.
	leadPerCode = time.Millisecond
)

func sweepSoon(lead time.Duration) func(context.Context, *world) error {
	return func(ctx context.Context, w *world) (err error) {
		w.interval, err = w.arrange(ctx, lead+time.Duration(w.size)*leadPerCode)
		return err
	}
}

func noSweep(ctx context.Context, w *world) error {
	if err := w.setInterval(ctx, undisturbed); err != nil {
		return err
	}
	_, err := w.quiet(ctx)
	return err
}

func connect(ctx context.Context, w *world, _ *measurement) error { return w.createOrganization(ctx) }

// create applies all codes and waits until all are Ready.
func create(ctx context.Context, w *world, m *measurement) error {
	m.began = time.Now()
	if err := w.createCodes(ctx); err != nil {
		return err
	}
	m.Applied = seconds(time.Since(m.began))
	err := poll(ctx, w.limit(), "not all codes are ready", func(context.Context) (bool, error) {
		_, ready, changed := w.codes.counts()
		m.ended = changed
		return ready == w.size, nil
	})
	if err != nil {
		all, ready, _ := w.codes.counts()
		return fmt.Errorf("%w: %d of %d", err, ready, all)
	}
	_, err = w.quiet(ctx)
	return err
}

// limit bounds the work on all objects: the request budget, and time for the API server.
func (w *world) limit() time.Duration {
	return 5*time.Minute + time.Duration(w.size)*20*time.Millisecond
}

// drift changes one object of a hundred in Webex and waits until the sweep has changed it back.
func drift(ctx context.Context, w *world, m *measurement) error {
	victims, err := w.chosen()
	if err != nil {
		return err
	}
	for _, id := range victims {
		if err := w.Control(ctx, http.MethodPatch, codeRoute+"/"+id, instance.Object{"description": "Changed in Control Hub"}, nil); err != nil {
			return err
		}
	}
	if err := w.sweep(ctx, m, w.interval); err != nil {
		return err
	}
	remote, err := w.remoteCodes(ctx)
	if err != nil {
		return err
	}
	for name, id := range victims {
		if got := remote[id].Description; got != descriptionOf(name) {
			return fmt.Errorf("%s has the description %q after the sweep", name, got)
		}
	}
	return nil
}

// restart stops the manager, starts it again and waits for the sweep after it. The stop itself is not measured.
func restart(ctx context.Context, w *world, m *measurement) (err error) {
	if err := w.Manager().Stop(); err != nil {
		return err
	}
	if m.before, err = w.sample(ctx); err != nil {
		return err
	}
	if err := w.StartManager(ctx); err != nil {
		return err
	}
	if err := w.resetPeak(); err != nil {
		return err
	}
	// Ready alone does not say that it works: leadership and full caches come first.
	err = poll(ctx, time.Minute, "the manager does not work again", func(ctx context.Context) (bool, error) {
		manager, err := w.sampleManager(ctx)
		return manager.reconciles > 0, err
	})
	if err != nil {
		return err
	}
	if _, err := w.quiet(ctx); err != nil {
		return err
	}
	stats, err := w.Stats(ctx)
	if err != nil {
		return err
	}
	m.AtOnce = new(stats.Requests - m.before.webex.Requests)
	return w.sweep(ctx, m, w.interval)
}

// remove deletes all codes one by one and waits until none is left, here and there.
func remove(ctx context.Context, w *world, m *measurement) error {
	m.began = time.Now()
	if err := w.deleteCodes(ctx); err != nil {
		return err
	}
	m.Applied = seconds(time.Since(m.began))
	err := poll(ctx, w.limit(), "not all codes are gone", func(context.Context) (bool, error) {
		all, _, changed := w.codes.counts()
		m.ended = changed
		return all == 0, nil
	})
	if err != nil {
		all, _, _ := w.codes.counts()
		return fmt.Errorf("%w: %d are left", err, all)
	}
	remote, err := w.remoteCodes(ctx)
	if err != nil {
		return err
	}
	for id, code := range remote {
		if isOurs(code.Name) {
			return fmt.Errorf("code %q (%s) is left in Webex", code.Name, id)
		}
	}
	_, err = w.quiet(ctx)
	return err
}

// codeRoute is the control route of the codes.
const codeRoute = "objects/" + simulator.DemoOrganization + "/auxiliary-code"

// remoteCode is what the bench reads of a code in Webex.
type remoteCode struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Description     string `json:"description"`
	LastUpdatedTime int64  `json:"lastUpdatedTime"` // milliseconds since 1970
}

// remoteCodes are the codes in Webex by id.
func (w *world) remoteCodes(ctx context.Context) (map[string]remoteCode, error) {
	var list []remoteCode
	if err := w.Control(ctx, http.MethodGet, codeRoute, nil, &list); err != nil {
		return nil, err
	}
	byID := make(map[string]remoteCode, len(list))
	for _, one := range list {
		byID[one.ID] = one
	}
	return byID, nil
}
