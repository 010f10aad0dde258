package simulator

import (
	"net/url"
	"strings"
	"testing"
)

// TestOddRequestsGetAnAnswer: whatever a client sends, it gets a refusal and not a broken connection.
//
// Covers: 3.1, 3.3, 4.2
func TestOddRequestsGetAnAnswer(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	base := "/organization/" + orgA
	flows := "/flow-store/" + orgA + "/project/" + flowProject + "/flows"
	const huge = "4611686018427387904"
	for _, one := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", codeList + "?page=" + huge + "&pageSize=3", "", 400},
		{"GET", codeList + "?page=9223372036854775807", "", 400},
		{"GET", codeList + "?pageSize=" + huge, "", 400},
		{"GET", codeList + "?page=2147483647&pageSize=250", "", 200},
		{"GET", codePath + "?page=" + huge, "", 400},
		{"GET", base + "/auxiliary-code/bulk-export?page=" + huge, "", 400},
		{"POST", base + "/user/fetch-user-details-by-ids?page=" + huge, "{}", 400},
		{"GET", flows + "?page=" + huge + "&size=10", "", 200},
		{"GET", flows + "?page=2147483647&size=250", "", 200},
		{"GET", codeList + "?filter=name==%ff*", "", 400},
		{"GET", codeList + "?filter=name=in=(%22a*%ff%22,b)", "", 400},
		{"GET", codeList + "?filter=" + strings.Repeat("(", 100_000), "", 400},
		{"GET", codeList + "?filter=" + strings.Repeat("(", 50) + "name==Sale" + strings.Repeat(")", 50), "", 200},
		{"GET", codeList + "?search=" + url.QueryEscape(`field=="name",`+strings.Repeat("(", 1000)), "", 400},
		{"GET", codeList + "?filter=name==" + strings.Repeat("*a", 1000), "", 200},
		{"POST", codePath, "", 400},
		{"POST", codePath, "null", 400},
		{"POST", codePath, `{"name":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", 400},
		{"POST", codePath, `{"name":{"a":1}}`, 400},
		{"POST", codePath + "/bulk", `{"items":[{"item":7}]}`, 400},
		{"POST", codePath + "/bulk", `{"items":[{"itemIdentifier":1e400,"item":{"id":[]}}]}`, 207},
		{"POST", codePath + "/bulk", `{"items":[]}}`, 400},
		{"POST", base + "/audio-file", "{}", 500},
	} {
		var body any
		if one.body != "" {
			body = one.body
		}
		got := h.a(one.method, one.path, body)
		if got.status != one.status {
			t.Errorf("%s %.120s: %d %.200s", one.method, one.path, got.status, got.raw)
		}
		if got.status == 400 && got.at("error.key") != "400" {
			t.Errorf("%s %.120s: no configuration error: %.200s", one.method, one.path, got.raw)
		}
	}
}

// Covers: 4.2
func TestOneJSONValueIsABody(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	for _, more := range []string{"}", "]", "{}", "x", " 1"} {
		h.a("POST", codePath, `{"name":"Tea","active":true,"defaultCode":false,"workTypeCode":"IDLE_CODE","workTypeId":"`+workType("idle")+`"}`+more).
			want(400).has("error.key", "400")
	}
	h.a("GET", codeList+"?filter=name==Tea", nil).has("meta.totalRecords", "0")
}

// The log keeps the end of a long path out of memory.
func TestTheLogCutsLongPaths(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.a("GET", codeList+"?search="+strings.Repeat("x", 2*journalPathSize), nil).want(200)
	if got := h.sim.Requests()[0].Path; len(got) > journalPathSize+3 || !strings.HasSuffix(got, "xxx...") {
		t.Errorf("%d bytes", len(got))
	}
}
