package simulator

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// oversize makes a list larger than any is, as the rule says; what is no list stays as it is.
func (r *FaultRule) oversize(c *call, a answer) answer {
	if c.method != http.MethodGet || a.status != http.StatusOK || r.Rows == 0 && r.Pages == 0 && r.PadBytes == 0 {
		return a
	}
	content, err := a.encode()
	if err != nil {
		return a
	}
	page := 0
	if value := c.query.get("page"); value != "" {
		page, _ = strconv.Atoi(value) //nolint:errcheck // 0 if it is none
	}
	switch {
	case r.PadBytes > 0:
		// White space is valid anywhere between the parts of JSON.
		content = append(bytes.Repeat([]byte(" "), r.PadBytes), content...)
	case bytes.Contains(content, []byte(`"meta"`)) && bytes.Contains(content, []byte(`"data"`)):
		content = r.bigPage(page)
	case bytes.Contains(content, []byte(`"call_centers"`)):
		content = r.bigList()
	default:
		return a
	}
	a.body, a.raw = nil, content
	return a
}

// bigPage is a page of tiny rows whose ids differ from page to page.
func (r *FaultRule) bigPage(page int) []byte {
	rows, pages := max(r.Rows, 1), r.Pages
	switch {
	case pages < 0:
		pages = page + 1 - pages
	case pages == 0:
		pages = 1
	}
	var b strings.Builder
	fmt.Fprintf(&b, `{"meta":{"page":%d,"pageSize":%d,"totalPages":%d,"totalRecords":%d},"data":[`, page, rows, pages, rows*pages)
	for row := range rows {
		if row > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%08d-0000-4000-8000-%012d","name":"r%d-%d"}`, page, row, page, row)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

func (r *FaultRule) bigList() []byte {
	var b strings.Builder
	b.WriteString(`{"call_centers":[`)
	for row := range max(r.Rows, 1) {
		if row > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"serviceUserId":"r%d@x","name":"r%d"}`, row, row)
	}
	b.WriteString("]}")
	return []byte(b.String())
}
