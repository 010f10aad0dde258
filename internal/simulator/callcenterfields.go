package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	typeBasic    = "Basic"
	typeStandard = "Standard"
	typePremium  = "Premium"
)

var (
	allTypes        = []string{typeBasic, typeStandard, typePremium}
	standardPremium = []string{typeStandard, typePremium}
	premiumOnly     = []string{typePremium}
	codecs          = []string{"None", "G711", "G722", "G729", "G726", "AMR", "AMR-WB", "OPUS"}
)

// centerField describes one property of a call center or of its profile.
type centerField struct {
	name         string
	kind         fieldKind
	types        []string // call-center types that have the field
	required     bool     // on create
	minimum      int
	maximum      int
	enum         []string
	pattern      *regexp.Regexp
	defaultValue any
	// cleared is what null and "" lead to; nil = they are refused, as far as the limits refuse them.
	cleared any
	// readOnly fields are ignored in a body.
	readOnly bool
}

// noValue is a cleared field that reads as null.
type noValue struct{}

var centerFields = []centerField{
	{name: "type", enum: allTypes, defaultValue: typeBasic},
	{name: "policy", required: true, enum: []string{"Circular", "Regular", "Simultaneous", "Uniform", "Weighted"}},
	{name: "routingType", types: premiumOnly, enum: []string{"Priority Based", "Skill Based"}, defaultValue: "Priority Based"},
	{name: "queueLength", kind: integer, maximum: 525, defaultValue: int64(0)},
	{name: "enableReporting", kind: boolean, types: standardPremium, defaultValue: false},
	{name: "allowCallerToDialEscapeDigit", kind: boolean, defaultValue: true},
	{name: "escapeDigit", pattern: regexp.MustCompile(`^[0-9*#]$`), defaultValue: "0"},
	{name: "resetCallStatisticsUponEntryInQueue", kind: boolean, defaultValue: false},
	{name: "allowAgentLogoff", kind: boolean, defaultValue: false},
	{name: "allowCallWaitingForAgents", kind: boolean, defaultValue: false},
	{name: "allowCallsToAgentsInWrapUp", kind: boolean, types: standardPremium, defaultValue: false},
	{name: "overrideAgentWrapUpTime", kind: boolean, types: standardPremium, defaultValue: false},
	{name: "wrapUpSeconds", kind: integer, types: standardPremium, minimum: 1, maximum: 3600, defaultValue: int64(0), cleared: int64(0)},
	{name: "forceDeliveryOfCalls", kind: boolean, types: premiumOnly, defaultValue: false},
	{name: "forceDeliveryWaitTimeSeconds", kind: integer, types: premiumOnly, minimum: 1, maximum: 10, defaultValue: int64(1), cleared: int64(0)},
	{name: "enableAutomaticStateChangeForAgents", kind: boolean, types: standardPremium, defaultValue: false},
	{name: "agentStateAfterCall", types: standardPremium, enum: []string{"Available", "Unavailable", "Wrap-Up"}, defaultValue: "Available"},
	{name: "agentUnavailableCode", types: standardPremium, minimum: 1, maximum: 10, defaultValue: "", cleared: ""},
	{name: "externalPreferredAudioCodec", enum: codecs, defaultValue: "None"},
	{name: "internalPreferredAudioCodec", enum: codecs, defaultValue: "None"},
	{name: "playRingingWhenOfferingCall", kind: boolean, defaultValue: true},
	{name: "callCenterQueueThresholdsIsActive", kind: boolean, readOnly: true, defaultValue: false},
	{name: "networkClassOfService", minimum: 1, maximum: 40, defaultValue: ""},
}

var profileFields = []centerField{
	{name: "name", required: true, minimum: 1, maximum: 30},
	{name: "cliFirstName", required: true, minimum: 1, maximum: 30, pattern: cliName},
	{name: "cliLastName", required: true, minimum: 1, maximum: 30, pattern: cliName},
	{name: "phoneNumber", minimum: 1, maximum: 23, pattern: regexp.MustCompile(`^\+[0-9]+$`), defaultValue: "", cleared: ""},
	{name: "extension", minimum: 2, maximum: 20, pattern: regexp.MustCompile(`^[0-9]+$`), defaultValue: "", cleared: ""},
	{name: "cliPhoneNumber", minimum: 1, maximum: 23, defaultValue: noValue{}, cleared: noValue{}},
	{name: "language", minimum: 1, maximum: 40},
	{name: "timeZone", minimum: 1, maximum: 127},
	{name: "publicUserIdentity", minimum: 1, maximum: 161, pattern: regexp.MustCompile(`^[^@:]+@[^@]+$`), defaultValue: "", cleared: ""},
}

// cliName keeps out the characters that the network element refuses.
var cliName = regexp.MustCompile(`^[^%+\\"\x{80}-\x{ff}]*$`)

// accept reads the field from a body. The first result is nil if the body leaves the stored value alone.
func (f *centerField) accept(body map[string]any) (any, error) {
	value, given := body[f.name]
	if !given || f.readOnly {
		return nil, nil
	}
	if f.cleared != nil && (value == nil || value == "") {
		return f.cleared, nil
	}
	switch f.kind {
	case boolean:
		accepted, isBoolean := value.(bool)
		if !isBoolean {
			return nil, fmt.Errorf("%s: a boolean is expected", f.name)
		}
		return accepted, nil
	case integer:
		number, ok := asInteger(value)
		if !ok || number < int64(f.minimum) || number > int64(f.maximum) {
			return nil, fmt.Errorf("%s: a number from %d to %d is expected", f.name, f.minimum, f.maximum)
		}
		return number, nil
	default:
		return f.acceptText(value)
	}
}

func (f *centerField) acceptText(value any) (any, error) {
	content, isText := value.(string)
	length := utf8.RuneCountInString(content)
	switch {
	case !isText:
		return nil, fmt.Errorf("%s: a text is expected", f.name)
	case f.enum != nil && !slices.Contains(f.enum, content):
		return nil, fmt.Errorf("%s: one of %s is expected", f.name, strings.Join(f.enum, ", "))
	case f.maximum > 0 && (length < f.minimum || length > f.maximum):
		return nil, fmt.Errorf("%s: %d to %d characters are expected", f.name, f.minimum, f.maximum)
	case f.pattern != nil && !f.pattern.MatchString(content):
		return nil, fmt.Errorf("%s: the format is wrong", f.name)
	}
	return content, nil
}

// fitsType tells whether a call center of the type has the field.
func (f *centerField) fitsType(kind string) bool {
	return f.types == nil || slices.Contains(f.types, kind)
}

// applyFields changes target by the fields of a body that the type has; creating fills in defaults.
func applyFields(fields []centerField, target, body map[string]any, kind string, creating bool) error {
	for i := range fields {
		f := &fields[i]
		value, err := f.accept(body)
		if err != nil {
			return err
		}
		if value != nil && !f.fitsType(kind) {
			return fmt.Errorf("%s: not supported by a call center of type %s", f.name, kind)
		}
		if value == nil && creating {
			if f.required {
				return fmt.Errorf("%s: is required", f.name)
			}
			value = f.defaultValue
		}
		switch value.(type) {
		case nil:
		case noValue:
			target[f.name] = nil
		default:
			target[f.name] = value
		}
	}
	return nil
}
