package manager

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
)

// namespaceList is a flag with names of namespaces, separated by commas; the flag may be repeated. It takes no mistake: to a
// cache, an empty name means all namespaces.
type namespaceList []string

// Set implements pflag.Value.
func (n *namespaceList) Set(text string) error {
	for name := range strings.SplitSeq(text, ",") {
		if name == "" {
			return errors.New("the name of a namespace is empty; leave the flag out to work in all of them")
		}
		if problems := validation.IsDNS1123Label(name); len(problems) > 0 {
			return fmt.Errorf("%q is no namespace: %s", name, strings.Join(problems, "; "))
		}
		if slices.Contains(*n, name) {
			return fmt.Errorf("%q stands there twice", name)
		}
		*n = append(*n, name)
	}
	return nil
}

// String implements pflag.Value.
func (n *namespaceList) String() string { return strings.Join(*n, ",") }

// Type implements pflag.Value.
func (n *namespaceList) Type() string { return "names" }

// labelSelector is a flag that selects something by labels; nil when it is not given.
type labelSelector struct{ labels.Selector }

// Set implements pflag.Value.
func (s *labelSelector) Set(text string) error {
	selector, err := labels.Parse(text)
	if err != nil {
		return err
	}
	if selector.Empty() {
		return errors.New("it selects everything; leave the flag out for that")
	}
	s.Selector = selector
	return nil
}

// String implements pflag.Value.
func (s *labelSelector) String() string {
	if s.Selector == nil {
		return ""
	}
	return s.Selector.String()
}

// Type implements pflag.Value.
func (s *labelSelector) Type() string { return "selector" }

// byteSize is a flag with a number of bytes as Kubernetes writes them, such as 512Mi or 536870912.
type byteSize int64

// Set implements pflag.Value.
func (b *byteSize) Set(text string) error {
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return err
	}
	if quantity.Sign() <= 0 {
		return errors.New("it must be positive")
	}
	*b = byteSize(quantity.Value())
	return nil
}

// String implements pflag.Value.
func (b *byteSize) String() string {
	if *b == 0 {
		return ""
	}
	return resource.NewQuantity(int64(*b), resource.BinarySI).String()
}

// Type implements pflag.Value.
func (b *byteSize) Type() string { return "bytes" }
