package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// condition is a parsed filter or search.
type condition interface {
	holds(fields map[string]any) bool
	// candidates are the only objects that can hold, if an index knows them.
	candidates(in *collection) (rows []*record, known bool)
}

type (
	allOf      []condition
	anyOf      []condition
	comparison struct {
		field    string
		operator string
		values   []string
		patterns []*regexp.Regexp // of the values with stars
	}
	containing struct {
		columns []string
		word    string // lower case
	}
)

func (a allOf) holds(fields map[string]any) bool {
	for _, one := range a {
		if !one.holds(fields) {
			return false
		}
	}
	return true
}

func (a allOf) candidates(in *collection) ([]*record, bool) {
	for _, one := range a {
		if rows, known := one.candidates(in); known {
			return rows, true
		}
	}
	return nil, false
}

func (a anyOf) holds(fields map[string]any) bool {
	return slices.ContainsFunc(a, func(one condition) bool { return one.holds(fields) })
}

func (a anyOf) candidates(in *collection) ([]*record, bool) {
	var out []*record
	for _, one := range a {
		rows, known := one.candidates(in)
		if !known {
			return nil, false
		}
		out = append(out, rows...)
	}
	return out, true
}

func (c comparison) holds(fields map[string]any) bool {
	value, has := fields[c.field]
	switch c.operator {
	case "==", "=in=":
		return has && c.among(value)
	case "!=", "=out=":
		return !has || !c.among(value)
	}
	if !has {
		return false
	}
	order := compareValues(value, c.values[0])
	switch c.operator {
	case "=gt=", ">":
		return order > 0
	case "=ge=", ">=":
		return order >= 0
	case "=lt=", "<":
		return order < 0
	default:
		return order <= 0
	}
}

// among tells that a value, or an element of a list, is one of those asked for.
func (c comparison) among(value any) bool {
	if list, isList := value.([]any); isList {
		return slices.ContainsFunc(list, c.among)
	}
	given := fmt.Sprint(value)
	matches := func(pattern *regexp.Regexp) bool { return pattern.MatchString(given) }
	return slices.Contains(c.values, given) || slices.ContainsFunc(c.patterns, matches)
}

func (c comparison) candidates(in *collection) ([]*record, bool) {
	if c.operator != "==" && c.operator != "=in=" {
		return nil, false
	}
	var out []*record
	for _, value := range c.values {
		switch c.field {
		case "id":
			if found := in.get(value); found != nil {
				out = append(out, found)
			}
		case in.entity.key[0]:
			if len(in.entity.key) > 1 || len(c.patterns) > 0 {
				return nil, false
			}
			out = append(out, in.byName[strings.ToLower(value)]...)
		default:
			return nil, false
		}
	}
	return out, true
}

func (c containing) holds(fields map[string]any) bool {
	return slices.ContainsFunc(c.columns, func(column string) bool {
		return strings.Contains(strings.ToLower(asText(fields[column])), c.word)
	})
}

func (c containing) candidates(*collection) ([]*record, bool) { return nil, false }

// condition reads the filter and search parameters; nil = everything.
func (e *entity) condition(c *call, t *tenant) (condition, *refusal) {
	var all allOf
	if given := c.query.get("filter"); given != "" {
		parsed, err := parseFilter(given, e.filterable)
		if err != nil {
			return nil, invalid("filter: " + err.Error())
		}
		all = append(all, e.rewrite(parsed, t))
	}
	if given := c.query.get("search"); given != "" {
		parsed, err := e.parseSearch(given)
		if err != nil {
			return nil, invalid("search: " + err.Error())
		}
		all = append(all, parsed)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

func (e *entity) filterable(name string) bool {
	described := e.fieldsByName[name]
	return e.virtual[name] != nil || described != nil && !described.notFilterable && !described.computed
}

// rewrite replaces filters on what is no field by the objects that they mean.
func (e *entity) rewrite(parsed condition, t *tenant) condition {
	switch c := parsed.(type) {
	case allOf:
		for i := range c {
			c[i] = e.rewrite(c[i], t)
		}
	case anyOf:
		for i := range c {
			c[i] = e.rewrite(c[i], t)
		}
	case comparison:
		find := e.virtual[c.field]
		if find == nil {
			return c
		}
		out := comparison{field: "id", operator: "=in="}
		if c.operator == "!=" || c.operator == "=out=" {
			out.operator = "=out="
		}
		for _, value := range c.values {
			out.values = append(out.values, find(t, value)...)
		}
		return out
	}
	return parsed
}

// parseSearch reads a plain word, or field=="name";value=="word", or fields=in=("a","b");value=="word".
func (e *entity) parseSearch(given string) (condition, error) {
	plain := containing{columns: e.searchColumns, word: strings.ToLower(given)}
	if !strings.Contains(given, "==") {
		return plain, nil
	}
	isKey := func(name string) bool { return name == "field" || name == "fields" || name == "value" }
	parsed, err := parseFilter(given, isKey)
	if err != nil {
		return nil, err
	}
	parts, ok := parsed.(allOf)
	if !ok {
		return nil, fmt.Errorf("field and value are expected in %q", given)
	}
	narrow := containing{}
	for _, part := range parts {
		one, ok := part.(comparison)
		if !ok {
			return nil, fmt.Errorf("field and value are expected in %q", given)
		}
		if one.field == "value" {
			narrow.word = strings.ToLower(one.values[0])
		} else {
			narrow.columns = one.values
		}
	}
	for _, column := range narrow.columns {
		if !slices.Contains(e.searchColumns, column) {
			return nil, fmt.Errorf("unsupported field %s", column)
		}
	}
	return narrow, nil
}

// The live service documents == != =in= =out=; its engine has the others too.
var filterOperators = []string{"==", "!=", "=in=", "=out=", "=gt=", "=ge=", "=lt=", "=le=", ">=", "<=", ">", "<"}

// filterParser reads RSQL: comparisons joined by ; and , and parentheses.
type filterParser struct {
	rest    string
	allowed func(field string) bool
	depth   int // open parentheses
}

// deepestFilter bounds the parentheses in parentheses, and with them the stack.
const deepestFilter = 100

func parseFilter(given string, allowed func(string) bool) (condition, error) {
	p := &filterParser{rest: given, allowed: allowed}
	parsed, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if p.skipSpace(); p.rest != "" {
		return nil, fmt.Errorf("unexpected %q", p.rest)
	}
	return parsed, nil
}

func (p *filterParser) alternatives() (condition, error) {
	return p.sequence(func(parts []condition) condition { return anyOf(parts) }, p.conjunction, ",", "or ")
}

func (p *filterParser) conjunction() (condition, error) {
	return p.sequence(func(parts []condition) condition { return allOf(parts) }, p.operand, ";", "and ")
}

// sequence reads operands with one of two signs between them; a single operand stays as it is.
func (p *filterParser) sequence(
	join func([]condition) condition, operand func() (condition, error), sign, word string,
) (condition, error) {
	var parts []condition
	for {
		part, err := operand()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if !p.take(sign) && !p.take(word) {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return join(parts), nil
}

func (p *filterParser) operand() (condition, error) {
	if p.take("(") {
		if p.depth++; p.depth > deepestFilter {
			return nil, fmt.Errorf("more than %d parentheses in parentheses", deepestFilter)
		}
		inner, err := p.alternatives()
		p.depth--
		if err == nil && !p.take(")") {
			err = fmt.Errorf("a closing parenthesis is missing before %q", p.rest)
		}
		return inner, err
	}
	return p.comparison()
}

func (p *filterParser) comparison() (condition, error) {
	p.skipSpace()
	end := strings.IndexAny(p.rest, "=!<>();, '\"")
	if end <= 0 {
		return nil, fmt.Errorf("a field name is expected at %q", p.rest)
	}
	c := comparison{field: p.rest[:end]}
	p.rest = p.rest[end:]
	if !p.allowed(c.field) {
		return nil, fmt.Errorf("unknown or unsupported field %s", c.field)
	}
	for _, operator := range filterOperators {
		if p.take(operator) {
			c.operator = operator
			break
		}
	}
	var err error
	switch c.operator {
	case "":
		return nil, fmt.Errorf("unknown operator at %q", p.rest)
	case "=in=", "=out=":
		c.values, err = p.valueList()
	default:
		var value string
		value, err = p.value()
		c.values = []string{value}
	}
	for _, value := range c.values {
		if err != nil || !strings.Contains(value, "*") {
			continue
		}
		var pattern *regexp.Regexp
		pattern, err = regexp.Compile("^(?s:" + strings.ReplaceAll(regexp.QuoteMeta(value), `\*`, ".*") + ")$")
		c.patterns = append(c.patterns, pattern)
	}
	return c, err
}

func (p *filterParser) valueList() ([]string, error) {
	if !p.take("(") {
		return nil, fmt.Errorf("a list of values is expected at %q", p.rest)
	}
	var values []string
	for {
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		if p.take(")") {
			return values, nil
		}
		if !p.take(",") {
			return nil, fmt.Errorf("a comma is expected at %q", p.rest)
		}
	}
}

// value reads a quoted value of either style, or a bare word.
func (p *filterParser) value() (string, error) {
	p.skipSpace()
	if p.rest != "" && (p.rest[0] == '\'' || p.rest[0] == '"') {
		return p.quoted(p.rest[0])
	}
	end := strings.IndexAny(p.rest, ";,() '\"")
	if end < 0 {
		end = len(p.rest)
	}
	if end == 0 {
		return "", fmt.Errorf("a value is expected at %q", p.rest)
	}
	value := p.rest[:end]
	p.rest = p.rest[end:]
	return value, nil
}

func (p *filterParser) quoted(quote byte) (string, error) {
	var value strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch p.rest[i] {
		case quote:
			p.rest = p.rest[i+1:]
			return value.String(), nil
		case '\\':
			if i++; i < len(p.rest) {
				value.WriteByte(p.rest[i])
			}
		default:
			value.WriteByte(p.rest[i])
		}
	}
	return "", fmt.Errorf("a quote is not closed in %q", p.rest)
}

func (p *filterParser) skipSpace() { p.rest = strings.TrimLeft(p.rest, " ") }

func (p *filterParser) take(token string) bool {
	p.skipSpace()
	rest, found := strings.CutPrefix(p.rest, token)
	if found {
		p.rest = rest
	}
	return found
}
