#!/bin/sh
# Digests of every trace below a folder, several at a time on this machine.
#   digests.sh RUN OUT [JOBS]
# Run again after it was ended: digests that are there and whole are kept.
# Ends with 3 where a trace could not be read; OUT/failed.txt names them.
set -eu
run=$1 out=$2 jobs=${3:-$(getconf _NPROCESSORS_ONLN)}
: "${TRIAGE:=triage}"
export TRIAGE out
mkdir -p "$out"
rm -f "$out/failed.txt"
find "$run" -type f \( -name '*.json' -o -name '*.json.gz' -o -name '*.json.zst' \) \
  ! -name server_args.json ! -name metadata.json ! -name config.json -print0 |
  sort -z |
  xargs -0 -n 1 -P "$jobs" sh -c '
    # shellcheck disable=SC2086 # the program may be several words
    $TRIAGE digest "$1" --resume -o "$out/" || printf "%s\n" "$1" >>"$out/failed.txt"
  ' digests
[ ! -s "$out/failed.txt" ] || { sort -o "$out/failed.txt" "$out/failed.txt"; exit 3; }
