package webex

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"wxcc.dev/operator/internal/httpcall"
)

// maxPlatformPages bounds a list of the platform API, in case its links lead in a circle.
const maxPlatformPages = 100

// listed reads a list of the platform API to its end. The next page is the one that a Link header names, as it stands; a
// page may be empty and still have one.
func listed[T any](ctx context.Context, c *Client, read call) ([]T, error) {
	read.method, read.base, read.limits = http.MethodGet, c.options.PlatformURL, httpcall.ListLimits()
	var all []T
	for page := 1; ; page++ {
		response, req, err := c.do(ctx, read)
		if err != nil {
			return nil, err
		}
		var answer struct {
			Items *[]T `json:"items"`
		}
		if err := decodeShown(req, response, &answer); err != nil {
			return nil, err
		}
		if answer.Items == nil {
			err = errors.New("no items in the list")
		}
		if err == nil {
			all = append(all, *answer.Items...)
			read.link, err = nextPage(response.Header, req.URL)
		}
		if err == nil && read.link != "" && page == maxPlatformPages {
			err = &httpcall.BoundError{What: "pages in a list of " + read.route, Most: maxPlatformPages}
		}
		if err != nil {
			return nil, httpcall.Invalid(req, response, err)
		}
		if read.link == "" {
			return all, nil
		}
	}
}

// nextPage returns the address of the page after this one, "" if there is none. An address at another host is an error:
// it would get the token.
func nextPage(header http.Header, here string) (string, error) {
	for _, field := range header.Values("Link") {
		target := relation(field, "next")
		if target == "" {
			continue
		}
		base, err := url.Parse(here)
		if err != nil {
			return "", fmt.Errorf("address of this page: %w", err)
		}
		next, err := base.Parse(target)
		if err != nil {
			return "", fmt.Errorf("link to the next page: %w", err)
		}
		if next.Scheme != base.Scheme || next.Host != base.Host {
			return "", fmt.Errorf("the next page is at another host: %s", next.Host)
		}
		return next.String(), nil
	}
	return "", nil
}

// relation finds the target of a relation in a Link field (RFC 8288); "" if it is not there.
func relation(field, wanted string) string {
	for {
		_, rest, found := strings.Cut(field, "<")
		if !found {
			return ""
		}
		target, rest, found := strings.Cut(rest, ">")
		if !found {
			return ""
		}
		parameters, _, _ := strings.Cut(rest, "<")
		for parameter := range strings.SplitSeq(parameters, ";") {
			name, value, _ := strings.Cut(strings.Trim(parameter, " ,\t"), "=")
			if !strings.EqualFold(strings.TrimSpace(name), "rel") {
				continue
			}
			for one := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
				if strings.EqualFold(one, wanted) {
					return target
				}
			}
		}
		field = rest
	}
}
