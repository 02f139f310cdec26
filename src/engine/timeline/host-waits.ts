import { firstIndex } from "../../base/first-index.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd, type Trace, text } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import { distinctNames } from "../attribution/distinct-names.ts";

/** Calls that return only when the GPU has come to a point. */
const BLOCKING =
  /^(cuda|cu|hip)((Stream|Device|Event|Ctx)Synchronize|Memcpy(DtoH|HtoD|DtoD)?(_v2)?|MemcpyWithStream)$/;

/** Copy calls that may or may not wait: that they did is told by when they returned. */
const ASYNC_COPY = /Memcpy.*Async/;

/** Copies that read into the host's memory or use pageable memory: the others never hold the host. */
const HOST_SIDE = /DtoH|Device -> (Host|Pageable)|Pageable/;

/** Host calls, by thread and ascending start, that waited for the GPU. */
export class HostWaits {
  readonly #byThread = new Map<number, Row[]>();
  readonly #trace: Trace;

  constructor({ trace, launchOf }: Pick<KernelGraph, "trace" | "launchOf">) {
    this.#trace = trace;
    const isBlocking = blockingCalls(trace, launchOf);
    for (let call = 0; call < trace.launches.count; call++) {
      if (isBlocking[call] === 0) continue;
      const thread = trace.launches.thread[call]!;
      const calls = this.#byThread.get(thread);
      if (calls === undefined) this.#byThread.set(thread, [call]);
      else calls.push(call);
    }
  }

  /** Every waiting call of one thread, by ascending start. */
  of(thread: number): readonly Row[] {
    return this.#byThread.get(thread) ?? [];
  }

  /** The call in which `thread` waited at `time`, -1 where it did not. */
  at(thread: number, time: Nanoseconds): Row {
    const { start, duration } = this.#trace.launches;
    const calls = this.of(thread);
    const call = calls[firstIndex(0, calls.length, (at) => start[calls[at]!]! > time) - 1];
    return call !== undefined && start[call]! + duration[call]! > time ? call : -1;
  }
}

/**
 * One flag per host call: 1 where it waited. A copy that is asynchronous by name waited when it
 * touches host memory and came back after its copy was done: that is how a pageable copy shows.
 */
function blockingCalls(trace: Trace, launchOf: Int32Array): Uint8Array {
  const { launches, gpu, kernelNames } = trace;
  const byName = new Uint8Array(trace.strings.length);
  const isAsyncCopy = new Uint8Array(trace.strings.length);
  for (const name of distinctNames(trace, launches)) {
    byName[name] = Number(BLOCKING.test(text(trace, name)));
    isAsyncCopy[name] = Number(ASYNC_COPY.test(text(trace, name)));
  }
  const flags = new Uint8Array(launches.count);
  for (let call = 0; call < flags.length; call++) flags[call] = byName[launches.name[call]!]!;
  const isHostSide = kernelNames.map(({ raw }) => HOST_SIDE.test(raw));
  for (let row = 0; row < gpu.count; row++) {
    const call = launchOf[row]!;
    if (call < 0 || isAsyncCopy[launches.name[call]!] === 0 || !isHostSide[gpu.name[row]!])
      continue;
    if (launches.start[call]! + launches.duration[call]! >= gpuEnd(gpu, row)) flags[call] = 1;
  }
  return flags;
}
