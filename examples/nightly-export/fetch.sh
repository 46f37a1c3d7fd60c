#!/bin/sh
# fetch.sh SCHEDULE FOLDER: brings what the newest run of a schedule has made into a folder. Fails while it has not ended.
set -eu
schedule=$1
folder=$2

runs=$(dimgx schedules status "$schedule" --json)
batch=$(echo "$runs" | jq -r 'first(.runs[] | .batch // empty)')
if [ -z "$batch" ]; then
  echo "$schedule has not run yet" >&2
  exit 1
fi
state=$(dimgx batches status "$batch" --json)
if ! echo "$state" | jq -e .finishedAt >/dev/null; then
  echo "batch $batch has not ended yet" >&2
  exit 1
fi

mkdir -p "$folder"
artifacts=$(dimgx batches artifacts "$batch" --json)
echo "$artifacts" | jq -r '[.job, (.artifact.sha256 | ltrimstr("sha256:")), .artifact.key] | @tsv' | while read -r job sha256 key; do
  file=$folder/${key##*/}
  if ! echo "$sha256  $file" | sha256sum --check --status 2>/dev/null; then
    dimgx download "$job" -o "$file" --force
  fi
done

if ! echo "$state" | jq -e '.counts.completed == .total' >/dev/null; then
  echo "not all of batch $batch was exported:" >&2
  dimgx list --batch "$batch" --state failed >&2
  exit 1
fi
