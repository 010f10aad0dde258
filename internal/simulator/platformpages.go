package simulator

import (
	"net/http"
	"net/url"
	"strconv"
)

const (
	platformPageSize    = 50
	platformMaxPageSize = 100
)

// platformPage answers a list of webexapis.com by offset and max. Link names the next page with a complete address; a
// max above 100 is silently lowered. A page that a fault empties keeps its link to the rows that it should have had.
func platformPage[T any](c *call, rows []T) answer {
	offset, size := 0, platformPageSize
	for name, value := range map[string]*int{"offset": &offset, "max": &size} {
		given := c.query.get(name)
		if given == "" {
			continue
		}
		number, err := strconv.Atoi(given)
		if err != nil || number < 0 || name == "max" && number == 0 {
			return platformError(c, http.StatusBadRequest, "'"+name+"' is not valid.")
		}
		*value = number
	}
	size = min(size, platformMaxPageSize)
	start := min(offset, len(rows))
	end := min(start+size, len(rows))
	if c.lies.emptyPage {
		end = start
	}
	a := reply(http.StatusOK, map[string]any{"items": append([]T{}, rows[start:end]...)})
	if end < len(rows) {
		a = a.withHeader("Link", "<"+c.baseURL()+c.request.URL.EscapedPath()+"?"+c.query.forOffset(end, size)+`>; rel="next"`)
	}
	return a
}

// forOffset is the query string of another page; all other parameters are kept.
func (q query) forOffset(offset, size int) string {
	values := url.Values{}
	for _, field := range q.fields {
		values.Add(field.key, field.value)
	}
	values.Set("offset", strconv.Itoa(offset))
	values.Set("max", strconv.Itoa(size))
	return values.Encode()
}

// baseURL is the address under which the client reached the simulator.
func (c *call) baseURL() string {
	scheme := "http"
	if c.request.TLS != nil || c.request.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + c.request.Host
}
