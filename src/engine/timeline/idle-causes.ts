import type { KernelGraph } from "../../model/kernel-graph.ts";
import type { IdleCause } from "../../model/report.ts";
import { type Trace, text } from "../../model/trace.ts";
import type { IdleSpan } from "../../model/trace-spans.ts";
import { type Nanoseconds, NO_ROW } from "../../model/units.ts";
import { distinctNames } from "../attribution/distinct-names.ts";
import { graphReplays } from "../attribution/launches.ts";
import { firstEndingAfter, type Intervals, UnionBuilder } from "./intervals.ts";
import type { Gap } from "./stage-gaps.ts";

/**
 * Work that was queued and did not start for this long, on a GPU that did nothing else, has no
 * cause on the host. Launch latency is microseconds, a dependency between streams tens of them.
 */
const HOLE: Nanoseconds = 1_000_000;

/** Calls in which the host waits for the GPU. Copies of pageable memory wait inside the copy call. */
const SYNC_CALL =
  /^(cuda|cu|hip)((Stream|Device|Event|Ctx)Synchronize|Memcpy(DtoH|HtoD)?(_v2)?|MemcpyWithStream)$/;

/**
 * Why the GPU was idle, from where the host stood with the next event's launch.
 *
 * Up to the start of that launch the host was either inside a call that waits for the GPU
 * (synchronisation) or doing something else (host-launch). From there to the event's start is the
 * launch itself: graph-launch for a replay, host-launch otherwise. Where the launch had already
 * returned when the GPU went idle the work was queued, and the gap is the GPU's own (other), or, if
 * it is far too long for that, a hole: a trace cut in the middle, or another process on the GPU.
 *
 * @returns what splits a gap of this graph into spans of one cause, in order of time, none empty,
 * together the gap.
 */
export function idleCauses(graph: KernelGraph): IdleJudge {
  const { trace, launchOf } = graph;
  const isReplay = graphReplays(trace);
  const syncs = syncCalls(trace);
  const firstOf = firstEvents(trace, launchOf);
  return ({ start, end, next }) => {
    const launch = launchOf[next]!;
    if (launch < 0 || (isReplay[launch] === 1 && firstOf[launch] !== next))
      return [{ start, end, next, cause: end - start >= HOLE ? "hole" : "other" }];
    const called = trace.launches.start[launch]!;
    const returned = called + trace.launches.duration[launch]!;
    const spans: IdleSpan[] = [];
    const until = (time: Nanoseconds, cause: IdleCause): void => {
      const from = spans.at(-1)?.end ?? start;
      if (time > from) spans.push({ start: from, end: time, cause, next });
    };
    const wait = Math.min(end, Math.max(start, called));
    const waits = syncs.get(trace.launches.thread[launch]!) ?? NONE;
    for (let i = 2 * firstEndingAfter(waits, start); i < waits.length && waits[i]! < wait; i += 2) {
      until(waits[i]!, "host-launch");
      until(Math.min(wait, waits[i + 1]!), "synchronisation");
    }
    until(wait, "host-launch");
    const launching = isReplay[launch] === 1 ? "graph-launch" : "host-launch";
    const queued = Math.max(wait, returned);
    const isHole = end - queued >= HOLE;
    const isQueued = launching === "host-launch" && returned <= start;
    until(isHole ? queued : end, isQueued && !isHole ? "other" : launching);
    until(end, "hole");
    return spans;
  };
}
export type IdleJudge = (gap: Gap) => readonly IdleSpan[];

const NONE: Intervals = new Float64Array();

function syncCalls(trace: Trace): Map<number, Intervals> {
  const isSync = new Uint8Array(trace.strings.length);
  const { launches } = trace;
  for (const name of distinctNames(trace, launches))
    isSync[name] = Number(SYNC_CALL.test(text(trace, name)));
  const builders = new Map<number, UnionBuilder>();
  for (let row = 0; row < launches.count; row++) {
    if (isSync[launches.name[row]!] === 0) continue;
    const thread = launches.thread[row]!;
    const builder = builders.get(thread) ?? new UnionBuilder();
    builder.add(launches.start[row]!, launches.start[row]! + launches.duration[row]!);
    builders.set(thread, builder);
  }
  return new Map([...builders].map(([thread, builder]) => [thread, builder.build()]));
}

/** First GPU event per launch, -1 without one: later ones of a replay were not waited for. */
function firstEvents(trace: Trace, launchOf: Int32Array): Int32Array {
  const first = new Int32Array(trace.launches.count).fill(NO_ROW);
  for (let row = trace.gpu.count - 1; row >= 0; row--) {
    const launch = launchOf[row]!;
    if (launch >= 0) first[launch] = row;
  }
  return first;
}
