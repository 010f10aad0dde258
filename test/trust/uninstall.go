package main

import (
	"context"
	"path/filepath"
)

// uninstall follows docs/uninstall.md to its end: the resources, the organizations, the manager, the definitions.
func uninstall(ctx context.Context, s *stage) (*report, error) {
	r := &report{rounds: 1}
	if _, err := s.startManager(); err != nil {
		return r, err
	}
	t, err := s.filledSite(ctx, r)
	if err != nil {
		return r, err
	}
	defer t.close()
	t.everything()
	r.resources = t.numbers
	for _, step := range [][]string{
		{"--namespace", t.namespace, "patch", "wxorg", "org", "--type=merge", "--patch", `{"spec":{"maxDeletesPerHour":0}}`},
		{"delete", "wxcc", "--all", "--all-namespaces", "--timeout=3m"},
	} {
		if err := s.kubectl(ctx, step...); err != nil {
			r.stuck = append(r.stuck, err.Error())
			return r, nil
		}
	}
	if err := t.awaitNothing(ctx, r, "uninstall"); err != nil {
		return r, err
	}
	r.take(t.ledger)
	if err := s.endManagers(); err != nil {
		return r, err
	}
	if err := s.kubectl(ctx, "delete", "-k", filepath.Join(s.root, "config", "crd"), "--timeout=1m"); err != nil {
		r.stuck = append(r.stuck, err.Error())
	}
	return r, nil
}
