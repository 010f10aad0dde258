package simulator

import (
	"net/url"
	"strconv"
	"strings"
)

// query is a query string in its order. It is parsed here because net/url refuses the raw semicolons that filters contain.
type query struct {
	raw    string
	fields []queryField
}

type queryField struct{ key, value string }

func parseQuery(raw string) query {
	q := query{raw: raw}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		q.fields = append(q.fields, queryField{unescape(key), unescape(value)})
	}
	return q
}

// unescape decodes %xx and + as the live service does: a plus sign that is not encoded becomes a space.
func unescape(text string) string {
	decoded, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return decoded
}

func (q query) get(key string) string {
	for _, field := range q.fields {
		if field.key == key {
			return field.value
		}
	}
	return ""
}

// list is every value of a parameter, whether it is repeated or given with commas.
func (q query) list(key string) []string {
	var values []string
	for _, field := range q.fields {
		if field.key != key {
			continue
		}
		for value := range strings.SplitSeq(field.value, ",") {
			if value = strings.TrimSpace(value); value != "" {
				values = append(values, value)
			}
		}
	}
	return values
}

// hasRawQuote tells that a quote was not percent-encoded; the front end of the contact center refuses that.
func (q query) hasRawQuote() bool { return strings.ContainsAny(q.raw, `'"`) }

// forPage is the query string of another page of the same list; all other parameters are kept.
func (q query) forPage(page, pageSize int) string {
	var out strings.Builder
	out.WriteString("page=" + strconv.Itoa(page) + "&pageSize=" + strconv.Itoa(pageSize))
	for _, field := range q.fields {
		if field.key != "page" && field.key != "pageSize" {
			out.WriteString("&" + url.QueryEscape(field.key) + "=" + url.QueryEscape(field.value))
		}
	}
	return out.String()
}
