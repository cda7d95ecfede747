#!/usr/bin/env bash
# stage.sh NAME COMMAND...: runs one stage of a longer job and says how long it took.
set -uo pipefail
readonly name=$1
shift
printf '== %s\n' "$name" >&2
"$@"
status=$?
if ((status == 0)); then
  printf '== %s: passed in %d s\n' "$name" "$SECONDS" >&2
else
  printf '== %s: FAILED with status %d after %d s\n' "$name" "$status" "$SECONDS" >&2
fi
exit "$status"
