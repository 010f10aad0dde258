package conformance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

// record is an object at the remote service.
type record map[string]any

// at is the value at a dotted path; nil if there is none.
func (r record) at(path string) any {
	var value any = map[string]any(r)
	for part := range strings.SplitSeq(path, ".") {
		fields, _ := value.(map[string]any)
		value = fields[part]
	}
	return value
}

// put sets the value at a dotted path.
func (r record) put(path string, value any) {
	fields := map[string]any(r)
	parts := strings.Split(path, ".")
	for _, part := range parts[:len(parts)-1] {
		next, ok := fields[part].(map[string]any)
		if !ok {
			next = map[string]any{}
			fields[part] = next
		}
		fields = next
	}
	fields[parts[len(parts)-1]] = value
}

// same compares values whatever Go types hold them; what is empty equals what is not there.
func same(a, b any) bool { return text(a) == text(b) }

func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	if string(encoded) == `""` {
		return "null"
	}
	return string(encoded)
}

// behind changes the remote service behind the operator's back and counts as no request.
func (w *world) behind(method, path string, body any, into any) {
	w.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	w.sim.ServeHTTP(answer, httptest.NewRequest(method, "/__sim/"+path, bytes.NewReader(encoded)))
	if answer.Code >= http.StatusMultipleChoices {
		w.t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
}

// entityPath is where the simulator shows all objects of an entity.
func (w *world) entityPath(entity string) string {
	return fmt.Sprintf("objects/%s/%s", w.organizationID, entity)
}

const centersPath = "callcenters/" + tenant + "/" + group

func (w *world) remotePath() string {
	if w.kind.entity == "" {
		return centersPath
	}
	return w.entityPath(w.kind.entity)
}

// remotes are all objects of the kind under test.
func (w *world) remotes() []record {
	w.t.Helper()
	var all []record
	w.behind(http.MethodGet, w.remotePath(), nil, &all)
	return all
}

// remotesNamed are those of one name.
func (w *world) remotesNamed(name string) []record {
	w.t.Helper()
	var found []record
	for _, one := range w.remotes() {
		if strings.EqualFold(text(one.at(w.kind.nameField())), text(name)) {
			found = append(found, one)
		}
	}
	return found
}

// onlyRemote is the one object of a name; it is an error if there is none or more.
func (w *world) onlyRemote(name string) record {
	w.t.Helper()
	found := w.remotesNamed(name)
	if len(found) != 1 {
		w.t.Fatalf("%d remote objects named %q, want exactly one\n%s", len(found), name, w.writeLog())
	}
	return found[0]
}

func (w *world) remoteID(one record) string {
	id, _ := one.at(w.kind.idField()).(string)
	return id
}

// addRemote makes an object as somebody else would have done an hour ago, and returns its id.
func (w *world) addRemote(fields record) string {
	w.t.Helper()
	return w.addTo(w.remotePath(), w.kind.idField(), fields)
}

func (w *world) addTo(path, idField string, fields record) string {
	w.t.Helper()
	var made record
	w.behind(http.MethodPost, path, fields, &made)
	id, _ := made.at(idField).(string)
	return id
}

// changeRemote merges fields into an object.
func (w *world) changeRemote(id string, fields record) {
	w.t.Helper()
	w.behind(http.MethodPatch, w.remotePath()+"/"+url.PathEscape(id), fields, nil)
}

func (w *world) deleteRemote(id string) {
	w.t.Helper()
	w.behind(http.MethodDelete, w.remotePath()+"/"+url.PathEscape(id), nil, nil)
}

// wantRemote compares fields of an object.
func (w *world) wantRemote(id string, want map[string]any) {
	w.t.Helper()
	for _, one := range w.remotes() {
		if w.remoteID(one) != id {
			continue
		}
		for path, value := range want {
			if have := one.at(path); !same(have, value) {
				w.t.Errorf("remote %s is %s, want %s", path, text(have), text(value))
			}
		}
		return
	}
	w.t.Errorf("no remote object with id %s", id)
}
