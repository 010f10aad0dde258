package engine

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

type code = *v1alpha1.AuxiliaryCode

func testKind() *Kind[code] {
	return &Kind[code]{
		Name: "AuxiliaryCode", New: func() code { return &v1alpha1.AuxiliaryCode{} },
		Fields: []Field[code]{
			{Spec: "description"}, {Spec: "active"}, {Spec: "list", SetLike: true}, {Spec: "nested"}, {Spec: "family", Immutable: true},
		},
	}
}

// Proves: S0.15
func TestCompareIsBlindToSpelling(t *testing.T) {
	t.Parallel()
	kind := testKind()
	for name, test := range map[string]struct{ owned, actual string }{
		"equal":                    {`{"description":"a"}`, `{"description":"a"}`},
		"extra fields":             {`{"description":"a"}`, `{"description":"a","version":7,"links":[]}`},
		"cleared and left out":     {`{"description":""}`, `{}`},
		"cleared and null":         {`{"description":""}`, `{"description":null}`},
		"null and empty":           {`{"description":null}`, `{"description":""}`},
		"false and left out":       {`{"active":false}`, `{}`},
		"zero and left out":        {`{"description":0}`, `{}`},
		"number and digits":        {`{"description":30}`, `{"description":"30"}`},
		"a set in another order":   {`{"list":["a","b"]}`, `{"list":["b","a"]}`},
		"no list and an empty one": {`{"list":[]}`, `{}`},
		"nested, extra inside":     {`{"nested":{"a":1}}`, `{"nested":{"a":1,"b":2}}`},
	} {
		if found := kind.compare(Owner[code]{}, object(t, test.owned), object(t, test.actual), false); len(found) > 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestCompareFindsRealDifferences(t *testing.T) {
	t.Parallel()
	kind := testKind()
	for name, test := range map[string]struct{ owned, actual, path string }{
		"another text":                {`{"description":"a"}`, `{"description":"b"}`, "description"},
		"missing":                     {`{"description":"a"}`, `{}`, "description"},
		"true and left out":           {`{"active":true}`, `{}`, "active"},
		"false and true":              {`{"active":false}`, `{"active":true}`, "active"},
		"a shorter set":               {`{"list":["a"]}`, `{"list":["a","b"]}`, "list"},
		"an emptied set":              {`{"list":[]}`, `{"list":["a"]}`, "list"},
		"inside an object":            {`{"nested":{"a":1}}`, `{"nested":{"a":2}}`, "nested.a"},
		"cleared, still there":        {`{"description":""}`, `{"description":"x"}`, "description"},
		"a field of no table at all":  {`{"name":"a"}`, `{"name":"b"}`, "name"},
		"an object that is not there": {`{"nested":{"a":1}}`, `{"nested":null}`, "nested.a"},
	} {
		found := kind.compare(Owner[code]{}, object(t, test.owned), object(t, test.actual), false)
		if len(found) != 1 || found[0].path != test.path {
			t.Errorf("%s: %+v, want one difference in %s", name, found, test.path)
		}
	}
	if found := kind.compare(Owner[code]{}, object(t, `{"description":"a"}`), object(t, `{}`), true); len(found) > 0 {
		t.Errorf("a row without the field proves nothing about it, got %+v", found)
	}
	if found := kind.compare(Owner[code]{}, object(t, `{"family":"a"}`), object(t, `{"family":"b"}`), false); !found[0].immutable {
		t.Error("the difference is not marked as immutable")
	}
}

// TestCompareOfAnyOrder shuffles lists and adds noise: a property, not examples.
func TestCompareOfAnyOrder(t *testing.T) {
	t.Parallel()
	kind := testKind()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test wants repeatable numbers
	for range 500 {
		list := make([]any, random.IntN(8))
		for i := range list {
			list[i] = json.Number(string(rune('0' + random.IntN(10))))
		}
		shuffled := append([]any{}, list...)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if found := kind.compare(Owner[code]{}, remote.Object{"list": list}, remote.Object{"list": shuffled, "noise": random.Int()}, false); len(found) > 0 {
			t.Fatalf("%v against %v: %+v", list, shuffled, found)
		}
		longer := append(shuffled, json.Number("10"))
		if found := kind.compare(Owner[code]{}, remote.Object{"list": list}, remote.Object{"list": longer}, false); len(found) != 1 {
			t.Fatalf("%v against %v: no difference", list, longer)
		}
	}
}

func TestDriftListIsBounded(t *testing.T) {
	t.Parallel()
	var many []difference
	for range 50 {
		many = append(many, difference{path: "p", desired: string(make([]byte, 1000)), actual: "é" + string(make([]byte, 999))})
	}
	list := driftList(many)
	if len(list) != 32 || len(list[0].Desired) > 256 || len(list[0].Actual) > 256 {
		t.Errorf("%d entries, texts of %d and %d bytes", len(list), len(list[0].Desired), len(list[0].Actual))
	}
}

func object(t *testing.T, text string) remote.Object {
	t.Helper()
	decoded, err := remote.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}
