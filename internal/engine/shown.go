package engine

import "wxcc.dev/operator/internal/remote"

// afterWrite is what is known of an object without reading it again: the answer to the write or, where there is none
// with an object in it, what was read before but for what was written; nil where nothing was.
func afterWrite(answer, before, written remote.Object) remote.Object {
	if answer != nil || before == nil {
		return answer
	}
	known := before.Clone()
	for _, path := range written.Leaves() {
		known.Delete(path)
	}
	return known
}

// shown puts the object together from what is known after a write of this visit and the row, which was read after it; nil
// where the spec owns something that neither tells, which takes a read of the object.
func (v *visit[T]) shown(row remote.Record) (remote.Object, error) {
	if v.known == nil {
		return nil, nil
	}
	listed, err := row.Object()
	if err != nil {
		return nil, err
	}
	whole := v.known.Clone()
	for _, path := range listed.Leaves() {
		if _, told := whole.Get(path); !told {
			value, _ := listed.Get(path)
			whole.Set(path, value)
		}
	}
	for _, path := range v.owned.Leaves() {
		field := v.r.kind.fieldAt(path)
		if _, told := whole.Get(path); !told && !field.CreateOnly && !field.Secret {
			return nil, nil
		}
	}
	return whole, nil
}
