#!/bin/sh
# The part of one task of an array: trace number INDEX (from 0) of a list, and every STRIDE-th after.
#   one.sh LIST OUT INDEX [STRIDE]
# Without a stride it is that one trace. Ends with 3 where one could not be read; the others are made.
set -u
list=$1 out=$2 index=$3 stride=${4:-0}
: "${TRIAGE:=triage}"
mkdir -p "$out" || exit 2
ended=0 at=0
while IFS= read -r trace; do
  if [ "$at" -eq "$index" ]; then
    # shellcheck disable=SC2086 # the program may be several words
    $TRIAGE digest "$trace" --resume -o "$out/" </dev/null || { printf '%s\n' "$trace" >&2; ended=3; }
    [ "$stride" -gt 0 ] || break
    index=$((index + stride))
  fi
  at=$((at + 1))
done <"$list"
exit "$ended"
