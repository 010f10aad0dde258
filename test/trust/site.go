package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// site is a namespace with an organization, and the remote services that it connects to.
type site struct {
	stage        *stage
	namespace    string
	organization string
	simulator    *simulator.Simulator
	ledger       *ledger
	server       *httptest.Server
	resources    map[int]*resource
	numbers      int
}

// kindName is one of the kinds that the scenarios use.
type kindName string

const (
	code     kindName = "AuxiliaryCode"
	workType kindName = "WorkType"
	center   kindName = "CallCenter"
)

var everyKind = []kindName{code, workType, center}

// resource is a custom resource as its user last wanted it.
type resource struct {
	number, rename, edit int
	kind                 kindName
	metadataName         string
}

func (r *resource) remoteName() string { return remoteName(r.number, r.rename) }

// openSite makes a site. deletes is the organization's maxDeletesPerHour, nil for the default.
func (s *stage) openSite(ctx context.Context, deletes *int32) (*site, error) {
	s.sites++
	t := &site{stage: s, namespace: fmt.Sprintf("trust-%d", s.sites), organization: uuid.NewString(), resources: map[int]*resource{}}
	settings := simulator.Options{}
	settings.CallCenters.AutoGenerateID = true
	t.simulator = simulator.New(settings)
	t.simulator.AddOrganization(simulator.OrganizationSeed{
		ID: t.organization, ClientID: "client-" + t.namespace, ClientSecret: "secret", AccessToken: "access-" + t.namespace, RefreshToken: "refresh-" + t.namespace,
	})
	t.simulator.SetGateway(simulator.GatewaySeed{
		Username: "gateway", Password: "password",
		Tenants: map[string]map[string]simulator.GroupSeed{"acme": {"main": {Domain: "voice.example.net", CountryCode: "32"}}},
	})
	t.ledger = newLedger(t.simulator)
	t.server = httptest.NewServer(t.ledger)
	if err := s.client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: t.namespace}}); err != nil {
		return t, err
	}
	return t, t.connect(ctx, deletes)
}

func (t *site) close() {
	t.server.CloseClientConnections()
	t.server.Close()
}

// connect applies the Secrets and the organization.
func (t *site) connect(ctx context.Context, deletes *int32) error {
	for name, values := range map[string]map[string]string{
		"credentials": {"clientID": "client-" + t.namespace, "clientSecret": "secret", "accessToken": "access-" + t.namespace, "refreshToken": "refresh-" + t.namespace},
		"gateway":     {"username": "gateway", "password": "password"},
		"centers":     {"password": "Center-Password-1"},
	} {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: name}, StringData: values}
		if err := t.stage.client.Create(ctx, secret); err != nil {
			return err
		}
	}
	return t.stage.client.Create(ctx, &v1alpha1.WebexOrganization{
		ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: "org"},
		Spec: v1alpha1.WebexOrganizationSpec{
			Name: t.namespace, OrganizationID: t.organization, ContactCenter: true,
			Endpoints:            v1alpha1.Endpoints{Webex: t.server.URL, ContactCenter: t.server.URL},
			CredentialsSecretRef: &v1alpha1.LocalSecretReference{Name: "credentials"},
			SyncInterval:         &metav1.Duration{Duration: 24 * time.Hour},
			RequestsPerMinute:    new(int32(3000)),
			MaxDeletesPerHour:    deletes,
			CallCenterGateway: &v1alpha1.CallCenterGateway{
				URL: t.server.URL, Authentication: v1alpha1.GatewaySession, CredentialsSecretRef: v1alpha1.LocalSecretReference{Name: "gateway"},
			},
		},
	})
}

// add makes a custom resource for a remote object of its own.
func (t *site) add(ctx context.Context, kind kindName) error {
	t.numbers++
	r := &resource{number: t.numbers, edit: 1, kind: kind, metadataName: fmt.Sprintf("n%d", t.numbers)}
	t.ledger.want(r.number, func(w *wish) { w.edit = 1 })
	t.resources[r.number] = r
	return t.stage.client.Create(ctx, t.object(r))
}

// object is the custom resource as its user wants it now.
func (t *site) object(r *resource) client.Object {
	metadata := metav1.ObjectMeta{Namespace: t.namespace, Name: r.metadataName}
	config := v1alpha1.ConfigSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: "org"}}
	switch r.kind {
	case code:
		return &v1alpha1.AuxiliaryCode{ObjectMeta: metadata, Spec: v1alpha1.AuxiliaryCodeSpec{
			ConfigSpec: config, Name: r.remoteName(), Description: new(editText(r.edit)), WorkTypeCode: v1alpha1.IdleCode,
			WorkTypeRef: v1alpha1.ObjectReference{RemoteName: "Default Idle Work Type"},
		}}
	case workType:
		return &v1alpha1.WorkType{ObjectMeta: metadata, Spec: v1alpha1.WorkTypeSpec{
			ConfigSpec: config, Name: r.remoteName(), Description: new(editText(r.edit)), WorkTypeCode: v1alpha1.IdleCode,
		}}
	}
	return &v1alpha1.CallCenter{ObjectMeta: metadata, Spec: v1alpha1.CallCenterSpec{
		ConfigSpec: config, Name: r.remoteName(), TenantID: "acme", GroupID: "main", Type: "Basic", Policy: "Regular",
		Profile: v1alpha1.CallCenterProfile{
			CLIFirstName: "Desk", CLILastName: editText(r.edit),
			PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "centers", Key: "password"},
		},
	}}
}

// change applies what the user wants now.
func (t *site) change(ctx context.Context, r *resource, edit func(*resource)) error {
	edit(r)
	t.ledger.want(r.number, func(w *wish) { w.rename, w.edit = r.rename, r.edit })
	object := t.object(r)
	object.SetManagedFields(nil)
	data, err := json.Marshal(map[string]any{"spec": specOf(object)})
	if err != nil {
		return err
	}
	return t.stage.client.Patch(ctx, object, client.RawPatch("application/merge-patch+json", data))
}

func specOf(object client.Object) any {
	switch o := object.(type) {
	case *v1alpha1.AuxiliaryCode:
		return o.Spec
	case *v1alpha1.WorkType:
		return o.Spec
	case *v1alpha1.CallCenter:
		return o.Spec
	}
	return nil
}

func (t *site) remove(ctx context.Context, r *resource) error {
	t.ledger.want(r.number, func(w *wish) { w.deleted = true })
	delete(t.resources, r.number)
	return client.IgnoreNotFound(t.stage.client.Delete(ctx, t.object(r)))
}

// sorted are the resources in a stable order.
func (t *site) sorted() []*resource {
	var all []*resource
	for _, number := range slices.Sorted(maps.Keys(t.resources)) {
		all = append(all, t.resources[number])
	}
	return all
}

// remotes are the remote objects that the scenarios made, by the number of their resource.
func (t *site) remotes(ctx context.Context) (map[int][]item, error) {
	named := map[int][]item{}
	for _, path := range []string{"objects/" + t.organization + "/auxiliary-code", "objects/" + t.organization + "/work-type", "callcenters/acme/main"} {
		answer := httptest.NewRecorder()
		t.simulator.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/__sim/"+path, nil))
		var all []item
		if err := json.Unmarshal(answer.Body.Bytes(), &all); err != nil {
			return nil, fmt.Errorf("%s: %w: %s", path, err, answer.Body)
		}
		for _, one := range all {
			if number, _, ok := parseName(first(one.Name, one.Profile.Name)); ok {
				named[number] = append(named[number], one)
			}
		}
	}
	return named, nil
}

// settled says what keeps the site from being as its users want it, deleted resources included.
func (t *site) settled(ctx context.Context) []string {
	remotes, err := t.remotes(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	var complaints []string
	for number, found := range remotes {
		if _, wanted := t.resources[number]; !wanted {
			complaints = append(complaints, fmt.Sprintf("orphan %q", first(found[0].Name, found[0].Profile.Name)))
		}
	}
	existing, err := t.existing(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	for _, r := range t.resources {
		object, ok := existing[r.metadataName]
		if !ok {
			complaints = append(complaints, r.metadataName+" does not exist")
			continue
		}
		delete(existing, r.metadataName)
		complaints = append(complaints, r.problems(object, remotes[r.number])...)
	}
	for name := range existing {
		complaints = append(complaints, fmt.Sprintf("%s is still there: %s", name, describe(existing[name])))
	}
	return complaints
}

func (r *resource) problems(object v1alpha1.Object, remotes []item) []string {
	status := object.GetConfigStatus()
	ready := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
	switch {
	case len(remotes) != 1:
		return []string{fmt.Sprintf("%s has %d remote objects: %s", r.metadataName, len(remotes), describe(object))}
	case ready == nil || ready.Status != metav1.ConditionTrue || status.ObservedGeneration != object.GetGeneration():
		return []string{fmt.Sprintf("%s is not ready: %s", r.metadataName, describe(object))}
	case first(remotes[0].Name, remotes[0].Profile.Name) != r.remoteName():
		return []string{fmt.Sprintf("%s is called %q remotely", r.metadataName, first(remotes[0].Name, remotes[0].Profile.Name))}
	case parseEdit(first(remotes[0].Description, remotes[0].Profile.LastName)) != r.edit:
		return []string{fmt.Sprintf("%s has not edit %d remotely", r.metadataName, r.edit)}
	case status.ID != first(remotes[0].ID, remotes[0].ServiceID) || status.Origin != v1alpha1.OriginCreated:
		return []string{fmt.Sprintf("%s has id %q and origin %q, remotely it is %q", r.metadataName, status.ID, status.Origin, first(remotes[0].ID, remotes[0].ServiceID))}
	}
	return nil
}

// existing are the custom resources of the site by name.
func (t *site) existing(ctx context.Context) (map[string]v1alpha1.Object, error) {
	all := map[string]v1alpha1.Object{}
	for _, list := range []client.ObjectList{&v1alpha1.AuxiliaryCodeList{}, &v1alpha1.WorkTypeList{}, &v1alpha1.CallCenterList{}} {
		if err := t.stage.client.List(ctx, list, client.InNamespace(t.namespace)); err != nil {
			return nil, err
		}
		items, err := meta.ExtractList(list)
		if err != nil {
			return nil, err
		}
		for _, one := range items {
			if object, ok := one.(v1alpha1.Object); ok {
				all[object.GetName()] = object
			}
		}
	}
	return all, nil
}

func describe(object v1alpha1.Object) string {
	ready := meta.FindStatusCondition(object.GetConfigStatus().Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return "no condition"
	}
	return fmt.Sprintf("Ready=%s %s: %s", ready.Status, ready.Reason, ready.Message)
}
