package controllers

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

const (
	// defaultInventoryInterval is how often something periodic is read.
	defaultInventoryInterval = 24 * time.Hour
	// firstSyncRetry is when to read again what could not be read; each further failure doubles it, up to the interval.
	firstSyncRetry = 10 * time.Minute
	// syncSpread is the part of an interval by which organizations differ, so that they do not all read at once.
	syncSpread = 0.05
)

// eventSyncFailed tells that something periodic could not be read, once until it can.
const eventSyncFailed = "InventorySyncFailed"

// periodic is something that is read for an organization again and again. What it last found, and when, is in the status:
// a restart forgets nothing and repeats nothing.
type periodic struct {
	name v1alpha1.SyncName
	// scope that reading needs.
	scope string
	// wanted tells whether the spec asks for it at all.
	wanted func(*v1alpha1.WebexOrganizationSpec) bool
	// early tells whether the first read comes at once and not after an interval.
	early func(*v1alpha1.WebexOrganizationSpec) bool
	// read puts it into the status.
	read func(*organizationVisit, context.Context) error
	// failed is told why it could not be read; may be nil.
	failed func(*organizationVisit, *failure)
	// every is the wait after a read that succeeded, 0 for none; nil means the inventory interval.
	every func(*organizationVisit) time.Duration
}

func (p periodic) interval(v *organizationVisit) time.Duration {
	if p.every == nil {
		return v.inventoryInterval()
	}
	return p.every(v)
}

func always(*v1alpha1.WebexOrganizationSpec) bool { return true }

func syncOnCreate(spec *v1alpha1.WebexOrganizationSpec) bool { return spec.SyncOnCreate }

var periodics = []periodic{
	{name: v1alpha1.SyncLicenses, scope: webex.ScopeLicenses, wanted: always, early: syncOnCreate, read: (*organizationVisit).readLicenses},
	{name: v1alpha1.SyncRoles, scope: webex.ScopeRoles, wanted: always, early: syncOnCreate, read: (*organizationVisit).readRoles},
	{
		name: v1alpha1.SyncWholesaleCustomer, scope: webex.ScopeWholesaleCustomers, early: always,
		wanted: func(spec *v1alpha1.WebexOrganizationSpec) bool { return spec.Wholesale },
		read:   (*organizationVisit).readWholesale, failed: (*organizationVisit).wholesaleUnread,
		every: (*organizationVisit).wholesaleEvery,
	},
}

// inventory reads what is due of everything periodic. It may take minutes, so it comes when the connection is in use and
// its status is written. A failure leaves what was read before.
func (v *organizationVisit) inventory(ctx context.Context) error {
	if v.organization.Spec.OrganizationID == "" || v.dropped {
		return nil
	}
	due := v.plan()
	if !v.identified {
		return nil
	}
	if failed := v.held(v.session.webex.work); failed != nil && len(due) > 0 {
		v.dueAt(v.now.Add(failed.after))
		due = nil
	}
	if len(due) > 0 {
		if err := v.flush(ctx); err != nil {
			return err
		}
		v.asked, v.session.webex.syncAsked = v.session.webex.syncAsked, false
		v.readDue(ctx, due)
	}
	for i := range v.organization.Status.Syncs {
		if entry := &v.organization.Status.Syncs[i]; entry.Name != v1alpha1.SyncTokens && entry.NextTime != nil {
			v.dueAt(entry.NextTime.Time)
		}
	}
	v.judgeLicenses()
	return nil
}

// plan shows when everything periodic is due and returns what is due now.
func (v *organizationVisit) plan() []periodic {
	spec := &v.organization.Spec
	if !spec.Wholesale {
		v.endWholesale()
	}
	var due []periodic
	for _, p := range periodics {
		if !p.wanted(spec) {
			v.endSyncs(p.name)
			continue
		}
		entry := v.sync(p.name)
		if lacked := v.lackedScope(p.scope); len(lacked) > 0 {
			entry.NextTime = nil
			v.unread(p, stalled(v1alpha1.ReasonScopeMissing, "the token lacks "+describeScopes(lacked)))
			continue
		}
		at := v.dueTime(p, entry)
		entry.NextTime = timeOrNil(at)
		if !at.After(v.now) {
			due = append(due, p)
		}
	}
	return due
}

// dueTime is when something periodic is to be read: when somebody asks, at the first connection if it comes early, when
// consent has just been given or a scope that lacked was granted, and an interval after it was last read or, never read,
// after the resource was made. What is due at once was due when the resource was made: that time does not move on.
func (v *organizationVisit) dueTime(p periodic, entry *v1alpha1.SyncStatus) time.Time {
	made := v.organization.CreationTimestamp.Time
	if v.session.webex.syncAsked {
		return made
	}
	if consent := v.organization.Status.Authorization; consent != nil && consent.Phase == v1alpha1.AuthorizationObtained &&
		consent.FinishedAt != nil && (entry.LastTime == nil || entry.LastTime.Before(consent.FinishedAt)) {
		return consent.FinishedAt.Time
	}
	switch {
	case entry.LastTime == nil && p.early(&v.organization.Spec), entry.Result == v1alpha1.SyncFailed && entry.NextTime == nil:
		return made
	case entry.LastTime == nil:
		return made.Add(v.inventoryInterval())
	case entry.Result == v1alpha1.SyncFailed:
		return entry.NextTime.Time
	}
	return entry.LastTime.Add(p.interval(v))
}

// inventoryInterval is the spec's, shortened by up to syncSpread of it, always the same for one organization.
func (v *organizationVisit) inventoryInterval() time.Duration {
	interval := defaultInventoryInterval
	if v.organization.Spec.InventoryInterval != nil {
		interval = v.organization.Spec.InventoryInterval.Duration
	}
	sum := sha256.Sum256([]byte(v.organization.UID))
	part := float64(binary.BigEndian.Uint32(sum[:])) / (1 << 32)
	return interval - time.Duration(syncSpread*part*float64(interval))
}

// readDue reads behind everything that somebody waits for.
func (v *organizationVisit) readDue(ctx context.Context, due []periodic) {
	ctx, cancel := context.WithTimeout(remote.WithPriority(ctx, remote.Sweep), webex.SyncTimeout)
	defer cancel()
	for _, p := range due {
		err := p.read(v, ctx)
		entry := v.sync(p.name)
		if held := v.held(v.session.webex.work); err != nil && held != nil {
			v.dueAt(v.now.Add(held.after)) // nothing was found out about what was to be read
			return
		}
		if err != nil {
			wait := max(v.syncRetry(entry, v.inventoryInterval()), remote.RetryAfter(err))
			entry.LastTime, entry.NextTime = timeOrNil(v.now), timeOrNil(v.now.Add(wait))
			v.unread(p, failureOf(err))
			continue
		}
		entry.LastTime, entry.NextTime = timeOrNil(v.now), timeOrNil(v.now.Add(p.interval(v)))
		entry.Result, entry.Message = v1alpha1.SyncSucceeded, ""
	}
}

// syncRetry is the wait after one more failure. The one before it is in the status.
func (v *organizationVisit) syncRetry(entry *v1alpha1.SyncStatus, interval time.Duration) time.Duration {
	wait := firstSyncRetry
	if entry.Result == v1alpha1.SyncFailed && entry.LastTime != nil && entry.NextTime != nil {
		wait = max(wait, 2*entry.NextTime.Sub(entry.LastTime.Time))
	}
	return min(wait, interval)
}

// unread shows why something periodic could not be read.
func (v *organizationVisit) unread(p periodic, failed *failure) {
	entry := v.sync(p.name)
	if entry.Result != v1alpha1.SyncFailed {
		v.event(corev1.EventTypeWarning, eventSyncFailed, "Sync", fmt.Sprintf("%s: %s", p.name, failed.message))
	}
	entry.Result, entry.Message = v1alpha1.SyncFailed, shorten(failed.message)
	if p.failed != nil {
		p.failed(v, failed)
	}
}

// syncOrder is the order of the periodic syncs in a status.
var syncOrder = []v1alpha1.SyncName{v1alpha1.SyncTokens, v1alpha1.SyncLicenses, v1alpha1.SyncRoles, v1alpha1.SyncWholesaleCustomer}

// sync returns the entry of a periodic sync, made if need be. It is valid until the next call.
func (v *organizationVisit) sync(name v1alpha1.SyncName) *v1alpha1.SyncStatus {
	status := &v.organization.Status
	called := func(entry v1alpha1.SyncStatus) bool { return entry.Name == name }
	if !slices.ContainsFunc(status.Syncs, called) {
		status.Syncs = append(status.Syncs, v1alpha1.SyncStatus{Name: name})
		slices.SortFunc(status.Syncs, func(a, b v1alpha1.SyncStatus) int {
			return slices.Index(syncOrder, a.Name) - slices.Index(syncOrder, b.Name)
		})
	}
	return &status.Syncs[slices.IndexFunc(status.Syncs, called)]
}

// endSyncs removes the entries of periodic syncs; without names, all.
func (v *organizationVisit) endSyncs(names ...v1alpha1.SyncName) {
	status := &v.organization.Status
	status.Syncs = slices.DeleteFunc(status.Syncs, func(entry v1alpha1.SyncStatus) bool {
		return len(names) == 0 || slices.Contains(names, entry.Name)
	})
}

// restSyncs shows that nothing is due.
func (v *organizationVisit) restSyncs() {
	for i := range v.organization.Status.Syncs {
		v.organization.Status.Syncs[i].NextTime = nil
	}
}

// lastSync is when a sync last ran; nil if it never did.
func lastSync(status *v1alpha1.WebexOrganizationStatus, name v1alpha1.SyncName) *metav1.Time {
	for i := range status.Syncs {
		if status.Syncs[i].Name == name {
			return status.Syncs[i].LastTime
		}
	}
	return nil
}
