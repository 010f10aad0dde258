package simulator

import (
	"net/http"
	"strconv"
	"strings"
)

// configError is the error body of the configuration service.
func configError(c *call, e *entity, why *refusal) answer {
	label := "cc_organization"
	if e != nil {
		label = e.label
	}
	return reply(why.status, apiError(c.tracking, label, why))
}

func apiError(tracking, label string, why *refusal) map[string]any {
	key := strconv.Itoa(why.status)
	messages := make([]any, 0, len(why.messages))
	for _, description := range why.messages {
		messages = append(messages, map[string]any{
			"description": description, "code": key, "entity": label, "references": []any{},
		})
	}
	content := map[string]any{"key": key, "reason": strings.Join(why.messages, " "), "message": messages}
	if why.referenced != nil {
		content["referencedEntities"] = why.referenced
	}
	return map[string]any{"trackingId": tracking, "error": content}
}

// frameworkError is what the web framework below the service says about an unknown path or verb: error is a string.
func (s *Simulator) frameworkError(c *call, status int) answer {
	return reply(status, map[string]any{
		"timestamp": s.now().UTC().Format("2006-01-02T15:04:05.000+00:00"),
		"status":    status, "error": http.StatusText(status), "path": c.path,
	})
}

// frontError comes from the API gateway in front of the contact center.
func frontError(c *call, status int, message string) answer {
	c.tracking = "GTWY_" + newUUID() + "_0"
	return reply(status, map[string]any{
		"errors": []any{map[string]any{"key": status, "message": message}}, "trackingId": c.tracking,
	})
}
