#!/bin/sh
# Writes the present digests of the base images into images.env. Needs docker with buildx, and the registries.
set -eu
cd "$(dirname "$0")/.."
new=$(mktemp)
trap 'rm -f "$new"' EXIT
while IFS= read -r line; do
	case $line in
	'#'* | '') echo "$line" ;;
	*)
		tag=${line%%@*}
		digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "${tag#*=}")
		echo "$tag@$digest"
		;;
	esac
done <images.env >"$new"
cat "$new" >images.env
