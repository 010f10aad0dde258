package apio

import (
	"context"
	"fmt"
	"slices"
)

// part is a piece of a call center that has a route of its own.
type part struct {
	// field is its name in objects.
	field string
	read  func(ctx context.Context, c *CallCenters, id string) (any, error)
	// write makes the part equal to what is wanted. The type is empty where the write does not say it.
	write func(ctx context.Context, c *CallCenters, id, centerType string, wanted any) error
}

var parts = []part{
	memberList{field: FieldAgents, kept: []string{fieldWeight, fieldSkill}, typed: true}.part(),
	memberList{field: FieldSupervisors}.part(),
	{field: FieldHolidayService, read: readHolidayService, write: writeHolidayService},
}

// ReadPart implements remote.PartReader.
func (c *CallCenters) ReadPart(ctx context.Context, id, field string) (any, error) {
	index := slices.IndexFunc(parts, func(p part) bool { return p.field == field })
	if index < 0 {
		return nil, fmt.Errorf("call centers have no part %s", field)
	}
	return parts[index].read(ctx, c, id)
}

// writeParts writes each part that is given, whether or not the others could be written.
func (c *CallCenters) writeParts(ctx context.Context, a *attempt) {
	for _, p := range parts {
		wanted, given := a.wanted[p.field]
		if !given || a.over {
			continue
		}
		a.result.Object = nil // it has none of the parts, so it proves too little
		if err := p.write(ctx, c, a.result.ID, a.wanted.Text("type"), wanted); err != nil {
			a.failed(err, p.field)
			continue
		}
		a.wrote(p.field)
	}
}
