package simulator

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The flow store (contact-center reference 8.25), with and without its prefix, as both answer on real tenants.

const (
	mainFlow = "FLOW"
	// flowProject is the project of every tenant; another one is empty.
	flowProject  = "5e5c9ad6d61f870d6d778c1b"
	flowPageSize = 10
	textNoFlow   = "Flow is not found"
)

func (s *Simulator) registerFlows() {
	for _, base := range []string{"/flow-store/{orgid}/project/{project}", "/{orgid}/project/{project}"} {
		s.router.add("GET "+base+"/flows", s.configuration(s.listFlows))
		s.router.add("GET "+base+"/flows/{flow}", s.configuration(s.exportFlow))
		s.router.add("GET "+base+"/v2/flows/{flow}", s.configuration(s.exportFlow))
		s.router.add("POST "+base+"/flows/{flow}", s.configuration(s.publishFlow))
		s.router.add("POST "+base+"/flows:import", s.configuration(s.importDocument(flowRoute)))
	}
	s.router.add("GET /v1/{orgid}/functions", s.configuration(s.listFunctions))
	s.router.add("POST /v1/{orgid}/functions/{flow}", s.configuration(s.exportFunction))
	s.router.add("POST /v1/{orgid}/functions:import", s.configuration(s.importDocument(functionRoute)))
}

// newFlowID is 24 hexadecimal digits.
func newFlowID() string {
	var raw [12]byte
	rand.Read(raw[:]) // never fails, see crypto/rand
	return hex.EncodeToString(raw[:])
}

// flowRow is a flow as lists show it.
func flowRow(t *tenant, r *record) map[string]any {
	version, _ := asInteger(r.fields["version"])
	row := map[string]any{
		"id": r.id, "name": r.name, "description": asText(r.fields["description"]),
		"flowType": orDefault(asText(r.fields["flowType"]), mainFlow), "status": orDefault(asText(r.fields["status"]), "Draft"),
		"version": version, "orgId": t.info.ID, "createdBy": t.info.Admin, "createdDate": isoTime(r.fields["createdTime"]),
		"lastModifiedBy": t.info.Admin, "lastModifiedDate": isoTime(r.fields["lastUpdatedTime"]),
		"tags": []any{}, "assignedRS": []any{},
	}
	if tags := asList(r.fields["tags"]); tags != nil {
		row["tags"] = tags
	}
	return row
}

func isoTime(millis any) string {
	number, _ := asInteger(millis)
	return time.UnixMilli(number).UTC().Format("2006-01-02T15:04:05.000Z")
}

// listFlows answers with an array, or with includePagination with an object around it.
func (s *Simulator) listFlows(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	wanted := orDefault(strings.ToUpper(c.query.get("flowType")), mainFlow)
	ids, part := c.query.list("ids"), strings.ToLower(c.query.get("partialNameSearch"))
	rows := []any{}
	for _, one := range t.collection(flowRoute).order {
		switch {
		case c.params["project"] != flowProject:
		case orDefault(asText(one.fields["flowType"]), mainFlow) != wanted:
		case len(ids) > 0 && !slices.Contains(ids, one.id):
		case !strings.Contains(strings.ToLower(one.name), part):
		default:
			rows = append(rows, flowRow(t, one))
		}
	}
	return s.flowPage(c, rows, c.query.get("includePagination") == "true")
}

func (s *Simulator) flowPage(c *call, rows []any, wrapped bool) answer {
	page, size := 0, flowPageSize
	for name, value := range map[string]*int{"page": &page, "size": &size} {
		if number, ok := pageNumber(c.query.get(name)); ok {
			*value = number
		}
	}
	w := window{page, min(max(1, size), s.options.MaxPageSize)}
	start := min(w.page*w.size, len(rows))
	shown := rows[start:min(start+w.size, len(rows))]
	if !wrapped {
		return reply(http.StatusOK, shown)
	}
	return reply(http.StatusOK, map[string]any{"data": shown, "pageInfo": map[string]any{
		"page": w.page, "size": w.size, "totalPages": w.pages(len(rows)), "totalRecords": len(rows),
	}})
}

// flowOf reads "<id>:<verb>", the last segment of a path. The tenant is locked.
func flowOf(c *call, in *collection, verb string) *record {
	id, asked, _ := strings.Cut(c.params["flow"], ":")
	if asked != verb || in.entity.route == flowRoute && c.params["project"] != flowProject {
		return nil
	}
	return in.get(id)
}

// exportFlow answers with the document of a flow. Only its present version is kept.
func (s *Simulator) exportFlow(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	found := flowOf(c, t.collection(flowRoute), "export")
	if found == nil || !hasVersion(found, c.query.get("version")) {
		return configError(c, entities[flowRoute], refuse(http.StatusNotFound, textNoFlow))
	}
	return reply(http.StatusOK, flowDocument(t, found))
}

func hasVersion(r *record, version string) bool {
	if version == "" || version == "latest" || version == "draft" || version == fmt.Sprint(r.fields["version"]) {
		return true
	}
	return slices.ContainsFunc(asList(r.fields["tags"]), func(tag any) bool { return asObject(tag)["flowVersionId"] == version })
}

func flowDocument(t *tenant, r *record) map[string]any {
	document := map[string]any{
		"associatedChannels": []any{}, "desktopVariableViewOrder": []any{}, "edges": []any{}, "eventFlows": map[string]any{},
		"nodes": []any{}, "preferences": map[string]any{}, "schemaVersion": 1, "variables": []any{},
	}
	maps.Copy(document, asObject(r.fields["document"]))
	row := flowRow(t, r)
	for _, name := range []string{"id", "name", "description", "flowType", "orgId", "version"} {
		document[name] = row[name]
	}
	document["projectId"] = flowProject
	return document
}

// publishFlow makes the draft of a flow the version behind the given tags.
func (s *Simulator) publishFlow(c *call, t *tenant) answer {
	var wanted struct {
		Comment string   `json:"comment"`
		TagIDs  []string `json:"tagIds"`
	}
	if wrong := decodeInto(c.body, &wanted); wrong != nil {
		return configError(c, entities[flowRoute], wrong)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	w := s.writer(c, t, entities[flowRoute])
	found := flowOf(c, w.in, "publish")
	if found == nil {
		return configError(c, entities[flowRoute], refuse(http.StatusNotFound, textNoFlow))
	}
	version, _ := asInteger(found.fields["version"])
	tags := []any{}
	for _, id := range wanted.TagIDs {
		tags = append(tags, map[string]any{
			"id": id, "displayName": id, "default": id == "Live", "flowVersionId": newFlowID(), "versionNumber": version,
		})
	}
	stored, wrong := w.store(merge(found.fields, map[string]any{"status": "Published", "tags": tags, "lastUpdatedTime": w.now}))
	if wrong != nil {
		return configError(c, entities[flowRoute], wrong)
	}
	return reply(http.StatusOK, flowRow(t, stored))
}

// importDocument takes a document as the part "file" or as the body. The same name is a conflict, or replaced with overwrite.
func (s *Simulator) importDocument(route string) configHandler {
	return func(c *call, t *tenant) answer {
		e := entities[route]
		document, wrong := documentOf(c)
		if wrong == nil && asText(document["name"]) == "" {
			wrong = invalid("name: should not be null or blank.")
		}
		if wrong != nil {
			return configError(c, e, wrong)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		w := s.writer(c, t, e)
		fields := map[string]any{
			"id": newFlowID(), "version": int64(1), "createdTime": w.now, "lastUpdatedTime": w.now, "organizationId": t.info.ID,
			"name": document["name"], "description": asText(document["description"]), "status": "Draft", "document": document,
			"flowType": orDefault(strings.ToUpper(c.query.get("flowType")), orDefault(asText(document["flowType"]), mainFlow)),
		}
		if same := w.in.byName[strings.ToLower(asText(document["name"]))]; len(same) > 0 {
			if overwrite := c.query.get("overwrite"); overwrite != "yes" && overwrite != "true" {
				return configError(c, e, refuse(http.StatusConflict, textDuplicate))
			}
			version, _ := asInteger(same[0].fields["version"])
			fields["id"], fields["createdTime"], fields["version"] = same[0].id, same[0].fields["createdTime"], version+1
		}
		stored, wrong := w.store(fields)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		return reply(http.StatusCreated, flowRow(t, stored))
	}
}

func documentOf(c *call) (map[string]any, *refusal) {
	mediaType, parameters, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/form-data" {
		return decodeObject(c.body)
	}
	reader := multipart.NewReader(bytes.NewReader(c.body), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if err != nil {
			return nil, missingPart("file")
		}
		if part.FormName() != "file" {
			continue
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, invalid("Bad payload: " + err.Error())
		}
		return decodeObject(content)
	}
}

func (s *Simulator) listFunctions(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	rows := []any{}
	for _, one := range t.collection(functionRoute).order {
		rows = append(rows, map[string]any{
			"id": one.id, "name": one.name, "description": asText(one.fields["description"]), "orgId": t.info.ID,
			"createdDate": isoTime(one.fields["createdTime"]), "lastModifiedDate": isoTime(one.fields["lastUpdatedTime"]),
		})
	}
	return s.flowPage(c, rows, true)
}

func (s *Simulator) exportFunction(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	found := flowOf(c, t.collection(functionRoute), "export")
	if found == nil {
		return configError(c, entities[functionRoute], refuse(http.StatusNotFound, textNotFound))
	}
	return reply(http.StatusOK, found.fields["document"])
}
