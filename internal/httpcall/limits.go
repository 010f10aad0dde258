package httpcall

import "fmt"

// Limits of an answer. A zero means the limit of a single object.
type Limits struct {
	// Bytes of the body, decompressed.
	Bytes int
	// Rows is how many elements an array may have that is a field of the answer, which is where lists have their rows.
	Rows int
	// Values is how many JSON values there may be in all, which is what decoding them costs memory for.
	Values int
}

const (
	// objectBytes is ten times and more of the largest object known, and twice a bulk call.
	objectBytes  = 2 << 20
	objectValues = 50_000
	// maxDepth of arrays and objects in each other.
	maxDepth = 64
)

// PageLimits are those of one page of a list, of which so many rows were asked for. A service may round that up.
func PageLimits(asked int) Limits {
	const bytes, values = 8 << 20, 200_000
	return Limits{Bytes: bytes, Rows: asked + asked/2, Values: values}
}

// ListLimits are those of a list that comes in one piece.
func ListLimits() Limits {
	const bytes, rows, values = 8 << 20, 20_000, 400_000
	return Limits{Bytes: bytes, Rows: rows, Values: values}
}

func (r Request) limits() Limits {
	limits := r.Limits
	if limits.Bytes == 0 {
		limits.Bytes = objectBytes
	}
	if limits.Values == 0 {
		limits.Values = objectValues
	}
	if limits.Rows == 0 {
		limits.Rows = limits.Values
	}
	return limits
}

// BoundError says that an answer, or a set of answers, is larger than is taken.
type BoundError struct {
	// What there is too much of, such as "rows in a page".
	What string
	// Most is the bound.
	Most int
}

// Error names the bound. It is the same for all answers that exceed it.
func (e *BoundError) Error() string {
	return fmt.Sprintf("the answer exceeds a bound: more than %d %s", e.Most, e.What)
}

// check counts what is in a JSON text before anything of it is decoded. It does not tell whether the text is valid.
func (l Limits) check(body []byte) error {
	depth, values, rows, fields := 0, 0, 0, -1
	text, escaped := false, false
	for _, letter := range body {
		if text {
			text = escaped || letter != '"'
			escaped = letter == '\\' && !escaped
			continue
		}
		switch letter {
		case '"':
			text = true
		case '{', '[':
			depth++
			values++
			if depth == 2 && letter == '[' {
				rows, fields = 1, 2
			}
		case '}', ']':
			if depth == fields {
				fields = -1
			}
			depth--
		case ',':
			values++
			if depth == fields {
				rows++
			}
		}
		switch {
		case depth > maxDepth:
			return &BoundError{What: "levels of nesting", Most: maxDepth}
		case rows > l.Rows:
			return &BoundError{What: "rows in one answer", Most: l.Rows}
		case values > l.Values:
			return &BoundError{What: "values in one answer", Most: l.Values}
		}
	}
	return nil
}
