package simulator

import "maps"

// readCallCenter answers E2.
func (s *Simulator) readCallCenter(c *call, _ *gateway, in *group) answer {
	center := in.get(c.params["id"], c.lies.stale)
	if center == nil {
		return s.unknownCallCenter(c.params["id"])
	}
	return s.shown(center.shown(in.dialect))
}

// listCallCenters answers E3: flat rows, the only place that shows active.
func (s *Simulator) listCallCenters(c *call, _ *gateway, in *group) answer {
	rows := []any{}
	for _, center := range in.sorted(c.lies.stale) {
		rows = append(rows, s.centerRow(in, center))
	}
	return s.shown(map[string]any{"call_centers": rows})
}

func (s *Simulator) centerRow(in *group, center *callCenter) map[string]any {
	row := map[string]any{
		"serviceUserId": center.id, "name": center.profile["name"], "phoneNumber": center.profile["phoneNumber"],
		"extension": center.profile["extension"], "department": "", "active": center.active,
		"policy": center.instance["policy"], "type": center.instance["type"],
	}
	if s.options.CallCenters.NumbersUseCLI {
		row["phoneNumber"] = nationalNumber(asText(center.profile["phoneNumber"]), in.seed.CountryCode)
	}
	if department, ok := center.profile["department"].(map[string]any); ok {
		shown := maps.Clone(department)
		shown["fullPathName"] = in.fullPath(department)
		row["department"] = shown
	}
	return row
}

// shown is the object as GET, POST and PUT answer it: without password and without active.
func (c *callCenter) shown(in GatewayDialect) map[string]any {
	instance, profile := maps.Clone(c.instance), maps.Clone(c.profile)
	instance["serviceUserId"], instance["serviceInstanceProfile"] = c.id, profile
	in.apply(instance, profile)
	return map[string]any{"callCenterInstance": instance}
}
