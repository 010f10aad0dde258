#!/bin/sh
# Fails when something generated is not what the code says: verify.sh "GENERATED PATHS" "MODULE DIRECTORIES"
set -eu
generated=$1
modules=$2
cd "$(dirname "$0")/.."
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
failed=0

# The generated files are compared with themselves before the generation, so that work not yet committed does not count
# as out of date.
for path in $generated; do
	mkdir -p "$state/$(dirname "$path")"
	if [ -e "$path" ]; then cp -R "$path" "$state/$path"; fi
done
echo "verify: generated files"
make --no-print-directory generate
for path in $generated; do
	if ! diff -ru "$state/$path" "$path"; then
		echo "verify: $path was out of date; it is regenerated now" >&2
		failed=1
	fi
done

echo "verify: requirements"
go run ./hack/requirements -check || failed=1

for module in $modules; do
	echo "verify: go mod tidy in $module"
	(cd "$module" && go mod tidy -diff) || failed=1
done

echo "verify: the tests use the operator's versions of modules"
# Only of modules that the operator is built from: the rest of the graph differs and does no harm.
go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}' ./... | sort -u >"$state/operator"
go list -C test -m -f '{{if not .Main}}{{.Path}} {{.Version}}{{end}}' all | sort >"$state/test"
different=$(join "$state/operator" "$state/test" | awk '$2 != $3 {print "  " $1 ": operator " $2 ", test " $3}')
if [ -n "$different" ]; then
	printf 'verify: other versions in go.mod than in test/go.mod:\n%s\n' "$different" >&2
	failed=1
fi

echo "verify: the image builds from its context"
root=$PWD
(cd hack/tools && go run ./imagebuild "$root") || failed=1

echo "verify: gofmt"
# The list goes to a file, because a pipe would hide that git fails.
git ls-files --cached --others --exclude-standard '*.go' >"$state/sources"
unformatted=$(while read -r file; do if [ -e "$file" ]; then gofmt -l "$file"; fi; done <"$state/sources")
if [ -n "$unformatted" ]; then
	printf 'verify: not formatted:\n%s\n' "$unformatted" >&2
	failed=1
fi
exit "$failed"
