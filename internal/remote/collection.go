package remote

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"time"
)

// Operation is a kind of write.
type Operation string

// The writes.
const (
	Create Operation = "Create"
	Update Operation = "Update"
	Delete Operation = "Delete"
)

// Abilities tells what the routes of a collection can do; the loop adapts to them and asks for nothing else.
type Abilities struct {
	// CompleteRows: list rows carry every field of the object. Without it, rows carry a few and Read gives the rest.
	CompleteRows bool
	// PartialUpdate: Update sends only what changes. Without it the whole object is sent, and Write.Base is needed.
	PartialUpdate bool
	// Dated: objects carry the time of their creation.
	Dated bool
	// Namesakes: the service takes several objects of one name, and may be at work this long on a create that nobody waits
	// for any more; 0 where it refuses the second.
	Namesakes time.Duration
	// Filter: Find works.
	Filter bool
	// Batch is how many writes one call may carry, by operation; missing or 1 means one by one.
	Batch map[Operation]int
	// NeedsBase lists the writes that need Write.Base when several go in one call.
	NeedsBase map[Operation]bool
}

// Key names an object: by id, by name, or by both (either matches).
type Key struct {
	ID   string
	Name string
}

// Write is one write to one object.
type Write struct {
	// ID of the object; empty for Create.
	ID string
	// Object: for Create everything to send, for Update the fields that change, for Delete nothing.
	Object Object
	// Base is the object as it is now, where the collection needs it; for a partial update as it was listed, nil if it was not.
	Base Object
	// SendBefore: later it is not sent any more; zero means never.
	SendBefore time.Time
}

// Result is what came of one write.
type Result struct {
	// ID of the object after the write. It may differ from Write.ID where a service renames (see apio).
	ID string
	// Object as answered; nil where the service does not echo it. It lacks what only a row of the listing has.
	Object Object
	// TrackingID of the answer.
	TrackingID string
	// Err is nil when the service said that this write was carried out.
	Err error
	// Partial, with Err: the object was written, under ID, but another step of the write failed.
	Partial bool
	// Failed, with Partial, are the paths that were not written, or not for certain.
	Failed []string
}

// Wrote tells whether a path was written, all of it, by a write that had it.
func (r Result) Wrote(path string) bool {
	return !slices.ContainsFunc(r.Failed, func(failed string) bool {
		return failed == path || strings.HasPrefix(failed, path+".") || strings.HasPrefix(path, failed+".")
	})
}

// Written is what was written of the object that was sent.
func (r Result) Written(sent Object) Object {
	written := sent.Clone()
	for _, path := range r.Failed {
		written.Delete(path)
	}
	return written
}

// Users are the objects that refer to another one.
type Users struct {
	// Total is how many there are.
	Total int
	// Named are the first of each type, a page at most.
	Named []User
}

// User is an object that refers to another one and so blocks its deletion.
type User struct {
	Type string
	ID   string
	Name string
}

// Collection is one set of remote objects behind one route. Implementations are safe for concurrent use.
type Collection interface {
	// Abilities never change.
	Abilities() Abilities
	// List reads all rows. It returns an error rather than an incomplete or inconsistent listing.
	List(ctx context.Context) (Listing, error)
	// Find reads the rows with these ids or names only; needs Abilities.Filter.
	Find(ctx context.Context, keys []Key) (Listing, error)
	// Read reads one object in full; NotFound where there is none.
	Read(ctx context.Context, id string) (Object, error)
	// Apply carries out writes of one operation, at most Abilities.Batch of them, and returns one result a write.
	Apply(ctx context.Context, operation Operation, writes []Write) []Result
	// Users tells who refers to an object.
	Users(ctx context.Context, id string) (Users, error)
}

// PartReader is a Collection whose objects have parts with routes of their own, which Read leaves out. Apply writes them
// under the names of fields.
type PartReader interface {
	// ReadPart reads one part of an object; NotFound where there is no such object.
	ReadPart(ctx context.Context, id, part string) (any, error)
}

// SecretMaker is a Collection that can make a value for a write-only field by the service's own rules.
type SecretMaker interface {
	// MakeSecret makes a value for the field at this path.
	MakeSecret(ctx context.Context, field string) (string, error)
}

// Listing is a complete answer to List or Find.
type Listing struct {
	// Began is when the first request was sent, by the local clock.
	Began time.Time
	// Skew is the service's clock minus the local one.
	Skew time.Duration
	// Pages is how many requests it took.
	Pages int
	// Rows in no order.
	Rows []Record
}

// Record is one row, kept as the bytes that came: a tenth of the decoded tree's size.
type Record struct {
	ID      string
	Name    string
	Created time.Time
	// Raw is the row as compact JSON in the collection's own form.
	Raw []byte
	// Hash of Raw, stable within the process.
	Hash uint64
}

var seed = maphash.MakeSeed()

// NewRecord makes a record and its hash.
func NewRecord(id, name string, created time.Time, raw []byte) Record {
	return Record{ID: id, Name: name, Created: created, Raw: raw, Hash: maphash.Bytes(seed, raw)}
}

// Object decodes the record.
func (r Record) Object() (Object, error) { return Decode(r.Raw) }
