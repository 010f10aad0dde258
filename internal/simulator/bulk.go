package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

type bulkRequest struct {
	Items []bulkItem `json:"items"`
}

type bulkItem struct {
	Identifier json.Number `json:"itemIdentifier"`
	Action     string      `json:"requestAction"`
	Item       any         `json:"item"`
}

const (
	actionSave   = "SAVE"
	actionDelete = "DELETE"
)

// bulkResult is what became of one item.
type bulkResult struct {
	operation string
	status    int
	id        string
	wrong     *refusal
}

// bulkSave answers POST <entity>/bulk: creates, deletes and, where the entity can, full updates.
func (s *Simulator) bulkSave(e *entity) configHandler {
	return s.bulk(e, func(w *writer, action string, item map[string]any) bulkResult {
		if action == actionDelete {
			return w.bulkDelete(item)
		}
		if id := asText(item["id"]); id != "" {
			return w.bulkUpdate(id, item)
		}
		if !e.bulk.create {
			return bulkResult{operation: "CREATE", wrong: notInBulk(e.bulk.noCreate, "Create")}
		}
		stored, wrong := w.insert(item, true)
		return saved("CREATE", e.created, stored, wrong)
	})
}

func notInBulk(wrong *refusal, what string) *refusal {
	if wrong != nil {
		return wrong
	}
	return invalid(what + " is not allowed in bulk")
}

// bulkPatch answers PATCH <entity>/bulk: updates only, partial ones but for one entity.
func (s *Simulator) bulkPatch(e *entity) configHandler {
	return s.bulk(e, func(w *writer, action string, item map[string]any) bulkResult {
		id := asText(item["id"])
		switch {
		case action != "" && action != actionSave:
			return bulkResult{operation: "UPDATE", wrong: refusedPatch(e)}
		case e.bulk.patchFull && id == "":
			return bulkResult{operation: "CREATE", wrong: notInBulk(e.bulk.noCreate, "Create")}
		case e.bulk.patchFull:
			stored, wrong := w.replace(id, item, true)
			return saved("UPDATE", http.StatusOK, stored, wrong)
		}
		stored, wrong := w.patch(item)
		return saved("UPDATE", http.StatusOK, stored, wrong)
	})
}

func refusedPatch(e *entity) *refusal {
	if e.bulk.noDelete != nil {
		return e.bulk.noDelete
	}
	return invalid(textPatchAction)
}

func (w *writer) bulkUpdate(id string, item map[string]any) bulkResult {
	if !w.in.entity.bulk.update {
		return bulkResult{operation: "UPDATE", wrong: invalid(textIDOnCreate)}
	}
	stored, wrong := w.replace(id, item, true)
	return saved("UPDATE", http.StatusOK, stored, wrong)
}

// bulkDelete wants the complete record: an item with nothing but the id is refused as if it were protected.
func (w *writer) bulkDelete(item map[string]any) bulkResult {
	out := bulkResult{operation: actionDelete, status: w.in.entity.deleted, id: asText(item["id"])}
	switch {
	case !w.in.entity.bulk.delete:
		out.wrong = notInBulk(w.in.entity.bulk.noDelete, "Delete")
	case out.id == "":
		out.wrong = invalid("id: should not be null or blank.")
	case w.in.entity.onlyID(item):
		out.wrong = invalid(textSystemGenerated)
	default:
		out.wrong = w.in.entity.complete(item)
		if out.wrong == nil {
			out.wrong = w.delete(out.id)
		}
	}
	return out
}

func (e *entity) onlyID(item map[string]any) bool {
	for name := range item {
		if described := e.fieldsByName[name]; described != nil && !described.readOnly {
			return false
		}
	}
	return true
}

func (e *entity) complete(item map[string]any) *refusal {
	var wrong []string
	for i := range e.fields {
		if described := &e.fields[i]; described.required && item[described.name] == nil {
			wrong = append(wrong, described.check(nil, nil)...)
		}
	}
	if len(wrong) > 0 {
		return invalid(wrong...)
	}
	return nil
}

func saved(operation string, status int, stored *record, wrong *refusal) bulkResult {
	out := bulkResult{operation: operation, status: status, wrong: wrong}
	if stored != nil {
		out.id = stored.id
	}
	return out
}

type bulkWrite func(w *writer, action string, item map[string]any) bulkResult

// bulk answers 207 to every call that parses; its items stand each for itself.
func (s *Simulator) bulk(e *entity, write bulkWrite) configHandler {
	return func(c *call, t *tenant) answer {
		request, wrong := s.decodeBulk(c)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		w := s.writer(c, t, e)
		results := make([]any, 0, len(request.Items))
		for _, item := range request.Items {
			body, _ := item.Item.(map[string]any)
			results = append(results, s.bulkRow(c, e, e.route, item.Identifier, write(w, item.Action, body)))
		}
		return reply(http.StatusMultiStatus, map[string]any{"items": results})
	}
}

func (s *Simulator) decodeBulk(c *call) (bulkRequest, *refusal) {
	var request bulkRequest
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	decoder.UseNumber()
	err := decoder.Decode(&request)
	if err == nil {
		err = ended(decoder)
	}
	if err != nil {
		return request, invalid("Bad payload: Cannot deserialize: " + err.Error())
	}
	if request.Items == nil {
		return request, invalid("items: should not be null or blank.")
	}
	if len(request.Items) > s.options.MaxBulkItems {
		return request, invalid(fmt.Sprintf("items: should not be more than %d", s.options.MaxBulkItems))
	}
	for i, item := range request.Items {
		if _, ok := item.Item.(map[string]any); !ok {
			return request, invalid(fmt.Sprintf("items[%d].item: should not be null or blank.", i))
		}
		if !slices.Contains([]string{"", actionSave, actionDelete}, item.Action) {
			return request, invalid(fmt.Sprintf("Bad payload: Cannot deserialize value of requestAction from String %q", item.Action))
		}
	}
	return request, nil
}

// bulkRow is what the answer says of one item; path leads to the object below the organization.
func (s *Simulator) bulkRow(c *call, e *entity, path string, identifier json.Number, r bulkResult) map[string]any {
	out := map[string]any{"itemIdentifier": orDefault(identifier, "0"), "status": r.status, "operationType": r.operation}
	if r.wrong != nil {
		out["status"] = r.wrong.status
		out["apiError"] = apiError("ccconfig_"+newUUID(), e.label, r.wrong)
		return out
	}
	if all := s.options.Unknowns.BulkSuccessStatus; all != 0 {
		out["status"] = all
	}
	out["href"] = "/api/organization/" + c.orgID + "/" + path + "/" + r.id
	return out
}
