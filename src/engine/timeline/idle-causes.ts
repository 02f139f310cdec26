import type { KernelGraph } from "../../model/kernel-graph.ts";
import type { IdleCause } from "../../model/report.ts";
import { kernelNameAt, type Trace, text } from "../../model/trace.ts";
import type { IdleSpan } from "../../model/trace-spans.ts";
import { type Nanoseconds, NO_ROW, type Row } from "../../model/units.ts";
import { distinctNames } from "../attribution/distinct-names.ts";
import { graphReplays } from "../attribution/launches.ts";
import { coveredPart, firstEndingAfter, type Intervals, UnionBuilder } from "./intervals.ts";

/** The GPU did nothing from `start` to `end`; `next` is the event that ended it. */
export interface Gap {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  readonly next: Row;
}

export interface IdleShare {
  readonly cause: IdleCause;
  readonly ns: Nanoseconds;
  readonly note: string | null;
}

/**
 * Work that was queued and did not start for this long, on a GPU that did nothing else, has no
 * cause on the host. Launch latency is microseconds, a dependency between streams tens of them.
 */
const HOLE: Nanoseconds = 1_000_000;

/** Calls in which the host waits for the GPU. Copies of pageable memory wait inside the copy call. */
const SYNC_CALL =
  /^(cuda|cu|hip)((Stream|Device|Event|Ctx)Synchronize|Memcpy(DtoH|HtoD)?(_v2)?|MemcpyWithStream)$/;

/** Told of every stretch with one cause; never an empty one. */
export type IdleListener = (span: IdleSpan) => void;

/**
 * Why the GPU was idle, from where the host stood with the next event's launch.
 *
 * Up to the start of that launch the host was either inside a call that waits for the GPU
 * (synchronisation) or doing something else (host-launch). From there to the event's start is the
 * launch itself: graph-launch for a replay, host-launch otherwise. Where the launch had already
 * returned when the GPU went idle the work was queued, and the gap is the GPU's own (other), or, if
 * it is far too long for that, a hole: a trace cut in the middle, or another process on the GPU.
 *
 * @returns what splits a gap of this graph: it tells every part to `tell`, some of them empty.
 */
export function gapJudge(graph: KernelGraph, onIdle: IdleListener | null = null): GapJudge {
  const { trace, launchOf } = graph;
  const isReplay = graphReplays(trace);
  const syncs = syncCalls(trace);
  const firstOf = firstEvents(trace, launchOf);
  return (gap, tell) => {
    const launch = launchOf[gap.next]!;
    if (launch < 0 || (isReplay[launch] === 1 && firstOf[launch] !== gap.next)) {
      const cause = gap.end - gap.start >= HOLE ? "hole" : "other";
      onIdle?.({ ...gap, cause });
      return tell(cause, gap.end - gap.start);
    }
    const called = trace.launches.start[launch]!;
    const returned = called + trace.launches.duration[launch]!;
    const wait = Math.min(gap.end, Math.max(gap.start, called));
    const waits = syncs.get(trace.launches.thread[launch]!) ?? NONE;
    const sync = coveredPart(waits, gap.start, wait);
    tell("synchronisation", sync);
    tell("host-launch", wait - gap.start - sync);
    const launching = isReplay[launch] === 1 ? "graph-launch" : "host-launch";
    const queued = Math.max(wait, returned);
    const isHole = gap.end - queued >= HOLE;
    const isQueued = launching === "host-launch" && returned <= gap.start;
    const cause = isQueued && !isHole ? "other" : launching;
    const until = isHole ? queued : gap.end;
    tell("hole", gap.end - until);
    tell(cause, until - wait);
    if (onIdle === null) return;
    tellHostSpans({ ...gap, end: wait }, waits, onIdle);
    if (until > wait) onIdle({ start: wait, end: until, cause, next: gap.next });
    if (gap.end > until) onIdle({ start: until, end: gap.end, cause: "hole", next: gap.next });
  };
}
export type GapJudge = (gap: Gap, tell: (cause: IdleCause, ns: Nanoseconds) => void) => void;

/** All gaps' causes added up, with the longest gap of each named. */
export class IdleTime {
  readonly #graph: KernelGraph;
  readonly #judge: GapJudge;
  readonly #total: Record<IdleCause, Nanoseconds> = {
    "host-launch": 0,
    synchronisation: 0,
    "graph-launch": 0,
    hole: 0,
    other: 0,
  };
  readonly #longest: Partial<Record<IdleCause, { ns: Nanoseconds; next: Row }>> = {};
  totalNs: Nanoseconds = 0;

  constructor(graph: KernelGraph, judge: GapJudge) {
    this.#graph = graph;
    this.#judge = judge;
  }

  add(gap: Gap): void {
    this.totalNs += gap.end - gap.start;
    this.#judge(gap, (cause, ns) => {
      if (ns <= 0) return;
      this.#total[cause] += ns;
      if (ns > (this.#longest[cause]?.ns ?? 0)) this.#longest[cause] = { ns, next: gap.next };
    });
  }

  causes(): readonly IdleShare[] {
    return (Object.keys(this.#total) as IdleCause[])
      .filter((cause) => this.#total[cause] > 0)
      .map((cause) => ({
        cause,
        ns: this.#total[cause],
        note: noteOf(this.#graph, cause, this.#longest[cause]!),
      }));
  }
}

/** The host before a launch: inside calls that wait for the GPU, and between them. */
function tellHostSpans({ start, end, next }: Gap, waits: Intervals, onIdle: IdleListener): void {
  let at = start;
  const tell = (until: Nanoseconds, cause: IdleCause): void => {
    if (until > at) onIdle({ start: at, end: until, cause, next });
    at = Math.max(at, until);
  };
  for (let i = 2 * firstEndingAfter(waits, start); i < waits.length && waits[i]! < end; i += 2) {
    tell(waits[i]!, "host-launch");
    tell(Math.min(end, waits[i + 1]!), "synchronisation");
  }
  tell(end, "host-launch");
}

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
