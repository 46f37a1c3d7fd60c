#!/bin/sh
# flatten-all.sh LIST FOLDER: flattens the images of a list and brings the results into a folder. Fails if one of them
# could not be flattened; the others are there all the same.
set -eu
list=$1
folder=$2

fault=0
ended=$(dimgx batch "$list" --wait) || fault=$?
# "ID finished: 3 completed, 1 failed"; nothing if the service did not take the list.
batch=${ended%% *}
[ -n "$batch" ] || exit "$fault"

artifacts=$(dimgx batches artifacts "$batch")
echo "$artifacts" | tail -n +2 | while read -r job key image; do
  file=$folder/$key
  # The same key is the same content.
  if [ ! -e "$file" ]; then
    mkdir -p "$(dirname "$file")"
    dimgx download "$job" -o "$file" >/dev/null
  fi
  echo "$image $file"
done
exit "$fault"
