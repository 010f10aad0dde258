package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wxcc.dev/operator/internal/simulator"
)

const (
	organization = simulator.DemoOrganization
	entity       = "auxiliary-code"
)

// tenant is a simulator with many codes behind a real server.
type tenant struct {
	server  *http.Server
	address string
	token   string
	ids     []string
	client  *http.Client
}

func open(objects int) (*tenant, error) {
	state := simulator.DemoState()
	seed := state.Organizations[0]
	workType := seed.Objects["work-type"][0]["id"]
	t := &tenant{token: seed.AccessToken, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	for i := range objects {
		id := fmt.Sprintf("%08x-0000-4000-8000-%012x", i*2654435761%(1<<32), i)
		t.ids = append(t.ids, id)
		seed.Objects[entity] = append(seed.Objects[entity], map[string]any{
			"id": id, "name": "Code " + strconv.Itoa(i), "description": "Made for the benchmark", "active": true, "defaultCode": false,
			"workTypeId": workType, "workTypeCode": "IDLE_CODE", "burnoutInclusion": "INCLUDED", "isSystemCode": false,
		})
	}
	sim := simulator.New(simulator.Options{})
	if err := sim.SetState(state); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t.address = "http://" + listener.Addr().String()
	t.server = &http.Server{Handler: sim, ReadHeaderTimeout: time.Minute}
	go func() {
		if err := t.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "simbench:", err)
		}
	}()
	return t, nil
}

func (t *tenant) close() error { return t.server.Close() }

func (t *tenant) get(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.address+"/organization/"+organization+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+t.token)
	response, err := t.client.Do(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if response.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("%s: %s", path, response.Status))
	}
	return errors.Join(err, response.Body.Close())
}

// reads is how many single objects the clients get a second.
func (t *tenant) reads(ctx context.Context, requests, clients int) (float64, error) {
	failures := make([]error, clients)
	began := time.Now()
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for i := client; i < requests && failures[client] == nil; i += clients {
				failures[client] = t.get(ctx, "/"+entity+"/"+t.ids[i%len(t.ids)])
			}
		})
	}
	all.Wait()
	return float64(requests) / time.Since(began).Seconds(), errors.Join(failures...)
}

const pagesMeasured = 200

// pageCost is the median time of a page of 100 rows, at places all over the list.
func (t *tenant) pageCost(ctx context.Context) (time.Duration, error) {
	pages := max(1, len(t.ids)/100)
	runtime.GC() // the garbage of loading is not the list's
	var costs []time.Duration
	for i := range pagesMeasured {
		began := time.Now()
		if err := t.get(ctx, fmt.Sprintf("/v2/%s?page=%d&pageSize=100", entity, i*7919%pages)); err != nil {
			return 0, err
		}
		costs = append(costs, time.Since(began))
	}
	slices.Sort(costs)
	return costs[len(costs)/2].Round(time.Microsecond), nil
}

// residentMegabytes is the memory that the process holds after a collection; where the system does not tell, what the
// runtime has got from it.
func residentMegabytes() (int, error) {
	runtime.GC()
	content, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, os.ErrNotExist) {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.Sys >> 20), nil
	}
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(content)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
			return kilobytes >> 10, err
		}
	}
	return 0, errors.New("VmRSS is missing in /proc/self/status")
}
