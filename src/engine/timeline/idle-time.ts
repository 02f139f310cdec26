import type { KernelGraph } from "../../model/kernel-graph.ts";
import { IDLE_CAUSES, type IdleCause } from "../../model/report.ts";
import { kernelNameAt } from "../../model/trace.ts";
import type { IdleSpan } from "../../model/trace-spans.ts";
import type { Nanoseconds, Row } from "../../model/units.ts";
import type { IdleJudge } from "./idle-causes.ts";
import { type Gaps, gapAt } from "./stage-gaps.ts";

/** A stage's idle time as columns: spans of one cause each, in order of time, together its gaps. */
export interface IdleSpans {
  readonly count: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Index into {@link IDLE_CAUSES}. */
  readonly cause: Uint8Array;
  /** Number of the gap a span is part of, ascending. */
  readonly gap: Uint32Array;
}

/** Asks once for the cause of every gap. */
export function idleSpans(gaps: Gaps, causesOf: IdleJudge): IdleSpans {
  const start: Nanoseconds[] = [];
  const end: Nanoseconds[] = [];
  const cause: number[] = [];
  const gap: number[] = [];
  for (let at = 0; at < gaps.count; at++)
    for (const span of causesOf(gapAt(gaps, at))) {
      start.push(span.start);
      end.push(span.end);
      cause.push(IDLE_CAUSES.indexOf(span.cause));
      gap.push(at);
    }
  return {
    count: start.length,
    start: Float64Array.from(start),
    end: Float64Array.from(end),
    cause: Uint8Array.from(cause),
    gap: Uint32Array.from(gap),
  };
}

/** One span out of the columns. */
export function idleSpanAt(
  { gaps, idle }: { readonly gaps: Gaps; readonly idle: IdleSpans },
  at: number,
): IdleSpan {
  return {
    start: idle.start[at]!,
    end: idle.end[at]!,
    cause: IDLE_CAUSES[idle.cause[at]!]!,
    next: gaps.next[idle.gap[at]!]!,
  };
}

/** What most of a gap is due to. */
export function mainCause(idle: IdleSpans, gap: number): IdleCause {
  const sums = IDLE_CAUSES.map(() => 0);
  for (let at = firstSpanOf(idle, gap); idle.gap[at] === gap; at++)
    sums[idle.cause[at]!]! += idle.end[at]! - idle.start[at]!;
  return IDLE_CAUSES[sums.indexOf(Math.max(...sums))]!;
}

function firstSpanOf({ gap: gaps, count }: IdleSpans, gap: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (gaps[middle]! < gap) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface IdleShare {
  readonly cause: IdleCause;
  readonly ns: Nanoseconds;
  readonly note: string | null;
}

/**
 * Idle time by cause, with the longest wait for each named: of one gap what the host needed up to
 * the launch call, or the call itself.
 */
export function idleByCause(graph: KernelGraph, gaps: Gaps, idle: IdleSpans): readonly IdleShare[] {
  const { trace, launchOf } = graph;
  const sums = IDLE_CAUSES.map((cause) => ({ cause, ns: 0, longest: { ns: 0, next: -1 } }));
  const waits = IDLE_CAUSES.map(() => ({ gap: -1, isBefore: false, ns: 0 }));
  for (let at = 0; at < idle.count; at++) {
    const sum = sums[idle.cause[at]!]!;
    const wait = waits[idle.cause[at]!]!;
    const gap = idle.gap[at]!;
    const next = gaps.next[gap]!;
    const launch = launchOf[next]!;
    const isBefore = launch >= 0 && idle.start[at]! < trace.launches.start[launch]!;
    const ns = idle.end[at]! - idle.start[at]!;
    sum.ns += ns;
    wait.ns = wait.gap === gap && wait.isBefore === isBefore ? wait.ns + ns : ns;
    wait.gap = gap;
    wait.isBefore = isBefore;
    if (wait.ns > sum.longest.ns) sum.longest = { ns: wait.ns, next };
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
    case "synchronisation":
    case "graph-launch":
      return `longest ${length}, before ${next}`;
    case "other":
      return null;
  }
}
