package crd_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// configurationKinds has one good object of every kind that belongs to an organization.
var configurationKinds = map[string]string{"AuxiliaryCode": idleCode, "WorkType": workType, "CallCenter": callCenter}

func TestSharedSpec(t *testing.T) {
	t.Parallel()
	for kind, base := range configurationKinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			testCreate(t, base, rows(
				[]admission{
					unchanged(),
					{"no organization", edits(without("organizationRef")), "spec.organizationRef: Required value"},
					{"organization elsewhere", edits(set("organizationRef.namespace", "shared")), ""},
					{"id in the spec", edits(set("id", "1")), `unknown field "spec.id"`},
				},
				each("managementPolicy", "", "Enforce", "Observe"),
				each("managementPolicy", `supported values: "Enforce", "Observe"`, "Manage"),
				each("deletionPolicy", "", "Delete", "Retain"),
				each("deletionPolicy", `supported values: "Delete", "Retain"`, "Orphan"),
				each("adoptionPolicy", "", "Never", "IfIdentical", "Always"),
				each("adoptionPolicy", `supported values: "Never", "IfIdentical", "Always"`, "Ask"),
			))
		})
	}
}

func TestObjectReferenceIsOneOfTwo(t *testing.T) {
	t.Parallel()
	const one = "set exactly one of name (a custom resource) and remoteName (a name in Control Hub)"
	testCreate(t, idleCode, []admission{
		{"by remote name", edits(set("workTypeRef", map[string]any{"remoteName": "Default Idle Work Type"})), ""},
		{"by neither", edits(set("workTypeRef", map[string]any{})), one},
		{"by both", edits(set("workTypeRef", map[string]any{"name": "idle", "remoteName": "Idle"})), one},
		{"by id", edits(set("workTypeRef", map[string]any{"id": "1"})), `unknown field "spec.workTypeRef.id"`},
	})
}

// An empty list means "none" and a missing one "not owned": a Go client must be able to say both.
func TestEmptyListsSurviveTheGoClient(t *testing.T) {
	t.Parallel()
	object := create(t, callCenter, named("empty-lists"), set("agents", []any{}))
	var typedObject v1alpha1.CallCenter
	if err := server.client.Get(t.Context(), client.ObjectKeyFromObject(object), &typedObject); err != nil {
		t.Fatal(err)
	}
	if err := server.client.Update(t.Context(), &typedObject); err != nil {
		t.Fatal(err)
	}
	if err := server.client.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
		t.Fatal(err)
	}
	spec, ok := object.Object["spec"].(map[string]any)
	if !ok {
		t.Fatalf("spec is %T", object.Object["spec"])
	}
	if agents, found := spec["agents"]; !found {
		t.Errorf("agents were dropped, want []; got %v", agents)
	}
	if supervisors, found := spec["supervisors"]; found {
		t.Errorf("supervisors = %v, want none", supervisors)
	}
}

func TestRemoteNameIsTheSpecsElseTheResources(t *testing.T) {
	t.Parallel()
	meta := metav1.ObjectMeta{Name: "resource"}
	for _, test := range []struct {
		object v1alpha1.Object
		want   string
	}{
		{&v1alpha1.AuxiliaryCode{ObjectMeta: meta}, "resource"},
		{&v1alpha1.AuxiliaryCode{ObjectMeta: meta, Spec: v1alpha1.AuxiliaryCodeSpec{Name: "Remote"}}, "Remote"},
		{&v1alpha1.WorkType{ObjectMeta: meta}, "resource"},
		{&v1alpha1.WorkType{ObjectMeta: meta, Spec: v1alpha1.WorkTypeSpec{Name: "Remote"}}, "Remote"},
		{&v1alpha1.CallCenter{ObjectMeta: meta}, "resource"},
		{&v1alpha1.CallCenter{ObjectMeta: meta, Spec: v1alpha1.CallCenterSpec{Name: "Remote"}}, "Remote"},
	} {
		if got := test.object.GetRemoteName(); got != test.want {
			t.Errorf("%T: GetRemoteName() = %q, want %q", test.object, got, test.want)
		}
	}
}

func TestEveryKindIsInTheCategoryAndHasAShortName(t *testing.T) {
	t.Parallel()
	found, err := discovery.NewDiscoveryClientForConfigOrDie(server.config).ServerResourcesForGroupVersion(v1alpha1.GroupVersion.String())
	if err != nil {
		t.Fatal(err)
	}
	short := map[string]string{"auxiliarycodes": "auxcode", "callcenters": "cc", "webexorganizations": "wxorg", "worktypes": "wtype"}
	for _, resource := range found.APIResources {
		if strings.HasSuffix(resource.Name, "/status") {
			continue
		}
		want, known := short[resource.Name]
		if !known {
			t.Errorf("unexpected resource %s", resource.Name)
		}
		delete(short, resource.Name)
		if !resource.Namespaced || !slices.Contains(resource.Categories, "wxcc") || !slices.Equal(resource.ShortNames, []string{want}) {
			t.Errorf("%s: namespaced %v, categories %v, short names %v", resource.Name, resource.Namespaced, resource.Categories, resource.ShortNames)
		}
	}
	if len(short) > 0 {
		t.Errorf("not served: %v", short)
	}
}

func TestPrinterColumns(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]string{
		"auxiliarycodes":     "Name Type Active Ready Status Default* Work Type* Used By* Synced* Organization* ID* Age",
		"callcenters":        "Name Type Policy Active Ready Status Phone* Tenant* Group* Synced* Organization* ID* Age",
		"webexorganizations": "Name Display Name Region Contact Center Wholesale Token Token Ends Ready Status Organization ID* Access Token Ends* Objects* Objects Ready* Age",
		"worktypes":          "Name Type Active Ready Status Synced* Organization* ID* Age",
	} {
		t.Run(resource, func(t *testing.T) {
			t.Parallel()
			var names []string
			for _, column := range table(t, resource, namespace, "").ColumnDefinitions {
				name := column.Name
				if column.Priority > 0 {
					name += "*"
				}
				names = append(names, name)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("columns (wide ones with *)\n got %s\nwant %s", got, want)
			}
		})
	}
}

// table asks for a list as kubectl get does; a name, if any, is the only object wanted.
func table(t *testing.T, resource, namespace, name string) *metav1.Table {
	t.Helper()
	config := rest.CopyConfig(server.config)
	config.GroupVersion = &v1alpha1.GroupVersion
	config.APIPath = "/apis"
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	api, err := rest.RESTClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	request := api.Get().Namespace(namespace).Resource(resource).SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	if name != "" {
		request = request.Param("fieldSelector", "metadata.name="+name)
	}
	body, err := request.DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	result := &metav1.Table{}
	if err := json.Unmarshal(body, result); err != nil {
		t.Fatal(err)
	}
	return result
}
