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

// tally is what has been counted of an answer.
type tally struct{ depth, values, rows int }

// exceeded names the bound that a tally is beyond.
func (l Limits) exceeded(so tally) error {
	switch {
	case so.depth > maxDepth:
		return &BoundError{What: "levels of nesting", Most: maxDepth}
	case so.rows > l.Rows:
		return &BoundError{What: "rows in one answer", Most: l.Rows}
	case so.values > l.Values:
		return &BoundError{What: "values in one answer", Most: l.Values}
	}
	return nil
}

// check counts what is in a JSON text before anything of it is decoded. It does not tell whether the text is valid.
func (l Limits) check(body []byte) error {
	const none, rowsDepth = -1, 2 // an array that is a field of the answer
	var so tally
	inRows := none
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
			continue
		case '{', '[':
			so.depth++
			so.values++
			if so.depth == rowsDepth && letter == '[' {
				so.rows, inRows = 1, rowsDepth
			}
		case '}', ']':
			if so.depth == inRows {
				inRows = none
			}
			so.depth--
		case ',':
			so.values++
			if so.depth == inRows {
				so.rows++
			}
		default:
			continue
		}
		if err := l.exceeded(so); err != nil {
			return err
		}
	}
	return nil
}
