package controllers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/webex"
)

// Proves: S1.4, PR10, PR11
func TestContactCenterAddresses(t *testing.T) {
	t.Parallel()
	for _, region := range []v1alpha1.Region{"us1", "eu1", "eu2", "anz1", "jp1", "ca1", "in1", "sg1"} {
		spec := &v1alpha1.WebexOrganizationSpec{ContactCenter: true, Region: region}
		if got, err := contactCenterURL(spec); err != nil || got != "https://api.wxcc-"+string(region)+".cisco.com" {
			t.Errorf("%s: %s, %v", region, got, err)
		}
		spec.Endpoints.ContactCenter = "http://127.0.0.1:1/"
		if got, err := contactCenterURL(spec); err != nil || got != "http://127.0.0.1:1" {
			t.Errorf("%s with an endpoint: %s, %v", region, got, err)
		}
	}
	for _, region := range []v1alpha1.Region{"us2", "mars1"} {
		if got, err := contactCenterURL(&v1alpha1.WebexOrganizationSpec{ContactCenter: true, Region: region}); err == nil {
			t.Errorf("%s, whose address nobody documents: %s", region, got)
		}
	}
	if got, err := contactCenterURL(&v1alpha1.WebexOrganizationSpec{Region: "eu1"}); err != nil || got != "" {
		t.Errorf("without contact center: %s, %v", got, err)
	}
}

func TestPlatformAddress(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"": "https://webexapis.com/v1", "http://127.0.0.1:1": "http://127.0.0.1:1/v1", "https://example.com/v1/": "https://example.com/v1",
	} {
		spec := &v1alpha1.WebexOrganizationSpec{Endpoints: v1alpha1.Endpoints{Webex: given}}
		if got := platformURL(spec); got != want {
			t.Errorf("platformURL(%q) = %s, want %s", given, got, want)
		}
	}
}

// Proves: S1.17, S1.18
func TestProxyAddresses(t *testing.T) {
	t.Parallel()
	address, err := parseProxy("http://user:p%40ss%3A%2Fcanary@proxy.example.com:3128")
	if err != nil {
		t.Fatal(err)
	}
	if password, _ := address.User.Password(); password != "p@ss:/canary" {
		t.Errorf("password = %q", password)
	}
	for _, bad := range []string{"", "proxy:3128", "socks5://proxy:1", "http://proxy", "http://u:canary@proxy:1/path", "http://u:can%zzary@proxy:1"} {
		if _, err := parseProxy(bad); err == nil || strings.Contains(err.Error(), "can") {
			t.Errorf("parseProxy(%q) = %v, want an error without the text", bad, err)
		}
	}
	traffic := route{httpsProxy: address}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://webexapis.com/v1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := traffic.proxyOf(request); err != nil || got != address {
		t.Errorf("proxy of HTTPS = %v, %v", got, err)
	}
	request.URL.Scheme = "http"
	if got, err := traffic.proxyOf(request); err != nil || got != nil {
		t.Errorf("proxy of HTTP = %v, %v", got, err)
	}
}

func TestBudgetIsSharedByClient(t *testing.T) {
	t.Parallel()
	var budgets requestBudgets
	a, b := types.NamespacedName{Name: "a"}, types.NamespacedName{Name: "b"}
	shared := budgets.join(a, "budget-test-1", 300)
	if budgets.join(b, "budget-test-1", 100) != shared {
		t.Error("two organizations of one client have two buckets")
	}
	if limit := budgets.clients["budget-test-1"].limit; limit != 100 {
		t.Errorf("limit = %d, want the smallest wish", limit)
	}
	if budgets.join(b, "budget-test-2", 100) == shared {
		t.Error("another client shares the bucket")
	}
	if limit := budgets.clients["budget-test-1"].limit; limit != 300 {
		t.Errorf("limit = %d after the modest one left", limit)
	}
	budgets.leave(b)
	shared.Hold(time.Hour)
	budgets.leave(a)
	if budgets.join(a, "budget-test-1", 300) != shared {
		t.Error("the hold was forgotten with the last organization")
	}
	budgets.clients["budget-test-1"].bucket = webex.NewBucket(300)
	budgets.leave(a)
	if len(budgets.clients) != 0 {
		t.Errorf("%d budgets left", len(budgets.clients))
	}
}
