package simulator

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Covers: 3.1
func TestPages(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	first := h.a("GET", codeList+"?pageSize=2&x=y+z", nil).want(200).has("meta.orgid", orgA).has("meta.page", "0").
		has("meta.pageSize", "2").has("meta.totalPages", "2").has("meta.totalRecords", "4").
		has("meta.links.next", codeList+"?page=1&pageSize=2&x=y+z").has("meta.links.last", codeList+"?page=1&pageSize=2&x=y+z").
		has("meta.links.self", codeList+"?page=0&pageSize=2&x=y+z").lacks("meta.links.prev")
	second := h.a("GET", first.at("meta.links.next"), nil).want(200).lacks("meta.links.next").
		has("meta.links.prev", codeList+"?page=0&pageSize=2&x=y+z")
	all := append(first.names(), second.names()...)
	slices.Sort(all)
	if want := []string{"Coffee Break", "Meeting", "RONA", "Sale"}; !slices.Equal(all, want) {
		t.Errorf("names %v", all)
	}
	h.a("GET", codeList+"?page=9", nil).want(200).has("data", "[]")
	h.a("GET", codeList+"?filter=name==nobody", nil).want(200).has("data", "[]").has("meta.totalPages", "0")
	h.a("GET", codeList+"?page=-1", nil).want(400)
	h.a("GET", codeList+"?pageSize=many", nil).want(400)
	h.a("GET", codeList, nil).want(200).has("meta.pageSize", "100")
}

// Covers: 3.1, 9
func TestPageSizeIsLowered(t *testing.T) {
	t.Parallel()
	h := start(t, Options{MaxPageSize: 3})
	h.a("GET", codeList+"?pageSize=1000", nil).want(200).has("meta.pageSize", "3").has("meta.totalPages", "2")
	start(t, Options{}).a("GET", codeList+"?pageSize=1000", nil).want(200).has("meta.pageSize", "250")
}

// Covers: 3.2, 3.3
func TestOldList(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	first := h.a("GET", codePath+"?pageSize=3", nil).want(200)
	if got, want := first.header.Get("Link"), "<"+codePath+`?page=1&pageSize=3>; rel="next"`; got != want {
		t.Errorf("Link %q, want %q", got, want)
	}
	second := h.a("GET", codePath+"?page=1&pageSize=3", nil).want(200)
	if len(first.names()) != 3 || len(second.names()) != 1 || second.header.Get("Link") != "" {
		t.Errorf("%v, %v, %q", first.names(), second.names(), second.header.Get("Link"))
	}
	if got := h.a("GET", codePath+"?filter=name=='Sale'", nil).status; got != 400 {
		t.Errorf("a raw quote: %d", got)
	}
	if got := h.a("GET", codePath+"?filter="+url.QueryEscape("name=='Sale'"), nil).names(); !slices.Equal(got, []string{"Sale"}) {
		t.Errorf("names %v", got)
	}
}

// Covers: 9
func TestListOrderIsStableButNotByCreation(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	var created []string
	for i := range 20 {
		name := fmt.Sprintf("Code %02d", i)
		h.create(idle(name))
		created = append(created, name)
	}
	got := h.a("GET", codeList+"?search=code", nil).names()
	again := h.a("GET", codeList+"?search=code", nil).names()
	if !slices.Equal(got, again) || slices.Equal(got, created) || len(got) != 20 {
		t.Errorf("order %v", got)
	}
}

// Covers: 3.3
func TestFilters(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	meeting, sale := stableUUID(orgA, "auxiliary-code", "Meeting"), stableUUID(orgA, "auxiliary-code", "Sale")
	for _, one := range []struct {
		filter string
		names  string // sorted; "400" = refused
	}{
		{`name=="Sale"`, "Sale"},
		{`name=='Coffee Break'`, "Coffee Break"},
		{`name=="sale"`, ""},
		{`name!="Sale"`, "Coffee Break,Meeting,RONA"},
		{`id=in=(` + meeting + `,` + sale + `)`, "Meeting,Sale"},
		{`id=out=(` + meeting + `,"` + sale + `")`, "Coffee Break,RONA"},
		{`id==` + sale, "Sale"},
		{`workTypeCode==IDLE_CODE;defaultCode==false`, "Coffee Break,RONA"},
		{`name==Sale,name==RONA`, "RONA,Sale"},
		{`name==Sale,workTypeCode==IDLE_CODE;defaultCode==true`, "Meeting,Sale"},
		{`(name=="Coffee Break",name==RONA);systemDefault==true`, "RONA"},
		{`name==Sale or name==RONA`, "RONA,Sale"},
		{`workTypeCode==IDLE_CODE and systemDefault==true`, "Meeting,RONA"},
		{`name=='it\'s'`, ""},
		{`shade==green`, "400"},
		{`organizationId==` + orgA, "400"},
		{`createdTime==1`, "400"},
		{`name=gt=Meeting`, "RONA,Sale"},
		{`name=le=Meeting`, "Coffee Break,Meeting"},
		{`name==*e*`, "Coffee Break,Meeting,Sale"},
		{`name==C*k`, "Coffee Break"},
		{`name=near=A`, "400"},
		{`name==Coffee Break`, "400"},
		{`name=="Sale`, "400"},
		{`(name==Sale`, "400"},
		{`name=in=Sale`, "400"},
		{`==Sale`, "400"},
	} {
		got := h.a("GET", codeList+"?filter="+url.QueryEscape(one.filter), nil)
		if one.names == "400" {
			if got.status != 400 || !strings.HasPrefix(got.at(message), "filter: ") {
				t.Errorf("%s: %d %s", one.filter, got.status, got.raw)
			}
			continue
		}
		names := got.want(200).names()
		slices.Sort(names)
		if strings.Join(names, ",") != one.names {
			t.Errorf("%s: %v, want %s", one.filter, names, one.names)
		}
	}
	// Semicolons and commas may come raw; a raw plus sign is a space.
	if got := h.a("GET", codeList+"?filter=workTypeCode==IDLE_CODE;defaultCode==true", nil).names(); !slices.Equal(got, []string{"Meeting"}) {
		t.Errorf("raw semicolon: %v", got)
	}
	if got := h.a("GET", codeList+"?filter=name==%22Coffee+Break%22", nil).names(); !slices.Equal(got, []string{"Coffee Break"}) {
		t.Errorf("plus sign: %v", got)
	}
}

// Covers: 3.4
func TestSearchAndAttributes(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	for search, want := range map[string]string{
		"COFF": "Coffee Break", "short": "Coffee Break", "nothing": "",
		`field=="name";value=="sal"`:                         "Sale",
		`field=="name";value=="short"`:                       "",
		`fields=in=("name","description");value=="short"`:    "Coffee Break",
		`field=="active";value=="true"`:                      "400",
		`field=="name","oops"`:                               "400",
		`fields=in=("name","description");shade=="whatever"`: "400",
	} {
		got := h.a("GET", codeList+"?search="+url.QueryEscape(search), nil)
		if want == "400" {
			got.want(400)
			continue
		}
		if names := strings.Join(got.want(200).names(), ","); names != want {
			t.Errorf("%s: %s", search, names)
		}
	}
	got := h.a("GET", codeList+"?pageSize=1&attributes=id,name&filter=name==Sale", nil).want(200)
	if want := `[{"id":"` + stableUUID(orgA, "auxiliary-code", "Sale") + `","name":"Sale"}]`; got.at("data") != want {
		t.Errorf("data %s", got.at("data"))
	}
	h.a("GET", codeList+"?attributes=shade", nil).want(400)
	h.a("GET", "/organization/"+orgA+"/v2/agent-profile?attributes=idleCodes", nil).want(400)
	h.a("GET", codeList+"?desktopProfileFilter=true&includeCount=1&skillProfileDTO=", nil).want(200)
}
