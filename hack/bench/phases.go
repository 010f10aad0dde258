package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"wxcc.dev/operator/hack/instance"
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
	phaseOff     = "off" // all at once
	phaseOn      = "on"  // one by one
)

// phase prepares what is not measured and then runs what is.
type phase struct {
	name    string
	prepare func(ctx context.Context, w *world) error
	run     func(ctx context.Context, w *world, m *measurement) error
}

var codePhases = []phase{
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

var centerPhases = []phase{
	{name: phaseConnect, run: connect},
	{name: phaseCreate, run: create},
	{name: phaseSweep, prepare: sweepGroups, run: sweepRound},
	{name: phaseOff, prepare: noSweep, run: switchOff},
	{name: phaseOn, prepare: noSweep, run: switchOn},
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

// create applies all objects and waits until all are Ready.
func create(ctx context.Context, w *world, m *measurement) error {
	m.began = time.Now()
	if err := w.createAll(ctx); err != nil {
		return err
	}
	m.Applied = seconds(time.Since(m.began))
	return w.awaitReady(ctx, m)
}

// awaitReady waits until all objects are Ready, which ends the phase, and then until all is quiet.
func (w *world) awaitReady(ctx context.Context, m *measurement) error {
	err := poll(ctx, w.limit(), "not all objects are ready", func(context.Context) (bool, error) {
		_, ready, changed := w.tally.counts()
		m.ended = changed
		return ready == w.size, nil
	})
	if err != nil {
		all, ready, _ := w.tally.counts()
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

// remove deletes all objects one by one and waits until none is left, here and there.
func remove(ctx context.Context, w *world, m *measurement) error {
	m.began = time.Now()
	if err := w.deleteAll(ctx); err != nil {
		return err
	}
	m.Applied = seconds(time.Since(m.began))
	err := poll(ctx, w.limit(), "not all objects are gone", func(context.Context) (bool, error) {
		all, _, changed := w.tally.counts()
		m.ended = changed
		return all == 0, nil
	})
	if err != nil {
		all, _, _ := w.tally.counts()
		return fmt.Errorf("%w: %d are left", err, all)
	}
	switch left, err := w.fleet.remains(ctx, w); {
	case err != nil:
		return err
	case left > 0:
		return fmt.Errorf("%d objects are left in the remote service", left)
	}
	_, err = w.quiet(ctx)
	return err
}
