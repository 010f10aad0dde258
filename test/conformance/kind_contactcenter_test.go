package conformance_test

import (
	"net/http"

	"wxcc.dev/operator/internal/simulator"
)

const (
	idleWorkType   = "Default Idle Work Type"
	otherWorkType  = "Second Idle Work Type"
	wrapUpWorkType = "Default Wrapup Work Type"
)

// entityID finds an object of the contact center by name; the second idle work type is made when first asked for.
func (w *world) entityID(entity, name string) string {
	w.t.Helper()
	var all []record
	w.behind(http.MethodGet, w.entityPath(entity), nil, &all)
	for _, one := range all {
		if one["name"] == name {
			id, _ := one["id"].(string)
			return id
		}
	}
	if name == otherWorkType {
		return w.addTo(w.entityPath(entity), "id", remoteWorkType(name))
	}
	w.t.Fatalf("no %s named %q", entity, name)
	return ""
}

func remoteWorkType(name string) record {
	return record{"name": name, "workTypeCode": "IDLE_CODE", "active": true, "createdTime": anHourAgo()}
}

func auxiliaryCode() *kind {
	workTypeID := func(w *world, value any) any {
		reference, _ := value.(map[string]any)
		name, _ := reference["remoteName"].(string)
		return w.entityID("work-type", name)
	}
	return &kind{
		name: "AuxiliaryCode", resource: "AuxiliaryCode", entity: "auxiliary-code", paged: true, bulk: true,
		minimal: func(name string) spec {
			return named(name, spec{"workTypeCode": "IDLE_CODE", "workTypeRef": map[string]any{"remoteName": idleWorkType}})
		},
		fields: []field{
			{spec: "description", from: "Away for a meal", to: "Away for a walk"},
			{spec: "active", from: true, to: false},
			{spec: "burnoutInclusion", from: "INCLUDED", to: "EXCLUDED"},
			{spec: "defaultCode", from: false, to: true},
			{
				spec: "workTypeRef", wire: "workTypeId", wireValue: workTypeID,
				from: map[string]any{"remoteName": idleWorkType}, to: map[string]any{"remoteName": otherWorkType},
			},
		},
		remote: func(w *world, name string) record {
			return record{
				"name": name, "workTypeCode": "IDLE_CODE", "workTypeId": w.entityID("work-type", idleWorkType), "active": true,
				"defaultCode": false, "isSystemCode": false, "burnoutInclusion": "INCLUDED", "createdTime": anHourAgo(),
			}
		},
		unowned:   field{spec: "description", to: "written by hand"},
		clearable: field{spec: "description", from: "Away for a meal"},
		immutable: map[string]any{"workTypeCode": "WRAP_UP_CODE"},
		block: func(w *world, id string) (string, func()) {
			user := w.addTo(w.entityPath("agent-profile"), "id", record{"name": "Blocking profile", "accessIdleCode": "SPECIFIC", "idleCodes": []any{id}})
			return "Blocking profile", func() { w.behind(http.MethodDelete, w.entityPath("agent-profile")+"/"+user, nil, nil) }
		},
		exclusive: "defaultCode",
		ruled: func(how string) simulator.Options {
			return simulator.Options{Unknowns: simulator.Unknowns{DefaultCodes: how}}
		},
		marks:     []string{"systemDefault", "isSystemCode"},
		protected: spec{"name": "RONA", "workTypeCode": "IDLE_CODE", "workTypeRef": map[string]any{"remoteName": idleWorkType}},
		references: []reference{{
			spec: "workTypeRef", misfit: wrapUpWorkType,
			remote: func(w *world, name string) { w.addTo(w.entityPath("work-type"), "id", remoteWorkType(name)) },
			target: func(w *world, name string) *resource {
				other := *w
				other.kind = workType()
				return other.createNamed(name, spec{"workTypeCode": "IDLE_CODE"})
			},
		}},
		rejected: func(w *world) (spec, string) {
			for _, one := range w.remotes() {
				if one["workTypeCode"] == "WRAP_UP_CODE" {
					w.deleteRemote(w.remoteID(one))
				}
			}
			return spec{"workTypeCode": "WRAP_UP_CODE", "workTypeRef": map[string]any{"remoteName": wrapUpWorkType}},
				"the first code of a work type code should be the default"
		},
	}
}

func workType() *kind {
	return &kind{
		name: "WorkType", resource: "WorkType", entity: "work-type", paged: true,
		minimal: func(name string) spec { return named(name, spec{"workTypeCode": "IDLE_CODE"}) },
		fields: []field{
			{spec: "description", from: "Breaks of the care team", to: "Breaks of all teams"},
			{spec: "active", from: true, to: false},
		},
		remote:    func(_ *world, name string) record { return remoteWorkType(name) },
		unowned:   field{spec: "description", to: "written by hand"},
		clearable: field{spec: "description", from: "Breaks of the care team"},
		immutable: map[string]any{"workTypeCode": "WRAP_UP_CODE"},
		block: func(w *world, id string) (string, func()) {
			user := w.addTo(w.entityPath("auxiliary-code"), "id", record{
				"name": "Blocking code", "workTypeCode": "IDLE_CODE", "workTypeId": id, "active": true, "defaultCode": false,
			})
			return "Blocking code", func() { w.behind(http.MethodDelete, w.entityPath("auxiliary-code")+"/"+user, nil, nil) }
		},
		marks:     []string{"systemDefault"},
		protected: spec{"name": idleWorkType, "workTypeCode": "IDLE_CODE"},
		rejected: func(w *world) (spec, string) {
			rule := w.kind.writes()
			rule.Status, rule.Body = http.StatusBadRequest, `{"trackingId":"t-1","error":{"key":"400","message":[{"description":"name: must not be funny"}]}}`
			w.faults(rule)
			return spec{"workTypeCode": "IDLE_CODE"}, "must not be funny"
		},
	}
}

// named sets spec.name unless the name is empty.
func named(name string, content spec) spec {
	if name == "" {
		return content
	}
	return content.with("name", name)
}
