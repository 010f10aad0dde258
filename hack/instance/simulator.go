package instance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"wxcc.dev/operator/internal/simulator"
)

// ErrGone means that the simulator does not hold the object.
var ErrGone = errors.New("not there")

// Object is one remote object in the service's own words.
type Object map[string]any

// Control calls a control route (below /__sim/) of the simulator, with a JSON body and an answer where they are not nil; these calls are in none of its counts.
func (i *Instance) Control(ctx context.Context, method, route string, body, answer any) (err error) {
	var input io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		input = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, i.SimulatorURL()+"/__sim/"+route, input)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s %s: %w", method, route, ErrGone)
	case response.StatusCode >= http.StatusMultipleChoices:
		return fmt.Errorf("%s %s: %s: %s", method, route, response.Status, text)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}

// Remote reads one object of the simulator by its control route.
func (i *Instance) Remote(ctx context.Context, route string) (Object, error) {
	var o Object
	return o, i.Control(ctx, http.MethodGet, route, nil, &o)
}

// Stats are the simulator's counters.
func (i *Instance) Stats(ctx context.Context) (simulator.Stats, error) {
	var s simulator.Stats
	return s, i.Control(ctx, http.MethodGet, "stats", nil, &s)
}
