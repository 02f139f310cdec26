import { compareText } from "../../../base/compare-text.ts";
import type { IdlePart } from "../../../model/contracts/ledger.ts";
import { text } from "../../../model/trace/trace.ts";
import { type Nanoseconds, NO_ROW, percent, type Row } from "../../../model/trace/units.ts";
import { graphFact } from "../../facts/graph-use.ts";
import { frameText, hostActivities } from "../../ledger/host-activity.ts";
import { type HostCallKind, hostCalls } from "../../ledger/host-calls.ts";
import { medianOf } from "../../spread.ts";
import { HostWaits } from "../../timeline/host-waits.ts";
import {
  type Candidate,
  IDLE_ONLY,
  idleByPart,
  type StageEvidence,
  timeWords,
} from "../candidate.ts";
import { placesOf } from "../places.ts";
import { graphsAllowed } from "./graphs-allowed.ts";

/**
 * Idle time that launching less, or launching from a graph, takes away. Gaps between the nodes of a
 * replayed graph are none: nobody launches there, and node-by-node tracing makes them on HIP.
 */
const LAUNCHING: readonly IdlePart[] = [
  "host",
  "before-graph",
  "graph-launch",
  "queued",
  "no-launch",
];

/** A first use this many times the usual gap is warm-up (module load, heuristics, allocation). */
const WARM_UP_TIMES = 10;

/** Below this share of the step the host is not what to begin with. */
const HOST_BOUND_PCT = 5;

/** From this share on the waits are the reason for the host's lateness, and come before graphs. */
const BY_WAITS = 0.5;

/**
 * Waiting for the host, as one candidate: remove the calls in which it waits for the GPU where they
 * are what makes it late (a step that waits cannot be captured either), else launch less.
 */
export function hostCandidates(evidence: StageEvidence): readonly Candidate[] {
  const { idle, stepNs } = evidence;
  const sums = idleByPart(idle);
  const waits = removableWaits(evidence);
  const late = new Map(
    [...LAUNCHING, "sync" as const].flatMap((part) => {
      const ns = sums.get(part) ?? 0;
      return ns > 0 ? [[part, ns] as const] : [];
    }),
  );
  const lateNs = [...late.values()].reduce((sum, ns) => sum + ns, 0);
  const least = eagerNote(evidence) === null ? HOST_BOUND_PCT : 0;
  if (lateNs === 0 || percent(lateNs, stepNs) < least) return [];
  // A step that runs from a graph waits between its steps at most: that is the host's preparation.
  const waiting = isReplayed(evidence) ? 0 : catchingUp(evidence, new Set(waits));
  const host =
    waiting >= BY_WAITS * lateNs
      ? waitsGone(evidence, waits, lateNs)
      : fewerLaunches(evidence, lateNs);
  return [{ ...host, idleParts: late }];
}

function fewerLaunches(evidence: StageEvidence, idleNs: Nanoseconds): Candidate {
  const { graph, stage, idle } = evidence;
  const isGraph = isReplayed(evidence);
  const launches = new Set(stage.events.map((row) => graph.launchOf[row]!)).size;
  const late = idle.filter(({ part }) => part === "host").map(({ next }) => next);
  const eager = eagerNote(evidence);
  const notes = [eager, oneStepNote(evidence), stacksNote(evidence), warmUpNote(evidence)];
  return {
    ...IDLE_ONLY,
    kind: "host",
    key: isGraph ? "around-graphs" : "launches",
    title: isGraph
      ? "The GPU waits for the host around graph launches"
      : `The GPU waits for the host to launch: ${launches} launches, no graph${eager === null ? "" : " although the server args allow graphs"}`,
    do: [
      isGraph
        ? "Take host work out of the way of the graph launch: prepare the next step while this one runs (overlap scheduling), and put what is launched beside the graph into it."
        : "Launch less work from the host: capture the step in a CUDA graph (piecewise for prefill), or compile it.",
      ...notes.filter((note) => note !== null),
    ].join(" "),
    where: placesOf(graph, new Set(late)),
    idleNs,
  };
}

function waitsGone(evidence: StageEvidence, calls: readonly Row[], idleNs: Nanoseconds): Candidate {
  const { graph, idle, retiming } = evidence;
  const { trace } = graph;
  const { launches } = trace;
  const pageable = pageableCalls(graph);
  const activities = hostActivities(
    trace,
    calls.map((call) => ({
      thread: launches.thread[call]!,
      start: launches.start[call]!,
      end: launches.start[call]! + launches.duration[call]!,
    })),
  );
  const counts = new Map<string, number>();
  const places = new Map<string, number>();
  for (const [at, { op, frame, caller }] of activities.entries()) {
    const call = calls[at]!;
    const name = waitName(op, text(trace, launches.name[call]!), pageable.has(call));
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (frame === null) continue;
    const by = caller === null ? "" : `, called by ${frameText(caller)}`;
    const place = `${frameText(frame)}${by}`;
    places.set(place, (places.get(place) ?? 0) + launches.duration[call]!);
  }
  const listed = mostFirst(counts)
    .map(([name, count]) => `${name} x${count}`)
    .join(", ");
  const frames = mostFirst(places).map(([place]) => place);
  const alone = retiming.recorded.wallNs - retiming.after({ freed: new Set(calls) }).wallNs;
  const after = idle.filter(({ part }) => part === "sync").map(({ next }) => next);
  return {
    ...IDLE_ONLY,
    kind: "sync",
    key: "waits",
    title: `The host waits for the GPU ${times(calls.length)} and launches late after it: ${listed}`,
    do: `Keep sizes and flags on the device, or read them a step later from pinned memory after an event. Without the waits alone the recording re-times ${(alone / 1e6).toFixed(2)} ms shorter; a step that does not wait can then be captured in a graph, which takes the other launch gaps.`,
    where: frames.length > 0 ? frames.slice(0, 3) : placesOf(graph, new Set(after)),
    idleNs,
  };
}

function mostFirst(sums: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...sums].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
}

/** What a wait is called in the code that makes it. */
function waitName(op: string | null, call: string, isPageable: boolean): string {
  if (op !== null && /^aten::(_local_scalar_dense|item|is_nonzero|equal|nonzero)$/.test(op))
    return /nonzero$/.test(op) ? `${op} (its size is read)` : `.item() (${op})`;
  if (isPageable) return `a copy to or from pageable memory (${op ?? call})`;
  return op === null ? call : `${call} in ${op}`;
}

/** Calls that copy to or from memory that is not pinned. */
function pageableCalls({ trace, launchOf }: StageEvidence["graph"]): ReadonlySet<Row> {
  const isPageable = trace.kernelNames.map(({ raw }) => /Pageable/.test(raw));
  const calls = new Set<Row>();
  for (let row = 0; row < trace.gpu.count; row++)
    if (isPageable[trace.gpu.name[row]!]) calls.add(launchOf[row]!);
  return calls;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** True where most kernels of the stage come from graph replays. */
function isReplayed({ graph, stage }: StageEvidence): boolean {
  const replayed = stage.events.filter((row) => graph.isReplay[graph.launchOf[row]!] === 1).length;
  return replayed > stage.events.length / 2;
}

/** Waits that the run itself makes: neither the profiler's nor those for work that is not in the file. */
function removableWaits(evidence: StageEvidence): readonly Row[] {
  const { graph, idle } = evidence;
  const { trace } = graph;
  const inHoles = waitsInHoles(evidence);
  const calls = new Set<Row>();
  for (const { part, call } of idle) {
    if (part !== "sync" || inHoles.has(call)) continue;
    // A whole device is waited for by profilers and benchmarks, between steps.
    if (!/(Device|Ctx)Synchronize/.test(text(trace, trace.launches.name[call]!))) calls.add(call);
  }
  return [...calls].sort((a, b) => a - b);
}

/** Pauses in which the host stands in one kind of call, and what to do about it. */
const PAUSES: Readonly<Record<HostCallKind, { readonly does: string; readonly remedy: string }>> = {
  memory: {
    does: "allocates or frees GPU memory",
    remedy:
      "Keep memory that was freed for the next use: warm up with the largest shapes, leave room below the limit, or PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True, so that the allocator need not give blocks back and ask anew.",
  },
  "pinned-memory": {
    does: "allocates or frees pinned memory",
    remedy:
      "Allocate pinned buffers once and use them again: registering pages takes milliseconds.",
  },
  module: {
    does: "loads kernels",
    remedy:
      "Warm up before recording, or load all kernels at the start (CUDA_MODULE_LOADING=EAGER).",
  },
};

/** Pauses of the host, as one candidate per thing that it did. */
export function pauseCandidates(evidence: StageEvidence): readonly Candidate[] {
  const { graph, idle } = evidence;
  const { trace, launchOf } = graph;
  const pieces = idle.filter(({ part }) => part === "host-pause");
  const stretches = pieces.map(({ next, start, end }) => ({
    thread: trace.launches.thread[launchOf[next]!]!,
    start,
    end,
  }));
  const activities = hostActivities(trace, stretches);
  const calls = hostCalls(trace, stretches);
  const groups = new Map<string, Pause>();
  for (const [at, { start, end }] of pieces.entries()) {
    const { op, frame } = activities[at]!;
    const kind = calls[at]?.kind ?? null;
    const what = op ?? (frame === null ? "work that the trace does not name" : frameText(frame));
    const key = kind ?? what;
    const group = groups.get(key) ?? {
      kind,
      what,
      ns: 0,
      count: 0,
      calls: new Map(),
      at: new Set(),
    };
    groups.set(key, group);
    group.ns += end - start;
    group.count++;
    const call = calls[at];
    if (call != null) group.calls.set(call.name, (group.calls.get(call.name) ?? 0) + call.count);
    const place = frame === null ? op : frameText(frame);
    if (place !== null && (kind !== null || frame !== null)) group.at.add(place);
  }
  return [...groups].map(([key, { kind, what, ns, count, calls: made, at }]) => ({
    ...IDLE_ONLY,
    kind: "host",
    key: `pause ${key}`,
    title:
      kind === null
        ? `The GPU waits ${times(count)} for long while the host is in ${what}`
        : `The GPU waits ${times(count)} for long while the host ${PAUSES[kind].does}: ${mostFirst(
            made,
          )
            .map(([name, n]) => `${name} x${n}`)
            .join(", ")}`,
    do:
      kind !== null
        ? PAUSES[kind].remedy
        : /DataLoader/.test(what)
          ? "Load data beside the GPU's work: more loader workers, prefetching, pinned memory."
          : "Move this work off the path between two launches: to another thread or process, or while the GPU is busy.",
    where: [...at].slice(0, 3),
    idleNs: ns,
    idleParts: new Map([["host-pause" as const, ns]]),
  }));
}

/** Pauses in which the host did the same. */
interface Pause {
  readonly kind: HostCallKind | null;
  readonly what: string;
  ns: Nanoseconds;
  count: number;
  readonly calls: Map<string, number>;
  /** Lines of code, or ops where no line is known. */
  readonly at: Set<string>;
}

/** Calls that waited across a hole of the recording: they waited for work that is not in the file. */
function waitsInHoles({ graph: { trace }, idle }: StageEvidence): ReadonlySet<Row> {
  const holes = idle.filter(({ part }) => part === "hole");
  const { start, duration } = trace.launches;
  const calls = new Set<Row>();
  for (const { part, call } of idle)
    if (
      part === "sync" &&
      holes.some((hole) => start[call]! < hole.end && start[call]! + duration[call]! > hole.start)
    )
      calls.add(call);
  return calls;
}

/** Idle time of the waits, and of the host's lateness after each until a launch was in time again. */
function catchingUp({ idle }: StageEvidence, waits: ReadonlySet<Row>): Nanoseconds {
  let sum = 0;
  let isLate = false;
  let before = NO_ROW;
  for (const { part, start, end, next, call } of idle) {
    if (part === "sync") isLate = waits.has(call);
    // A gap that begins queued: the host was in time again.
    else if (part === "host-pause" || part === "hole" || (part === "queued" && next !== before))
      isLate = false;
    if (isLate) sum += end - start;
    before = next;
  }
  return sum;
}

/** Why decode may have run without graphs although the server was started with them; null where they are off or nothing tells. */
function eagerNote({ stage, graph, serverArgs }: StageEvidence): string | null {
  if (stage.stage !== "decode" || serverArgs === null) return null;
  const fact = graphFact(graph, stage);
  return fact?.value === "off" ? graphsAllowed(serverArgs, stage.steps) : null;
}

/** Python stacks cost host time at every call: what the host bound is worth cannot be told with them. */
function stacksNote({ graph: { trace } }: StageEvidence): string | null {
  return trace.frames.count === 0
    ? null
    : "Python stacks were recorded, which slows the host: record once without before believing the size of this.";
}

/** First-use gaps at the beginning of the recording. */
function warmUpNote({ idle }: StageEvidence): string | null {
  const gaps = idle.filter(({ part }) => part === "host");
  if (gaps.length === 0) return null;
  const usual = medianOf(gaps.map(({ start, end }) => end - start));
  const first = gaps.slice(0, Math.ceil(gaps.length / 4));
  const long = first.filter(({ start, end }) => end - start >= WARM_UP_TIMES * Math.max(1, usual));
  const ns = long.reduce((sum, { start, end }) => sum + end - start, 0);
  const all = gaps.reduce((sum, { start, end }) => sum + end - start, 0);
  return ns < 0.05 * all
    ? null
    : `${(ns / 1e6).toFixed(1)} ms of it ${long.length === 1 ? "is one first-use gap" : `are ${long.length} first-use gaps`} at the beginning: record a warm step.`;
}

/**
 * Of one step nobody knows what the host would have done while the step before still ran: its work
 * beside the GPU's tells whether a scheduler that prepares ahead could hide it.
 */
function oneStepNote(evidence: StageEvidence): string | null {
  const { stage, stepNs, idle } = evidence;
  // Where nothing marks steps nobody knows how many there are.
  if (stage.steps.length !== 1 || stage.steps[0]!.from === "whole-trace") return null;
  const hostNs = hostWork(evidence);
  const gpuNs =
    stepNs -
    idle.reduce((sum, { part, start, end }) => sum + (part === "hole" ? 0 : end - start), 0);
  if (hostNs === null)
    return "One step is recorded: a scheduler that prepares the next step meanwhile may cover this; record several.";
  const time = timeWords(Math.max(hostNs, gpuNs));
  const said = `One step is recorded, in which the host works ${time(hostNs)} and the GPU ${time(gpuNs)}`;
  return hostNs < gpuNs
    ? `${said}: a scheduler that prepares the next step meanwhile takes this off the path in a steady run; record several to know.`
    : `${said}: even a scheduler that prepares the next step meanwhile would not take all of it off the path.`;
}

/** Time of the host within the one step but for the calls in which it waits; null where nothing marks the step. */
function hostWork({ graph, stage }: StageEvidence): Nanoseconds | null {
  const { trace, launchOf } = graph;
  const { launches } = trace;
  const [step] = stage.steps;
  if (step === undefined || !(step.cpuEnd > step.cpuStart)) return null;
  const first = stage.events.find((row) => launchOf[row]! >= 0);
  if (first === undefined) return null;
  let ns = step.cpuEnd - step.cpuStart;
  for (const call of new HostWaits(graph).of(launches.thread[launchOf[first]!]!)) {
    const from = Math.max(step.cpuStart, launches.start[call]!);
    ns -= Math.max(
      0,
      Math.min(step.cpuEnd, launches.start[call]! + launches.duration[call]!) - from,
    );
  }
  return Math.max(0, ns);
}
