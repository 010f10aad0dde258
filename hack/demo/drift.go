package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"wxcc.dev/operator/hack/instance"
)

const repairLimit = 100 * time.Second // three sweeps of the sample organization

// tampering is a change that somebody makes in the remote service, past Kubernetes.
type tampering struct {
	kind, name string
	route      string // of the object at the simulator
	field      string
	wrong      any
	right      any // before the change
	at         time.Time
}

func (t *tampering) resource() string { return strings.ToLower(t.kind) + "/" + t.name }

func (s *story) drift(ctx context.Context) error {
	changes := []*tampering{
		{kind: "CallCenter", name: "care-desk", route: "callcenters/acme-be/brussels-hq/", field: "queueLength", wrong: float64(3)},
		{kind: "AuxiliaryCode", name: "lunch", route: "objects/" + s.organization + "/auxiliary-code/", field: "description", wrong: "Changed in Control Hub"},
	}
	for _, t := range changes {
		if err := s.tamper(ctx, t); err != nil {
			return err
		}
	}
	instance.Say("\nFor the call center we ask for a check now; the code is left to the next sweep (syncInterval is 30s):")
	request := "wxcc.dev/requestedAt=" + time.Now().UTC().Format(time.RFC3339)
	if err := s.Show(ctx, "annotate", "--overwrite", changes[0].resource(), request); err != nil {
		return err
	}
	for _, t := range changes {
		if err := s.repaired(ctx, t); err != nil {
			return err
		}
	}
	return s.Show(ctx, "wait", "wxcc", "--all", "--for=condition=Ready", "--timeout="+readyLimit)
}

func (s *story) tamper(ctx context.Context, t *tampering) error {
	id, err := s.field(ctx, t.resource(), ".status.id")
	if err != nil {
		return err
	}
	t.route += id
	before, err := s.Remote(ctx, t.route)
	if err != nil {
		return err
	}
	t.right = before[t.field]
	instance.Say("%s %s: %s is changed from %v to %v", t.kind, t.name, t.field, quoted(t.right), quoted(t.wrong))
	t.at = time.Now()
	return s.Control(ctx, http.MethodPatch, t.route, instance.Object{t.field: t.wrong}, nil)
}

// repaired waits until the remote field has its old value and an event tells of the change.
func (s *story) repaired(ctx context.Context, t *tampering) error {
	ctx, cancel := context.WithTimeout(ctx, repairLimit)
	defer cancel()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var told string
	for {
		now, err := s.Remote(ctx, t.route)
		if err == nil && now[t.field] == t.right {
			if told, err = s.event(ctx, t); told != "" {
				break
			}
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%s %s: %s is %v, want %v again and an event that tells so", t.kind, t.name, t.field, quoted(now[t.field]), quoted(t.right)), err)
		case <-tick.C:
		}
	}
	instance.Say("\n%s %s: %s is %v again after %s, and an event tells before -> after:\n  %s", t.kind, t.name, t.field, quoted(t.right), time.Since(t.at).Round(time.Second), told)
	if err := s.Show(ctx, "get", "events", "--field-selector=involvedObject.kind="+t.kind+",involvedObject.name="+t.name); err != nil {
		return err
	}
	last, err := s.field(ctx, t.resource(), ".status.lastChange")
	if err != nil {
		return err
	}
	instance.Say("status.lastChange: %s", last)
	return nil
}

// event is the text of the event that names the field with its wrong value, before -> after; empty when there is none.
func (s *story) event(ctx context.Context, t *tampering) (string, error) {
	text, err := s.Ask(ctx, "get", "events", "-o", "json", "--field-selector=involvedObject.kind="+t.kind+",involvedObject.name="+t.name)
	if err != nil {
		return "", err
	}
	var events struct {
		Items []struct{ Type, Reason, Message string }
	}
	if err := json.Unmarshal([]byte(text), &events); err != nil {
		return "", err
	}
	for _, e := range events.Items {
		_, change, found := strings.Cut(e.Message, t.field)
		if found && strings.Contains(change, fmt.Sprint(t.wrong)) && strings.Contains(change, "->") {
			return e.Type + " " + e.Reason + ": " + e.Message, nil
		}
	}
	return "", nil
}

func quoted(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (s *story) remove(ctx context.Context) error {
	const resource = "auxiliarycode/wrong-number"
	id, err := s.field(ctx, resource, ".status.id")
	if err != nil {
		return err
	}
	route := "objects/" + s.organization + "/auxiliary-code/" + id
	if _, err := s.Remote(ctx, route); err != nil {
		return fmt.Errorf("before the deletion: %w", err)
	}
	if err := s.Show(ctx, "delete", resource, "--timeout=90s"); err != nil {
		return err
	}
	if _, err := s.Remote(ctx, route); err == nil {
		return fmt.Errorf("the code %s is still in Control Hub", id)
	} else if !errors.Is(err, instance.ErrGone) {
		return err
	}
	instance.Say("Code %s is gone in Control Hub.", id)
	return nil
}
