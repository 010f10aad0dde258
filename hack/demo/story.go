package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"wxcc.dev/operator/hack/instance"
)

const readyLimit = "180s"

// story is the main job from start to end; it fails at the first step that does not hold.
type story struct {
	*instance.Instance
	organization string   // UUID
	objects      []string // every custom resource, as kubectl names it
}

func demo(ctx context.Context, i *instance.Instance) (err error) {
	began := time.Now()
	if err := i.Stop(); err != nil { // what a killed demo may have left
		return err
	}
	if err := os.RemoveAll(i.Dir); err != nil {
		return err
	}
	s := &story{Instance: i}
	defer func() {
		if err != nil && ctx.Err() == nil {
			s.diagnose(context.WithoutCancel(ctx))
		}
		instance.Heading("Stop")
		err = errors.Join(err, i.Stop())
		if err == nil {
			instance.Say("\nEvery step held (%s).", time.Since(began).Round(time.Second))
		}
	}()
	for _, step := range []struct {
		title string
		run   func(context.Context) error
	}{
		{"Build", i.Build},
		{"Start a control plane, a simulated Webex and the operator", s.start},
		{"Apply one organization, its work types, codes and call centers", func(ctx context.Context) error { return applySamples(ctx, i) }},
		{"Everything becomes Ready", s.ready},
		{"Somebody changes a code and a call center behind the operator's back", s.drift},
		{"Deleting the resource deletes the code in Control Hub", s.remove},
		{"What it cost", s.cost},
	} {
		instance.Heading(step.title)
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
	if s.Ports, err = instance.ReadPorts(s.Dir); err != nil {
		return err
	}
	if _, err := s.StartPlane(ctx); err != nil {
		return err
	}
	if err := s.Install(ctx); err != nil {
		return err
	}
	if err := s.StartSimulator(ctx); err != nil {
		return err
	}
	return s.StartManager(ctx)
}

func (s *story) ready(ctx context.Context) error {
	if err := s.Show(ctx, "wait", "wxcc", "--all", "--for=condition=Ready", "--timeout="+readyLimit); err != nil {
		return err
	}
	instance.Say("")
	if err := s.Show(ctx, "get", "wxcc"); err != nil {
		return err
	}
	instance.Say("")
	if err := s.Show(ctx, "get", "webexorganizations", "-o", "wide"); err != nil {
		return err
	}
	names, err := s.Ask(ctx, "get", "wxcc", "-o", "name")
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
	instance.Say("\nCoffee Break was in Control Hub before; its resource says origin: %s.", origin)
	if origin != "Adopted" {
		return fmt.Errorf("coffee-break has origin %q, want Adopted", origin)
	}
	return nil
}

// field is one field of a resource, as text.
func (s *story) field(ctx context.Context, resource, path string) (string, error) {
	return s.Ask(ctx, "get", resource, "-o", "jsonpath={"+path+"}")
}

// diagnose prints what helps to see why a step failed. It is the end anyway: errors of its own are of no use.
func (s *story) diagnose(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	instance.Heading("The step failed; this is the state")
	if s.Assets != "" && s.Plane().Pid() != 0 {
		for _, args := range [][]string{
			{"get", "wxcc", "-o", `custom-columns=KIND:.kind,NAME:.metadata.name,READY:.status.conditions[?(@.type=="Ready")].status,` +
				`REASON:.status.conditions[?(@.type=="Ready")].reason,MESSAGE:.status.conditions[?(@.type=="Ready")].message`},
			{"get", "events", "--sort-by=.lastTimestamp"},
		} {
			if err := s.Show(ctx, args...); err != nil {
				instance.Say("%v", err)
			}
		}
	}
	instance.Say("\nEnd of %s:\n%s", s.Manager().LogFile(), s.Manager().Tail())
}
