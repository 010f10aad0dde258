package httpcall

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wxcc.dev/operator/internal/remote"
)

func TestLimitsAreNamed(t *testing.T) {
	t.Parallel()
	limits := Limits{Bytes: 1 << 10, Rows: 3, Values: 100}
	for body, want := range map[string]string{
		`{"data":[1,2,3],"meta":{"a":[1,2,3,4,5]}}`:                 "",
		`{"data":[[1,2],[3,4,"a,b,c,d\",e"],{"x":[1,2,3,4,5]}]}`:    "",
		`{"data":[1,2,3,4]}`:                                        "more than 3 rows in one answer",
		`{"data":[{"a":[1,2,3]},2,{},[]]}`:                          "more than 3 rows in one answer",
		`{"a":{` + strings.Repeat(`"b":1,`, 100) + `"c":2}}`:        "more than 100 values in one answer",
		strings.Repeat("[", maxDepth+1):                             "more than 64 levels of nesting",
		`{"text":"` + strings.Repeat("[{,", 100) + `\\","b":[1,2]}`: "",
	} {
		err := limits.check([]byte(body))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("check(%s) = %v, want %q", body, err, want)
		}
	}
}

// serving answers every request with a body of its own making.
func serving(t *testing.T, write func(http.ResponseWriter)) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w) }))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server.URL
}

func TestAnAnswerBeyondABoundIsInvalidAndSaysSoAlike(t *testing.T) {
	t.Parallel()
	var count atomic.Int64
	endless := func(w io.Writer, piece string) {
		for range 1 << 20 {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
	}
	for name, test := range map[string]struct {
		write func(http.ResponseWriter)
		says  string
	}{
		"endless": {func(w http.ResponseWriter) { endless(w, strings.Repeat(" ", 1<<10)) }, "bytes in one answer"},
		"gzip bomb": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			endless(packed, strings.Repeat(" ", 1<<10))
		}, "bytes in one answer"},
		"rows":   {func(w http.ResponseWriter) { fmt.Fprintf(w, `{"data":[%s1]}`, strings.Repeat("1,", 1000)) }, "more than 150 rows in one answer"},
		"header": {func(w http.ResponseWriter) { w.Header().Set("X-Long", strings.Repeat("x", 200<<10)) }, "header"},
	} {
		url := serving(t, func(w http.ResponseWriter) {
			w.Header().Set("TrackingID", fmt.Sprint(count.Add(1)))
			test.write(w)
		})
		client := NewClient(ClientOptions{Timeout: time.Minute, Describe: func([]byte) string { return "" }})
		var texts []string
		for range 2 {
			_, err := client.Send(t.Context(), Request{Method: http.MethodGet, URL: url, Route: "things", Limits: PageLimits(100)})
			if class := remote.ClassOf(err); class != remote.InvalidResponse && name != "header" || err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: %s %v", name, class, err)
				break
			}
			texts = append(texts, err.Error())
		}
		if len(texts) == 2 && texts[0] != texts[1] {
			t.Errorf("%s: the texts differ: %q", name, texts)
		}
	}
}

// Many parties whose answers are as large as allowed, all at once, take no more memory than the process gives.
func TestManyLargeAnswersAtOnceStayBounded(t *testing.T) {
	body := `{"data":[` + strings.Repeat(" ", 7<<20) + `1]}`
	url := serving(t, func(w http.ResponseWriter) { io.WriteString(w, body) }) //nolint:errcheck // the test fails on its own
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var all sync.WaitGroup
	var held, answered, refused atomic.Int64
	for range 20 {
		all.Go(func() {
			client := NewClient(ClientOptions{Timeout: time.Minute, Describe: func([]byte) string { return "" }})
			req := Request{Method: http.MethodGet, URL: url, Route: "things", Limits: PageLimits(100)}
			response, err := client.Send(t.Context(), req)
			switch {
			case err == nil:
				answered.Add(1)
				held.Add(response.memory.held.Load())
				if most := held.Load(); most > processBytes {
					t.Errorf("%d bytes are held", most)
				}
				var into any
				held.Add(-response.memory.held.Load())
				if err := response.Decode(req, &into); err != nil {
					t.Error(err)
				}
			case remote.ClassOf(err) == remote.Unavailable && errors.Is(err, errNoRoom):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	runtime.ReadMemStats(&now)
	t.Logf("%d answered, %d asked to wait, %d MB from the system more than before", answered.Load(), refused.Load(), (now.HeapSys-before.HeapSys)>>20)
	if answered.Load() == 0 {
		t.Error("nobody was answered")
	}
	if !process.TryAcquire(processBytes) {
		t.Error("room was not given back")
	} else {
		process.Release(processBytes)
	}
}

// One party that takes all it may get leaves room for the others.
func TestOnePartyCannotTakeAllRoom(t *testing.T) {
	hold := make(chan struct{})
	begun := make(chan struct{}, 20)
	slow := serving(t, func(w http.ResponseWriter) {
		io.WriteString(w, `{"a":"`+strings.Repeat("x", 6<<20)) //nolint:errcheck // the test fails on its own
		http.NewResponseController(w).Flush()                  //nolint:errcheck // as above
		begun <- struct{}{}
		<-hold
	})
	quick := serving(t, func(w http.ResponseWriter) { io.WriteString(w, `{"a":"`+strings.Repeat("x", 1<<20)+`"}`) }) //nolint:errcheck // as above
	greedy := NewClient(ClientOptions{Timeout: time.Minute, Describe: func([]byte) string { return "" }})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := greedy.Send(t.Context(), Request{Method: http.MethodGet, URL: slow, Route: "slow", Limits: ListLimits()})
			if err != nil && !errors.Is(err, errNoRoom) {
				t.Error(err)
			}
		})
	}
	for range 8 {
		<-begun
	}
	other := NewClient(ClientOptions{Timeout: time.Minute, Describe: func([]byte) string { return "" }})
	if _, err := other.Send(t.Context(), Request{Method: http.MethodGet, URL: quick, Route: "quick"}); err != nil {
		t.Errorf("another party: %v", err)
	}
	close(hold)
	all.Wait()
}
