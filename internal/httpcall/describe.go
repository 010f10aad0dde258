package httpcall

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// Describe is the text of a transport failure: what failed, against which address and why. It leaves out what differs
// between two equal failures, such as the port that the connection came from: the text ends up in conditions, and each
// change of one is a write.
func Describe(err error) string {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // url.Error repeats the URL, whose query may be long
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return strings.ReplaceAll(err.Error(), operation.Error(), describeOperation(operation))
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return strings.ReplaceAll(err.Error(), lookup.Error(), describeLookup(lookup))
	}
	return err.Error()
}

func describeOperation(operation *net.OpError) string {
	text := operation.Op
	if operation.Net != "" {
		text += " " + operation.Net
	}
	if operation.Addr != nil {
		text += " " + operation.Addr.String()
	}
	if operation.Err == nil {
		return text
	}
	return text + ": " + Describe(operation.Err)
}

// describeLookup leaves out the name server, which may be another one each time, and the port it was asked from.
func describeLookup(lookup *net.DNSError) string {
	text := "lookup " + lookup.Name + ": "
	switch {
	case lookup.IsNotFound:
		return text + "no such host"
	case lookup.IsTimeout:
		return text + "timeout"
	}
	return text + "the name server gives no answer"
}
