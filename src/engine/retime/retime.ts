import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import { type Nanoseconds, NO_ROW, type Row } from "../../model/trace/units.ts";
import { HostWaits } from "../timeline/host-waits.ts";
import { type Dependencies, dependencies } from "./dependencies.ts";

/** What a trace would look like after a change. */
export interface Change {
  /** GPU rows that no longer run. */
  readonly removed?: ReadonlySet<Row>;
  /**
   * GPU rows whose launches are no longer made; of a graph's replay none goes. Not the same rows as
   * `removed`: where one kernel takes a chain's place, it is launched where the chain began.
   */
  readonly unlaunched?: ReadonlySet<Row>;
  /** GPU rows that take another time. */
  readonly durations?: ReadonlyMap<Row, Nanoseconds>;
  /** Host calls that no longer wait for the GPU, nor for a copy that they make themselves: they only submit. */
  readonly freed?: ReadonlySet<Row>;
  /** True where no launch comes late any more: events wait for their stream and for other events alone. */
  readonly hostKeepsUp?: boolean;
}

/** Wall and busy time from the first start to the last end, nanoseconds. */
interface Times {
  readonly wallNs: Nanoseconds;
  readonly busyNs: Nanoseconds;
}

/** A saving, nanoseconds. */
export interface Saved {
  readonly kernelNs: Nanoseconds;
  readonly gapNs: Nanoseconds;
}

/**
 * Re-times a trace with kernels gone, shortened, or with calls that no longer wait: a saving is
 * what the whole becomes shorter, not what a kernel took. An event starts when its launch was made,
 * its stream is free and what it waited for on another stream has ended, plus the delay that it had
 * beyond those in the recording; a host call is made when the one before it returned plus the host's
 * work between them, and returns when what it waited for has ended. So on a host-bound run a faster
 * kernel saves nothing and a launch less saves its host time, and on two streams only what is
 * exposed counts. The unchanged trace re-times to itself.
 *
 * Work of one thread that another thread set off is taken to keep its time: savings there are told
 * too small rather than too large.
 */
export class Retiming {
  readonly #graph: KernelGraph;
  readonly #held: Dependencies;
  readonly #order: Int32Array;
  readonly recorded: Times;
  #ahead: Times | null = null;

  constructor(graph: KernelGraph, waits = new HostWaits(graph)) {
    this.#graph = graph;
    this.#held = dependencies(graph, waits);
    this.#order = this.#inOrder();
    this.recorded = this.after({});
  }

  /**
   * What the whole becomes shorter by: the part that is busy time, and the part that is idle time.
   *
   * @param mostIdleNs idle time that the change may take at most
   */
  saved(change: Change, mostIdleNs: Nanoseconds = Number.POSITIVE_INFINITY): Saved {
    const before = change.hostKeepsUp === true ? this.#hostAhead() : this.recorded;
    const after = this.after(change);
    const savedNs = Math.max(0, before.wallNs - after.wallNs);
    // What runs beside other work afterwards makes the busy time shorter than what is gone.
    const goneNs = Math.min(this.#goneNs(change), Math.max(0, before.busyNs - after.busyNs));
    const kernelNs = Math.min(savedNs, goneNs);
    return { kernelNs, gapNs: Math.min(savedNs - kernelNs, mostIdleNs) };
  }

  /** What the GPU does less. */
  #goneNs({ removed = NONE, durations = SAME }: Change): Nanoseconds {
    const { duration } = this.#graph.trace.gpu;
    let ns = 0;
    for (const row of removed) ns += duration[row]!;
    for (const [row, shorter] of durations) if (!removed.has(row)) ns += duration[row]! - shorter;
    return ns;
  }

  /** What the trace would take if no launch came late. */
  #hostAhead(): Times {
    this.#ahead ??= this.after({ hostKeepsUp: true });
    return this.#ahead;
  }

  /** Times after a change; one pass over events and calls. */
  after(change: Change): Times {
    const { removed = NONE, unlaunched = NONE, durations = SAME, freed = NONE } = change;
    const hostKeepsUp = change.hostKeepsUp === true;
    const { trace, launchOf } = this.#graph;
    const { gpu, launches } = trace;
    const { before, across, feeds, joins, callBefore, waitsFor, knewOf, isReplay } = this.#held;
    const gone = this.#goneCalls(unlaunched);
    /** New end per GPU row and new return per call; of what is gone, of what came before it. */
    const ended = new Float64Array(gpu.count);
    const returned = new Float64Array(launches.count);
    let first = Number.POSITIVE_INFINITY;
    let end = Number.NEGATIVE_INFINITY;
    let busyNs = 0;
    for (const node of this.#order) {
      if (node < 0) {
        const call = ~node;
        const previous = callBefore[call]!;
        const start = launches.start[call]!;
        const recordedEnd = start + launches.duration[call]!;
        if (previous >= 0 && gone[call] === 1) {
          returned[call] = returned[previous]!;
          continue;
        }
        const from = this.#calledAt(call, returned);
        const awaited = waitsFor[call]!;
        const duration = launches.duration[call]!;
        if (freed.has(call)) returned[call] = from + (awaited < 0 ? Math.min(duration, SUBMIT) : 0);
        else if (awaited < 0) returned[call] = from + duration;
        else
          returned[call] = Math.max(from, ended[awaited]! + (recordedEnd - gpuEnd(gpu, awaited)));
        continue;
      }
      const row = node;
      const start = gpu.start[row]!;
      const stream = before[row]!;
      const other = across[row]!;
      const launch = launchOf[row]!;
      /** How far everything that it waits for has moved, and by when that was in the recording. */
      let ready = Number.NEGATIVE_INFINITY;
      let wasReady = Number.NEGATIVE_INFINITY;
      const wait = (now: Nanoseconds, was: Nanoseconds): void => {
        ready = Math.max(ready, now);
        wasReady = Math.max(wasReady, was);
      };
      if (stream >= 0) wait(ended[stream]!, gpuEnd(gpu, stream));
      if (other >= 0) wait(ended[other]!, gpuEnd(gpu, other));
      // Of a replay only what the GPU was idle before can have waited for its long call.
      const follows = stream >= 0 && start - gpuEnd(gpu, stream) < BACK_TO_BACK;
      if (launch >= 0 && !(isReplay[launch] === 1 && follows)) {
        const called = launches.start[launch]!;
        // What starts before its call returns waited for a part of it: of one that waits for the
        // GPU itself only the part in which it submits.
        const submits = waitsFor[launch]! < 0 ? launches.duration[launch]! : SUBMIT;
        const was = Math.min(called + submits, start);
        // The delay behind a late launch stays: it is the GPU's own.
        if (hostKeepsUp) {
          wasReady = Math.max(wasReady, was);
          // Without the host what it or a collective had brought is waited for all the same.
          for (const known of [knewOf[launch]!, joins[row]!, feeds[row]!])
            if (known >= 0 && known < row) ready = Math.max(ready, ended[known]!);
        } else wait(this.#calledAt(launch, returned) + (was - called), was);
      }
      const moved = ready === Number.NEGATIVE_INFINITY ? start : ready + (start - wasReady);
      if (removed.has(row)) {
        ended[row] = ready === Number.NEGATIVE_INFINITY ? start : ready;
        continue;
      }
      const duration = durations.get(row) ?? gpu.duration[row]!;
      ended[row] = moved + duration;
      busyNs += Math.max(0, ended[row]! - Math.max(moved, end));
      first = Math.min(first, moved);
      end = Math.max(end, ended[row]!);
    }
    return { wallNs: Math.max(0, end - first), busyNs };
  }

  /** When a call is made now: the host's work since the call before it on its thread takes its time. */
  #calledAt(call: Row, returned: Float64Array): Nanoseconds {
    const { start, duration } = this.#graph.trace.launches;
    const previous = this.#held.callBefore[call]!;
    return previous < 0
      ? start[call]!
      : returned[previous]! + (start[call]! - (start[previous]! + duration[previous]!));
  }

  /** Calls that are no longer made. */
  #goneCalls(unlaunched: ReadonlySet<Row>): Uint8Array {
    const gone = new Uint8Array(this.#graph.trace.launches.count);
    for (const row of unlaunched) {
      const launch = this.#graph.launchOf[row]!;
      if (launch >= 0 && this.#held.isReplay[launch] === 0) gone[launch] = 1;
    }
    return gone;
  }

  /**
   * GPU rows (as they are) and host calls (as their complement) so that what something waits for
   * comes before it: events by start, calls by return where they wait and by call otherwise.
   */
  #inOrder(): Int32Array {
    const { gpu, launches } = this.#graph.trace;
    const order = new Int32Array(gpu.count + launches.count);
    const time = (call: Row): Nanoseconds =>
      launches.start[call]! + (this.#held.waitsFor[call] === NO_ROW ? 0 : launches.duration[call]!);
    const calls = Int32Array.from({ length: launches.count }, (_, call) => call);
    if (this.#held.waitsFor.some((row) => row !== NO_ROW))
      calls.sort((a, b) => time(a) - time(b) || a - b);
    let at = 0;
    let row = 0;
    for (const call of calls) {
      const when = time(call);
      while (row < gpu.count && gpu.start[row]! < when) order[at++] = row++;
      order[at++] = ~call;
    }
    while (row < gpu.count) order[at++] = row++;
    return order;
  }
}

const NONE: ReadonlySet<Row> = new Set();
const SAME: ReadonlyMap<Row, Nanoseconds> = new Map();

/** What a call that waits for the GPU takes before it waits: as long as others take in all. */
const SUBMIT: Nanoseconds = 10_000;

/** Kernels of one stream that follow each other faster than this were both ready: dispatch takes about a microsecond. */
const BACK_TO_BACK: Nanoseconds = 2_000;
