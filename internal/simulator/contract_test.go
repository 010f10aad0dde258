package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
)

// exchangesFile is the environment variable with the name of a file to write what the tests ask and get to, one JSON value
// a line. test/contract sets it and holds the lines against the OpenAPI documents.
const exchangesFile = "WXCC_EXCHANGES"

var exchanges recorder

func TestMain(m *testing.M) {
	name := os.Getenv(exchangesFile)
	exchanges.on = name != ""
	code := m.Run()
	if exchanges.on {
		if err := exchanges.write(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// exchange is a request and its answer, as test/contract reads it.
type exchange struct {
	Method, Path, Query string
	RequestType         string
	Request             []byte
	Status              int
	Answer              []byte
}

type recorder struct {
	on   bool // does not change while tests run
	mu   sync.Mutex
	rows []exchange
}

func (r *recorder) add(request *http.Request, body any, status int, raw []byte) {
	if !r.on || strings.HasPrefix(request.URL.Path, controlPrefix) {
		return
	}
	var sent []byte
	switch b := body.(type) {
	case nil:
	case string:
		sent = []byte(b)
	default:
		sent, _ = json.Marshal(b) // the request was encoded in the same way
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, exchange{
		Method: request.Method, Path: request.URL.EscapedPath(), Query: request.URL.RawQuery,
		RequestType: request.Header.Get("Content-Type"), Request: sent, Status: status, Answer: raw,
	})
}

func (r *recorder) write(name string) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := json.NewEncoder(file)
	for _, row := range r.rows {
		if err := lines.Encode(row); err != nil {
			return err
		}
	}
	return nil
}
