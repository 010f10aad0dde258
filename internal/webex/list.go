package webex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

const (
	// pageSize is the documented default; larger ones are cut to an unpublished maximum.
	pageSize = 100
	// listAttempts is how often a listing that changed under the reader is begun anew.
	listAttempts = 3
	// maxFilter keeps the request line well under the 8 KiB that front ends commonly accept.
	maxFilter = 5000
)

// errShifted says that pages do not fit together: something was created or deleted while they were read.
var errShifted = errors.New("the listing changed while it was read")

// List reads all rows. A listing whose pages do not fit together is thrown away and begun anew, at most three times.
func (c *Collection) List(ctx context.Context) (remote.Listing, error) {
	return c.collect(ctx, "")
}

// Find reads the rows with these ids or names. Names match without regard to case on our side; the service may be
// stricter, so an empty answer to a name says nothing about its case variants.
func (c *Collection) Find(ctx context.Context, keys []remote.Key) (remote.Listing, error) {
	var all remote.Listing
	filters, err := filtersFor(keys)
	if err != nil {
		return c.List(ctx)
	}
	for _, filter := range filters {
		listing, err := c.collect(ctx, filter)
		if err != nil {
			return remote.Listing{}, err
		}
		if all.Began.IsZero() {
			all.Began, all.Skew = listing.Began, listing.Skew
		}
		all.Pages += listing.Pages
		all.Rows = append(all.Rows, listing.Rows...)
	}
	return all, nil
}

func (c *Collection) collect(ctx context.Context, filter string) (remote.Listing, error) {
	var err error
	for range listAttempts {
		var listing remote.Listing
		if listing, err = c.readPages(ctx, filter); !errors.Is(err, errShifted) {
			return listing, err
		}
	}
	return remote.Listing{}, err
}

func (c *Collection) readPages(ctx context.Context, filter string) (remote.Listing, error) {
	var listing remote.Listing
	seen := map[string]bool{}
	for page := 0; ; page++ {
		response, req, err := c.readPage(ctx, filter, page)
		if err != nil {
			return listing, err
		}
		var body listPage
		if err := decodeInto(req, response, &body); err != nil {
			return listing, err
		}
		if page == 0 {
			listing.Began, listing.Skew = response.Sent, response.Skew()
		}
		if err := body.appendTo(&listing, seen, page); err != nil {
			return listing, httpcall.Invalid(req, response, err)
		}
		if page+1 >= body.Meta.TotalPages {
			if len(seen) != body.Meta.TotalRecords {
				return listing, httpcall.Invalid(req, response, fmt.Errorf("%d of %d rows: %w", len(seen), body.Meta.TotalRecords, errShifted))
			}
			listing.Pages = page + 1
			return listing, nil
		}
	}
}

func (c *Collection) readPage(ctx context.Context, filter string, page int) (*httpcall.Response, httpcall.Request, error) {
	query := url.Values{"page": {strconv.Itoa(page)}, "pageSize": {strconv.Itoa(pageSize)}}
	if filter != "" {
		query.Set("filter", filter)
	}
	version := c.entity.ListVersion
	if version == "" {
		version = "v2"
	}
	response, req, err := c.client.do(ctx, call{
		method: http.MethodGet, base: c.client.options.ContactCenterURL,
		path: c.path(version, c.entity.Route), query: query, route: "/organization/{orgid}/" + version + "/" + c.entity.Route,
	})
	if remote.IsNotFound(err) {
		// A list route that is not there says nothing about any object.
		err = httpcall.Invalid(req, response, err)
	}
	return response, req, err
}

// listPage is the envelope of reference section 3.1.
type listPage struct {
	Meta *struct {
		Page         int `json:"page"`
		TotalPages   int `json:"totalPages"`
		TotalRecords int `json:"totalRecords"`
	} `json:"meta"`
	Data []json.RawMessage `json:"data"`
}

func (p listPage) appendTo(listing *remote.Listing, seen map[string]bool, page int) error {
	if p.Meta == nil || p.Data == nil {
		return errors.New("no meta or data in the listing")
	}
	if p.Meta.Page != page {
		return fmt.Errorf("asked for page %d, got page %d", page, p.Meta.Page)
	}
	for _, raw := range p.Data {
		record, err := recordOf(raw)
		if err != nil {
			return err
		}
		if seen[record.ID] {
			return fmt.Errorf("row %s came twice: %w", record.ID, errShifted)
		}
		seen[record.ID] = true
		listing.Rows = append(listing.Rows, record)
	}
	return nil
}

func recordOf(raw []byte) (remote.Record, error) {
	object, err := remote.Decode(raw)
	if err != nil {
		return remote.Record{}, err
	}
	return newRecord(object)
}

// newRecord makes the inventory's record of an object as the configuration API spells it.
func newRecord(object remote.Object) (remote.Record, error) {
	id := object.Text("id")
	if id == "" {
		return remote.Record{}, errors.New("a row without id")
	}
	compact, err := json.Marshal(withoutNoise(object)) // sorted keys: equal objects hash alike
	if err != nil {
		return remote.Record{}, fmt.Errorf("encode row %s: %w", id, err)
	}
	return remote.NewRecord(id, object.Text("name"), object.Time("createdTime"), compact), nil
}

// filtersFor spells keys as RSQL, in as many filters as their length needs.
func filtersFor(keys []remote.Key) ([]string, error) {
	var filters []string
	var ids, names []string
	size := 0
	flush := func() {
		var terms []string
		if len(ids) > 0 {
			terms = append(terms, "id=in=("+strings.Join(ids, ",")+")")
		}
		if len(names) > 0 {
			terms = append(terms, "name=in=("+strings.Join(names, ",")+")")
		}
		if len(terms) > 0 {
			filters = append(filters, strings.Join(terms, ","))
		}
		ids, names, size = nil, nil, 0
	}
	for _, key := range keys {
		if key.ID != "" {
			ids = append(ids, key.ID)
		}
		if key.Name != "" {
			quoted, err := quote(key.Name)
			if err != nil {
				return nil, err
			}
			names = append(names, quoted)
		}
		if size += len(url.QueryEscape(key.ID)) + len(url.QueryEscape(key.Name)) + 8; size > maxFilter || len(ids)+len(names) >= pageSize {
			flush()
		}
	}
	flush()
	return filters, nil
}

func quote(name string) (string, error) {
	switch {
	case strings.ContainsAny(name, `\*`):
		return "", fmt.Errorf("name %q cannot be spelled in a filter", name)
	case !strings.Contains(name, `"`):
		return `"` + name + `"`, nil
	case !strings.Contains(name, `'`):
		return `'` + name + `'`, nil
	}
	return "", fmt.Errorf("name %q cannot be spelled in a filter", name)
}

func decodeInto(req httpcall.Request, response *httpcall.Response, into any) error {
	if err := decodeBody(response, into); err != nil {
		return httpcall.Invalid(req, response, err)
	}
	return nil
}

func decodeBody(response *httpcall.Response, into any) error {
	if err := json.Unmarshal(response.Body, into); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	return nil
}
