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
	"runtime/debug"
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
	debug.FreeOSMemory() // as cmd/simulator does after loading
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

// pageCosts are what a page of 100 rows takes in each tenant, at places all over the list. The tenants are asked in turn
// and the quick tenth counts, so that a busy machine disturbs none more than another.
func pageCosts(ctx context.Context, tenants ...*tenant) ([]time.Duration, error) {
	costs := make([][]time.Duration, len(tenants))
	for i := range pagesMeasured {
		for at, t := range tenants {
			cost, err := t.pageCost(ctx, i)
			if err != nil {
				return nil, err
			}
			costs[at] = append(costs[at], cost)
		}
	}
	quick := make([]time.Duration, len(tenants))
	for at, all := range costs {
		slices.Sort(all)
		quick[at] = all[len(all)/10].Round(time.Microsecond)
	}
	return quick, nil
}

// pageCost is what one page takes.
func (t *tenant) pageCost(ctx context.Context, number int) (time.Duration, error) {
	pages := max(1, len(t.ids)/100)
	began := time.Now()
	err := t.get(ctx, fmt.Sprintf("/v2/%s?page=%d&pageSize=100", entity, number*7919%pages))
	return time.Since(began), err
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
