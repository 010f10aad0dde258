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

	// What is taken of one listing. An organization of the largest size known has a tenth of it.
	maxPages    = 1000
	maxRows     = 100_000
	maxRowBytes = 64 << 20
	// maxGrowth is how many more pages a listing may get while it is read.
	maxGrowth = 10
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
	so := progress{seen: map[string]bool{}}
	for page := 0; ; page++ {
		response, req, err := c.readPage(ctx, filter, page)
		if err != nil {
			return listing, err
		}
		var body listPage
		if err := response.Decode(req, &body); err != nil {
			return listing, err
		}
		if page == 0 {
			listing.Began, listing.Skew = response.Sent, response.Skew()
		}
		if err := body.appendTo(&listing, &so, page); err != nil {
			return listing, httpcall.Invalid(req, response, err)
		}
		if page+1 >= body.Meta.TotalPages {
			if len(so.seen) != body.Meta.TotalRecords {
				return listing, httpcall.Invalid(req, response, fmt.Errorf("%d of %d rows: %w", len(so.seen), body.Meta.TotalRecords, errShifted))
			}
			listing.Pages = page + 1
			return listing, nil
		}
	}
}

// progress is how far a listing has come.
type progress struct {
	seen map[string]bool
	// pages that there were to be at the beginning.
	pages int
	bytes int
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
		limits: httpcall.PageLimits(pageSize),
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

// bounded names the bound that a listing exceeds, by what it says of itself and by what it has brought.
func (p listPage) bounded(so *progress, page int) error {
	if page == 0 {
		so.pages = p.Meta.TotalPages
	}
	switch {
	case p.Meta.TotalPages > maxPages:
		return &httpcall.BoundError{What: "pages in a listing", Most: maxPages}
	case p.Meta.TotalRecords > maxRows, len(so.seen) > maxRows:
		return &httpcall.BoundError{What: "rows in a listing", Most: maxRows}
	case p.Meta.TotalPages > so.pages+maxGrowth:
		return &httpcall.BoundError{What: "pages added to a listing while it is read", Most: maxGrowth}
	case so.bytes > maxRowBytes:
		return &httpcall.BoundError{What: "bytes in a listing", Most: maxRowBytes}
	}
	return nil
}

func (p listPage) appendTo(listing *remote.Listing, so *progress, page int) error {
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
		if so.seen[record.ID] {
			return fmt.Errorf("row %s came twice: %w", record.ID, errShifted)
		}
		so.seen[record.ID] = true
		so.bytes += len(record.Raw)
		listing.Rows = append(listing.Rows, record)
	}
	return p.bounded(so, page)
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
	if !remote.ValidID(id) {
		return remote.Record{}, errors.New("a row without an id that can be one")
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
