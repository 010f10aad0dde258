package main

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

// errGone means that the simulator does not hold the object.
var errGone = errors.New("not there")

// object is one remote object in the service's own words.
type object map[string]any

// control calls a control route of the simulator; these calls are in none of its counts.
func (i *instance) control(ctx context.Context, method, route string, body, answer any) (err error) {
	var input io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		input = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, i.simulatorURL()+"/__sim/"+route, input)
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
		return fmt.Errorf("%s %s: %w", method, route, errGone)
	case response.StatusCode >= http.StatusMultipleChoices:
		return fmt.Errorf("%s %s: %s: %s", method, route, response.Status, text)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}

func (i *instance) remote(ctx context.Context, route string) (object, error) {
	var o object
	return o, i.control(ctx, http.MethodGet, route, nil, &o)
}

func (i *instance) stats(ctx context.Context) (simulator.Stats, error) {
	var s simulator.Stats
	return s, i.control(ctx, http.MethodGet, "stats", nil, &s)
}
