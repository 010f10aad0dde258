package controllers

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/simulator"
)

// gatewayAlone makes the resource nordlys without any Webex.
func (f *organizationFixture) gatewayAlone(edit func(*v1alpha1.CallCenterGateway)) {
	f.t.Helper()
	f.organization(func(o *v1alpha1.WebexOrganization) {
		o.Spec = v1alpha1.WebexOrganizationSpec{CallCenterGateway: &v1alpha1.CallCenterGateway{
			URL: f.url, Authentication: v1alpha1.GatewaySession, CredentialsSecretRef: v1alpha1.LocalSecretReference{Name: "gateway"},
		}}
		if edit != nil {
			edit(o.Spec.CallCenterGateway)
		}
	})
}

func (f *organizationFixture) faults(rules ...simulator.FaultRule) {
	f.t.Helper()
	if err := f.simulator.SetFaults(rules...); err != nil {
		f.t.Fatal(err)
	}
}

func (f *organizationFixture) mustCreate(object client.Object) {
	f.t.Helper()
	if err := f.client.Create(f.t.Context(), object); err != nil {
		f.t.Fatal(err)
	}
}

// A BroadWorks operator needs no Webex.
func TestAGatewayAloneIsAConnection(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t, gatewaySecret("password-canary"))
	f.gatewayAlone(nil)
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if stats := f.simulator.Stats(); stats.Services["webex"]+stats.Services["contactCenter"] != 0 || stats.Services["gateway"] != 1 {
		t.Errorf("requests %v, want one log-in at the gateway", stats.Routes)
	}
	if seen := f.seen(); !strings.Contains(seen, "connected to the call-center gateway") {
		t.Errorf("events: %s", seen)
	}
	for range 3 {
		f.reconcile()
	}
	f.wantRequests(1)
	if connected := f.connected().Connection(); connected.Gateway == nil || connected.Webex != nil {
		t.Errorf("connected as %+v", connected)
	}
}

// What only a person can give is a mistake in the configuration: it is said once, and not tried again by itself.
func TestAnAccountThatWantsASecondFactorIsAMistake(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t, gatewaySecret("password-canary"))
	f.simulator.SetGateway(simulator.GatewaySeed{Username: "apio", Password: "password-canary", Token: "machine-canary", TwoFactor: true})
	f.gatewayAlone(func(g *v1alpha1.CallCenterGateway) { g.Authentication = v1alpha1.GatewayCore })
	for range 3 {
		if result := f.reconcile(); result.RequeueAfter != 0 {
			t.Errorf("comes back in %s", result.RequeueAfter)
		}
		f.clock.Step(time.Hour)
	}
	condition := f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionFalse, v1alpha1.ReasonAccountUnusable)
	if !strings.Contains(condition.Message, "second factor") || !strings.Contains(condition.Message, "machine token") {
		t.Errorf("message %q does not say what to do", condition.Message)
	}
	f.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonAccountUnusable)
	f.wantRequests(1)
	machine := gatewaySecret("")
	machine.Data = map[string][]byte{"token": []byte("machine-canary")}
	if err := f.client.Update(t.Context(), machine); err != nil {
		t.Fatal(err)
	}
	f.reconcile()
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// A gateway that dies after the log-in shows, and neither stops Webex nor is forgotten: who asks it tries again.
func TestAGatewayThatDiesShowsAndComesBack(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t, gatewaySecret("password-canary"))
	f.gatewayOrganization()
	f.reconcile()
	f.seen()
	ask := func(times int) {
		for range times {
			_, _ = f.connected().Connection().Gateway.CallCenters("acme-be", "hq").List(t.Context()) //nolint:errcheck // the condition says it
			f.reconcile()
		}
	}
	f.faults(simulator.FaultRule{Path: "call_centers", Status: http.StatusBadGateway})
	ask(2)
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	ask(1)
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionUnknown, v1alpha1.ReasonUnavailable)
	f.want(v1alpha1.ConditionTokenValid, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if connected := f.connected().Connection(); connected.Gateway == nil || connected.Webex == nil {
		t.Errorf("connected as %+v", connected)
	}
	written := f.get().ResourceVersion
	ask(5)
	if f.get().ResourceVersion != written {
		t.Error("the status is written at every failure")
	}
	f.faults()
	ask(1)
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if seen := f.seen(); strings.Count(seen, "ServiceUnavailable") != 1 {
		t.Errorf("events: %s", seen)
	}
}

// tlsGateway is the simulator behind TLS, and the certificate to trust it by.
func (f *organizationFixture) tlsGateway() (url string, certificate []byte) {
	f.t.Helper()
	server := httptest.NewUnstartedServer(f.simulator)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes that fail are meant
	server.StartTLS()
	f.t.Cleanup(server.Close)
	return server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

func TestTheGatewayIsTrustedByACertificateOfAConfigMapOrSecret(t *testing.T) {
	t.Parallel()
	meta := metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: "trust"}
	for kind, bundle := range map[v1alpha1.CASourceKind]func([]byte) client.Object{
		"ConfigMap": func(pem []byte) client.Object {
			return &corev1.ConfigMap{ObjectMeta: meta, Data: map[string]string{"ca.crt": string(pem)}}
		},
		"Secret": func(pem []byte) client.Object {
			return &corev1.Secret{ObjectMeta: meta, Type: corev1.SecretTypeTLS, Data: map[string][]byte{"ca.crt": pem}}
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			f := newOrganizationFixture(t, gatewaySecret("password-canary"))
			url, certificate := f.tlsGateway()
			f.gatewayAlone(func(g *v1alpha1.CallCenterGateway) { g.URL = url })
			f.reconcile()
			if condition := f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionUnknown, v1alpha1.ReasonUnavailable); !strings.Contains(condition.Message, "certificate") {
				t.Errorf("message %q", condition.Message)
			}
			f.edit(func(o *v1alpha1.WebexOrganization) {
				o.Spec.CallCenterGateway.CARef = &v1alpha1.CAReference{Kind: kind, Name: "trust"}
			})
			f.reconcile()
			if condition := f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound); !strings.Contains(condition.Message, "trust") {
				t.Errorf("message %q", condition.Message)
			}
			f.mustCreate(bundle([]byte("no certificate")))
			f.reconcile()
			f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionFalse, v1alpha1.ReasonRejected)
			if err := f.client.Update(t.Context(), bundle(certificate)); err != nil {
				t.Fatal(err)
			}
			result := f.reconcile()
			f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
			if looksAgain := result.RequeueAfter > 0; looksAgain != (kind == "ConfigMap") {
				t.Errorf("comes back in %s: Secrets are watched, ConfigMaps are not", result.RequeueAfter)
			}
		})
	}
}

// The organization's proxies carry the gateway's traffic too.
func TestTheGatewayIsReachedThroughTheProxy(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t, gatewaySecret("password-canary"))
	var carried atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth()
		if r.URL.Host != "gateway.invalid" || user != "us" || password != "pass-canary" {
			http.Error(w, "not for us", http.StatusProxyAuthRequired)
			return
		}
		carried.Add(1)
		f.simulator.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	f.mustCreate(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: "proxy"},
		Data:       map[string][]byte{"http": []byte(strings.Replace(proxy.URL, "http://", "http://us:pass-canary@", 1))},
	})
	f.gatewayAlone(func(g *v1alpha1.CallCenterGateway) { g.URL = "http://gateway.invalid" })
	f.edit(func(o *v1alpha1.WebexOrganization) {
		o.Spec.Proxy = &v1alpha1.Proxy{HTTPProxySecretRef: &v1alpha1.SecretKeyReference{Name: "proxy", Key: "http"}}
	})
	f.reconcile()
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if carried.Load() != 1 {
		t.Errorf("the proxy carried %d requests", carried.Load())
	}
}

// The gateway has a request budget of its own, which outlives the connection that it was made for.
func TestTheGatewayHasABudgetOfItsOwn(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t, gatewaySecret("password-canary"))
	f.gatewayAlone(func(g *v1alpha1.CallCenterGateway) { g.RequestsPerMinute = new(int32(10)) })
	f.reconcile()
	first := f.connected().Connection().Gateway
	ask := func(gateway *apio.Client) time.Duration {
		t.Helper()
		began := time.Now()
		if _, err := gateway.CallCenters("acme-be", "hq").List(t.Context()); err == nil {
			t.Fatal("a list of a group that is not there")
		}
		return time.Since(began)
	}
	ask(first) // the burst of one
	f.faults(simulator.FaultRule{Path: "call_centers", Status: http.StatusTooManyRequests, RetryAfterSeconds: 3600})
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.CallCenterGateway.RequestsPerMinute = nil })
	f.reconcile()
	if f.connected().Connection().Gateway != first {
		t.Error("another budget makes another connection")
	}
	if took := ask(first); took > 3*time.Second {
		t.Errorf("without a limit a request waits %s", took)
	}
	if first.HeldFor() < 59*time.Minute {
		t.Errorf("held for %s after a Retry-After of an hour", first.HeldFor())
	}
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.CallCenterGateway.PathPrefix = "/api/v1/" })
	before := f.simulator.Stats().Services["gateway"]
	f.reconcile()
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionUnknown, v1alpha1.ReasonRateLimited)
	if made := f.simulator.Stats().Services["gateway"] - before; made != 0 {
		t.Errorf("another connection made %d requests within the hold of the one before", made)
	}
}
