package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// department finds a department and returns it as the gateway shows it, with its parents. One without a group belongs to
// the enterprise, unless only the group has one of that name.
func (in *group) department(name, groupID string) (shown map[string]any, fullPath string, found bool) {
	if path, ok := departmentPath(in.enterprise, name); ok && groupID == "" {
		return map[string]any{"tenantId": in.key.tenant, "departmentName": name}, path, true
	}
	path, ok := departmentPath(in.seed.Departments, name)
	if !ok || groupID != "" && groupID != in.key.group {
		return nil, "", false
	}
	return map[string]any{"tenantId": in.key.tenant, "groupId": in.key.group, "departmentName": name}, path, true
}

func departmentPath(paths []string, name string) (string, bool) {
	for _, path := range paths {
		if parts := strings.Split(path, "/"); parts[len(parts)-1] == name {
			return strings.Join(parts, ` \ `), true
		}
	}
	return "", false
}

// fullPath is the name of a stored department with its parents.
func (in *group) fullPath(department map[string]any) string {
	name := asText(department["departmentName"])
	_, path, _ := in.department(name, asText(department["groupId"]))
	return orDefault(path, name)
}

func (w *centerWrite) setDepartment(profile map[string]any) error {
	value, given := profile["department"]
	if !given {
		return nil
	}
	if value == nil || value == "" {
		delete(w.next.profile, "department")
		return nil
	}
	department, _ := value.(map[string]any)
	if group, given := department["groupId"]; given && group == nil {
		return fmt.Errorf("department: groupId: a text is expected")
	}
	name := asText(department["departmentName"])
	shown, _, found := w.in.department(name, asText(department["groupId"]))
	if !found || orDefault(asText(department["tenantId"]), w.in.key.tenant) != w.in.key.tenant {
		return fmt.Errorf("department: not found: %s", name)
	}
	w.next.profile["department"] = shown
	return nil
}

func (s *Simulator) groupDepartments(_ *call, _ *gateway, in *group) answer {
	rows := []any{}
	for _, path := range slices.Sorted(slices.Values(in.seed.Departments)) {
		shown, fullPath, _ := in.department(path[strings.LastIndexByte(path, '/')+1:], in.key.group)
		shown["fullPathName"], shown["isEnterpriseDepartment"] = fullPath, "false"
		rows = append(rows, shown)
	}
	return s.shown(map[string]any{"departments": rows})
}
