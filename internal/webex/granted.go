package webex

import "slices"

// scopeConfig is the older scope that covers both of the contact center's configuration scopes.
const scopeConfig = "cjp:config"

// Lacking returns those of the scopes that a grant certainly does not have; none where the grant is unknown (nil).
func Lacking(granted []string, scopes []Scope) []Scope {
	if granted == nil {
		return nil
	}
	var lacking []Scope
	for _, scope := range scopes {
		covered := (scope.Name == ScopeConfigRead || scope.Name == ScopeConfigWrite) && slices.Contains(granted, scopeConfig)
		if !covered && !slices.Contains(granted, scope.Name) {
			lacking = append(lacking, scope)
		}
	}
	return lacking
}
