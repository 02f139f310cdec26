import { firstIndex } from "../../base/first-index.ts";
import { IDLE_PARTS, type IdlePart } from "../../model/contracts/ledger.ts";
import { IDLE_CAUSES, type IdleCause } from "../../model/contracts/report.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import type { IdleSpan } from "../../model/trace/trace-spans.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import type { GapJudge, IdlePiece } from "./gap-parts.ts";
import { type Gaps, gapAt } from "./stage-gaps.ts";

/** A stage's idle time as columns: spans of one reason each, in order of time, together its gaps. */
export interface IdleSpans {
  readonly count: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Index into {@link IDLE_PARTS}. */
  readonly part: Uint8Array;
  /** Host call the GPU drained under, {@link NO_ROW} where there was none. */
  readonly call: Int32Array;
  /** Number of the gap a span is part of, ascending. */
  readonly gap: Uint32Array;
}

/** Asks once for the pieces of every gap. */
export function idleSpans(gaps: Gaps, piecesOf: GapJudge): IdleSpans {
  const start: Nanoseconds[] = [];
  const end: Nanoseconds[] = [];
  const part: number[] = [];
  const call: Row[] = [];
  const gap: number[] = [];
  for (let at = 0; at < gaps.count; at++)
    for (const piece of piecesOf(gapAt(gaps, at))) {
      start.push(piece.start);
      end.push(piece.end);
      part.push(IDLE_PARTS.indexOf(piece.part));
      call.push(piece.call);
      gap.push(at);
    }
  return {
    count: start.length,
    start: Float64Array.from(start),
    end: Float64Array.from(end),
    part: Uint8Array.from(part),
    call: Int32Array.from(call),
    gap: Uint32Array.from(gap),
  };
}

/** What the parts come to in the coarser words of the timeline. */
const CAUSE_OF: Readonly<Record<IdlePart, IdleCause>> = {
  host: "host-launch",
  "host-pause": "host-pause",
  "before-graph": "host-launch",
  sync: "synchronisation",
  "graph-launch": "graph-launch",
  "in-graph": "other",
  queued: "other",
  "no-launch": "other",
  hole: "hole",
};

/** Index into {@link IDLE_CAUSES} by index into {@link IDLE_PARTS}. */
const CAUSE_OF_PART = IDLE_PARTS.map((part) => IDLE_CAUSES.indexOf(CAUSE_OF[part]));

/** All spans of a stage, as pieces. */
export function idlePieces(gaps: Gaps, idle: IdleSpans): readonly IdlePiece[] {
  return Array.from({ length: idle.count }, (_, at) => ({
    part: IDLE_PARTS[idle.part[at]!]!,
    start: idle.start[at]!,
    end: idle.end[at]!,
    next: gaps.next[idle.gap[at]!]!,
    call: idle.call[at]!,
  }));
}

/** One span out of the columns. */
export function idleSpanAt(
  { gaps, idle }: { readonly gaps: Gaps; readonly idle: IdleSpans },
  at: number,
): IdleSpan {
  return {
    start: idle.start[at]!,
    end: idle.end[at]!,
    cause: IDLE_CAUSES[CAUSE_OF_PART[idle.part[at]!]!]!,
    next: gaps.next[idle.gap[at]!]!,
  };
}

/** What most of a gap is due to. */
export function mainCause(idle: IdleSpans, gap: number): IdleCause {
  const sums = IDLE_CAUSES.map(() => 0);
  for (
    let at = firstIndex(0, idle.count, (span) => idle.gap[span]! >= gap);
    idle.gap[at] === gap;
    at++
  )
    sums[CAUSE_OF_PART[idle.part[at]!]!]! += idle.end[at]! - idle.start[at]!;
  return IDLE_CAUSES[sums.indexOf(Math.max(...sums))]!;
}

interface IdleShare {
  readonly cause: IdleCause;
  readonly ns: Nanoseconds;
  readonly note: string | null;
}

/** Idle time by cause, with the longest wait for each named. */
export function idleByCause(graph: KernelGraph, gaps: Gaps, idle: IdleSpans): readonly IdleShare[] {
  const sums = IDLE_CAUSES.map((cause) => ({ cause, ns: 0, longest: { ns: 0, next: -1 } }));
  const waits = IDLE_CAUSES.map(() => ({ gap: -1, ns: 0 }));
  for (let at = 0; at < idle.count; at++) {
    const cause = CAUSE_OF_PART[idle.part[at]!]!;
    const sum = sums[cause]!;
    const wait = waits[cause]!;
    const gap = idle.gap[at]!;
    const ns = idle.end[at]! - idle.start[at]!;
    sum.ns += ns;
    wait.ns = wait.gap === gap ? wait.ns + ns : ns;
    wait.gap = gap;
    if (wait.ns > sum.longest.ns) sum.longest = { ns: wait.ns, next: gaps.next[gap]! };
  }
  return sums
    .filter(({ ns }) => ns > 0)
    .map(({ cause, ns, longest }) => ({ cause, ns, note: noteOf(graph, cause, longest) }));
}

function noteOf(
  { trace, launchOf }: KernelGraph,
  cause: IdleCause,
  longest: { readonly ns: Nanoseconds; readonly next: Row },
): string | null {
  const length = `${(longest.ns / 1e6).toFixed(3)} ms`;
  const next = kernelNameAt(trace, longest.next).short;
  switch (cause) {
    case "hole": {
      const launch =
        launchOf[longest.next]! < 0
          ? "whose launch is not recorded"
          : "although it was already launched";
      return `${length} before ${next}, ${launch}: the trace was cut there, or something unrecorded held the GPU`;
    }
    case "host-launch":
    case "host-pause":
    case "synchronisation":
    case "graph-launch":
      return `longest ${length}, before ${next}`;
    case "other":
      return null;
  }
}
