import { pickRows } from "../../base/pick-rows.ts";
import type { Trace } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";
import type { Checked } from "./checked.ts";
import { gpuUs, placesOf } from "./place.ts";

type Column = ArrayLike<number>;

/**
 * Leaves out events that stand in the file twice with all their times and ids: one kernel cannot
 * start twice on one stream at one moment. Host events are compared only where GPU events repeat.
 */
export function withoutRepeats(trace: Trace): Checked {
  const { gpu } = trace;
  const repeated = repeatedRows(gpu.start, [
    gpu.stream,
    gpu.duration,
    gpu.name,
    gpu.correlation,
    gpu.graphNodeId,
  ]);
  if (repeated.length === 0) return { trace, findings: [] };
  const { launches, ops, frames, annotations } = trace;
  const kept = {
    ...trace,
    gpu: without(gpu, repeated),
    launches: without(launches, repeatsOf(launches)),
    ops: without(ops, repeatsOf(ops)),
    frames: without(frames, repeatsOf(frames)),
    annotations: without(
      annotations,
      repeatedRows(annotations.start, [
        annotations.lane,
        annotations.onGpu,
        annotations.duration,
        annotations.name,
      ]),
    ),
  };
  return {
    trace: kept,
    findings: [
      {
        kind: "repeated-events",
        count: repeated.length,
        us: gpuUs(trace, repeated),
        where: placesOf(trace, repeated),
        remedy:
          "counted once: the file was written or merged twice, or two tools recorded the same work; export it again",
      },
    ],
  };
}

function repeatsOf(table: {
  readonly start: Float64Array;
  readonly thread: Column;
  readonly duration: Column;
  readonly name: Column;
  readonly correlation?: Column;
}): Row[] {
  const { thread, duration, name, correlation = [] } = table;
  return repeatedRows(table.start, [thread, duration, name, correlation]);
}

/** Rows that equal an earlier one in their start and in all columns, ascending. */
function repeatedRows(start: Float64Array, columns: readonly Column[]): Row[] {
  const repeated: Row[] = [];
  for (let from = 0; from + 1 < start.length; ) {
    let to = from + 1;
    while (to < start.length && start[to] === start[from]) to++;
    if (to > from + 1) addRepeats(from, to, columns, repeated);
    from = to;
  }
  return repeated;
}

function addRepeats(from: Row, to: Row, columns: readonly Column[], repeated: Row[]): void {
  const seen = new Set<string>();
  for (let row = from; row < to; row++) {
    const key = columns.map((column) => column[row]).join(" ");
    if (seen.has(key)) repeated.push(row);
    else seen.add(key);
  }
}

function without<T extends { readonly count: number }>(table: T, rows: readonly Row[]): T {
  if (rows.length === 0) return table;
  const left = new Set(rows);
  const kept: Row[] = [];
  for (let row = 0; row < table.count; row++) if (!left.has(row)) kept.push(row);
  return pickRows(table, kept);
}
