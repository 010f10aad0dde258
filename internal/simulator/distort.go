package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// distort changes a finished answer as the rule says.
func (r *FaultRule) distort(a answer) answer {
	if r.Work && r.Status != 0 {
		return r.given()
	}
	if !r.Reorder {
		return a
	}
	content, err := a.encode()
	if err != nil || len(content) == 0 {
		return a
	}
	decoded, err := decodeJSON(content)
	if err != nil {
		return a
	}
	reverseArrays(decoded)
	a.raw, a.body = nil, decoded
	return a
}

func reverseArrays(value any) {
	switch v := value.(type) {
	case []any:
		slices.Reverse(v)
		for _, element := range v {
			reverseArrays(element)
		}
	case map[string]any:
		for _, element := range v {
			reverseArrays(element)
		}
	}
}

// cut leaves about half of the content, which is never valid JSON.
func cut(content []byte) []byte {
	if len(content) < 2 {
		return []byte("{")
	}
	return content[:len(content)/2]
}

var errTrailingJSON = errors.New("more than one JSON value")

// decodeJSON decodes one JSON value and keeps numbers as they are written.
func decodeJSON(content []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return value, ended(decoder)
}

// ended tells that nothing but space is left. More is not enough: it takes a bracket too many for an end.
func ended(decoder *json.Decoder) error {
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errTrailingJSON
	}
	return nil
}
