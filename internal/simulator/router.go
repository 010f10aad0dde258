package simulator

import (
	"net/url"
	"strings"
)

// router finds the route of a path: fixed segments win over parameters, and a trailing slash is a segment of its own.
type router struct {
	root     routeNode
	patterns map[string]bool
}

type routeNode struct {
	fixed   map[string]*routeNode
	param   *routeNode
	name    string // of the parameter that leads here
	pattern string
	methods map[string]routeEntry
}

type routeEntry struct {
	handle handler
	login  bool
}

// match is the result of a search. handle is nil when no route fits; otherMethod says that the path exists.
type match struct {
	routeEntry
	pattern     string
	params      map[string]string
	otherMethod bool
}

// add registers "METHOD /pattern/{param}".
func (r *router) add(route string, handle handler) { r.insert(route, routeEntry{handle: handle}) }

// addLogin registers a token or login call.
func (r *router) addLogin(route string, handle handler) {
	r.insert(route, routeEntry{handle: handle, login: true})
}

func (r *router) insert(route string, entry routeEntry) {
	method, pattern, _ := strings.Cut(route, " ")
	node := &r.root
	for segment := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
		node = node.child(segment)
	}
	node.pattern = pattern
	if node.methods == nil {
		node.methods = map[string]routeEntry{}
	}
	node.methods[method] = entry
	if r.patterns == nil {
		r.patterns = map[string]bool{}
	}
	r.patterns[pattern] = true
}

func (n *routeNode) child(segment string) *routeNode {
	if strings.HasPrefix(segment, "{") {
		if n.param == nil {
			n.param = &routeNode{name: strings.Trim(segment, "{}")}
		}
		return n.param
	}
	if n.fixed == nil {
		n.fixed = map[string]*routeNode{}
	}
	if n.fixed[segment] == nil {
		n.fixed[segment] = &routeNode{}
	}
	return n.fixed[segment]
}

func (r *router) find(method, escapedPath string) match {
	segments := strings.Split(strings.TrimPrefix(escapedPath, "/"), "/")
	found := match{params: map[string]string{}}
	if !r.root.walk(method, segments, &found) && !found.otherMethod {
		found.pattern = "(no route)"
	}
	return found
}

// walk goes back to the parameter when the fixed segment has the path but not the method:
// GET auxiliary-code/bulk is an item called "bulk".
func (n *routeNode) walk(method string, segments []string, found *match) bool {
	if len(segments) == 0 {
		return n.end(method, found)
	}
	value, err := url.PathUnescape(segments[0])
	if err != nil {
		return false
	}
	if next := n.fixed[value]; next != nil && next.walk(method, segments[1:], found) {
		return true
	}
	if n.param == nil || value == "" {
		return false
	}
	if !n.param.walk(method, segments[1:], found) {
		return false
	}
	found.params[n.param.name] = value
	return true
}

func (n *routeNode) end(method string, found *match) bool {
	if n.methods == nil {
		return false
	}
	entry, ok := n.methods[method]
	if !ok {
		if !found.otherMethod {
			found.pattern, found.otherMethod = n.pattern, true
		}
		return false
	}
	found.routeEntry, found.pattern, found.otherMethod = entry, n.pattern, false
	return true
}
