#!/bin/sh
# Prints what `go test -json` says of all packages in the modules named; gotestsum makes a report of it.
failed=0
for module; do
	# The local control plane starts many times, on a small machine slowly.
	go test -C "$module" -json -timeout 30m ./... || failed=1
done
exit "$failed"
