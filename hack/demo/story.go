package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

const readyLimit = "180s"

// story is the main job from start to end; it fails at the first step that does not hold.
type story struct {
	*instance
	organization string   // UUID
	objects      []string // every custom resource, as kubectl names it
}

func demo(ctx context.Context, i *instance) (err error) {
	began := time.Now()
	if err := i.stop(); err != nil { // what a killed demo may have left
		return err
	}
	if err := os.RemoveAll(i.dir); err != nil {
		return err
	}
	s := &story{instance: i}
	defer func() {
		if err != nil && ctx.Err() == nil {
			s.diagnose(context.WithoutCancel(ctx))
		}
		heading("Stop")
		err = errors.Join(err, i.stop())
		if err == nil {
			say("\nEvery step held (%s).", time.Since(began).Round(time.Second))
		}
	}()
	for _, step := range []struct {
		title string
		run   func(context.Context) error
	}{
		{"Build", i.build},
		{"Start a control plane, a simulated Webex and the operator", s.start},
		{"Apply one organization, its work types, codes and call centers", i.applySamples},
		{"Everything becomes Ready", s.ready},
		{"Somebody changes a code and a call center behind the operator's back", s.drift},
		{"Deleting the resource deletes the code in Control Hub", s.remove},
		{"What it cost", s.cost},
	} {
		heading(step.title)
		if err := step.run(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%s: %w", step.title, err)
		}
	}
	return nil
}

func (s *story) start(ctx context.Context) (err error) {
	if s.ports, err = readPorts(s.dir); err != nil {
		return err
	}
	if _, err := s.startPlane(ctx); err != nil {
		return err
	}
	if err := s.install(ctx); err != nil {
		return err
	}
	if err := s.startSimulator(ctx); err != nil {
		return err
	}
	return s.startManager(ctx)
}

func (s *story) ready(ctx context.Context) error {
	if err := s.show(ctx, "wait", "wxcc", "--all", "--for=condition=Ready", "--timeout="+readyLimit); err != nil {
		return err
	}
	say("")
	if err := s.show(ctx, "get", "wxcc"); err != nil {
		return err
	}
	say("")
	if err := s.show(ctx, "get", "webexorganizations", "-o", "wide"); err != nil {
		return err
	}
	names, err := s.ask(ctx, "get", "wxcc", "-o", "name")
	if err != nil {
		return err
	}
	s.objects = strings.Fields(names)
	if s.organization, err = s.field(ctx, "webexorganization/nordlys", ".status.organizationID"); err != nil {
		return err
	}
	return s.adopted(ctx)
}

// adopted shows that the code which Control Hub held before was taken over and not made a second time.
func (s *story) adopted(ctx context.Context) error {
	origin, err := s.field(ctx, "auxiliarycode/coffee-break", ".status.origin")
	if err != nil {
		return err
	}
	say("\nCoffee Break was in Control Hub before; its resource says origin: %s.", origin)
	if origin != "Adopted" {
		return fmt.Errorf("coffee-break has origin %q, want Adopted", origin)
	}
	return nil
}

// field is one field of a resource, as text.
func (s *story) field(ctx context.Context, resource, path string) (string, error) {
	return s.ask(ctx, "get", resource, "-o", "jsonpath={"+path+"}")
}

// diagnose prints what helps to see why a step failed. It is the end anyway: errors of its own are of no use.
func (s *story) diagnose(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	heading("The step failed; this is the state")
	if s.assets != "" && s.plane().pid() != 0 {
		for _, args := range [][]string{
			{"get", "wxcc", "-o", `custom-columns=KIND:.kind,NAME:.metadata.name,READY:.status.conditions[?(@.type=="Ready")].status,` +
				`REASON:.status.conditions[?(@.type=="Ready")].reason,MESSAGE:.status.conditions[?(@.type=="Ready")].message`},
			{"get", "events", "--sort-by=.lastTimestamp"},
		} {
			if err := s.show(ctx, args...); err != nil {
				say("%v", err)
			}
		}
	}
	say("\nEnd of %s:\n%s", s.manager().logFile(), s.manager().tail())
}
