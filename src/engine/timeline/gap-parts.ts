import { firstIndex } from "../../base/first-index.ts";
import type { IdlePart } from "../../model/contracts/ledger.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { type Nanoseconds, NO_ROW, type Row } from "../../model/trace/units.ts";
import { HostWaits } from "./host-waits.ts";
import type { Gap } from "./stage-gaps.ts";

/** A stretch of one gap with one reason. */
export interface IdlePiece {
  readonly part: IdlePart;
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** The GPU event that ended the gap. */
  readonly next: Row;
  /** For `sync`: the host call the GPU drained under; {@link NO_ROW} elsewhere. */
  readonly call: Row;
}

/** Splits one gap into its pieces. */
export type GapJudge = (gap: Gap) => readonly IdlePiece[];

/** Launch latency is microseconds, a dependency between streams tens of them: this long is neither. */
const HOLE: Nanoseconds = 1_000_000;

/**
 * From here on one gap is a pause of its own (loading data, post-processing) and no slow launch:
 * the longest first-use launches (module load, heuristics) of the traces at hand take 3 ms.
 */
const PAUSE: Nanoseconds = 5_000_000;

/**
 * Splits gaps by where the host stood. Up to the END of the next event's launch call the host was
 * late; after it the work was queued and the wait is the GPU's own. Host time is a pause where it
 * is long, `sync` where the GPU drained while the host waited inside a call (catching up
 * afterwards is that call's consequence), `host` otherwise. A graph's replay has one call for all
 * its kernels: before it the host is late, during it the graph is being launched, after it the gap
 * lies in the graph.
 *
 * @returns tells the pieces of a gap, in order of time, none of them empty; together they are the gap.
 */
export function gapParts(graph: KernelGraph, waits = new HostWaits(graph)): GapJudge {
  const { trace, launchOf, isReplay } = graph;
  const hides = hiddenGaps(graph);
  return (gap) => {
    const { start, end, next } = gap;
    const pieces: IdlePiece[] = [];
    let at = start;
    const until = (time: Nanoseconds, part: IdlePart, call: Row = NO_ROW): void => {
      const to = Math.min(end, time);
      if (to <= at) return;
      pieces.push({ part, start: at, end: to, next, call });
      at = to;
    };
    const launch = launchOf[next]!;
    if (launch < 0 || hides(gap)) {
      until(end, end - start >= HOLE ? "hole" : "no-launch");
      return pieces;
    }
    const called = trace.launches.start[launch]!;
    const returned = called + trace.launches.duration[launch]!;
    const replays = isReplay[launch] === 1;
    const hostUntil = Math.min(end, replays ? called : returned);
    if (hostUntil - start >= PAUSE) until(hostUntil, "host-pause");
    const wait = waits.at(trace.launches.thread[launch]!, start);
    if (wait >= 0) until(hostUntil, "sync", wait);
    until(hostUntil, replays ? "before-graph" : "host");
    if (replays) until(returned, "graph-launch");
    if (end - at >= HOLE) until(end, "hole");
    until(end, replays ? "in-graph" : "queued");
    return pieces;
  };
}

/**
 * Whether a gap says nothing about the host: the clocks of host and GPU disagree, or work launched
 * between the events around it was not recorded.
 */
function hiddenGaps({ trace: { health, launches }, launchOf }: KernelGraph): (gap: Gap) => boolean {
  if (health === undefined) return () => false;
  const { hostUnknown, unrecorded } = health;
  if (hostUnknown) return () => true;
  if (unrecorded.length === 0) return () => false;
  return ({ previous, next }) => {
    const before = previous === NO_ROW ? NO_ROW : launchOf[previous]!;
    const from = before === NO_ROW ? Number.NEGATIVE_INFINITY : launches.start[before]!;
    const first = firstIndex(0, unrecorded.length, (at) => unrecorded[at]! > from);
    return first < unrecorded.length && unrecorded[first]! < launches.start[launchOf[next]!]!;
  };
}
