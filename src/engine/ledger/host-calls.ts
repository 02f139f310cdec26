import { type Trace, text } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import { distinctNames } from "../attribution/distinct-names.ts";

/** Calls in which a host stands for long though it neither launches nor waits for a result. */
export type HostCallKind = "memory" | "pinned-memory" | "module";

const KINDS: readonly (readonly [HostCallKind, RegExp])[] = [
  [
    "pinned-memory",
    /^(cuda|cu|hip)(HostAlloc|HostRegister|HostUnregister|HostMalloc|MallocHost|FreeHost|HostFree|MemHostAlloc|MemFreeHost)/,
  ],
  [
    "memory",
    /^(cuda|cu|hip)(Malloc|Free|MemAlloc|MemFree|MemCreate|MemRelease|MemMap|MemUnmap|MemSetAccess|MemAddressReserve|MemAddressFree|MemPoolTrimTo)/,
  ],
  [
    "module",
    /^(cuda|cu|hip)(ModuleLoad|LibraryLoad|LinkComplete|ModuleGetFunction|LibraryGetKernel)/,
  ],
];

/** Share of a stretch that such calls must fill to be what the host did in it. */
const MOST = 0.5;

/** The calls that fill most of a stretch. */
interface HostCalls {
  readonly kind: HostCallKind;
  /** The call with most time ("cudaFree"), and how many of the kind there were. */
  readonly name: string;
  readonly count: number;
}

/**
 * What fills most of each stretch of a host thread, of the calls that allocate, free or load; null
 * where something else does. Linear in host calls, and in stretches times such calls.
 */
export function hostCalls(
  trace: Trace,
  stretches: readonly {
    readonly thread: number;
    readonly start: Nanoseconds;
    readonly end: Nanoseconds;
  }[],
): readonly (HostCalls | null)[] {
  if (stretches.length === 0) return [];
  const calls = slowCalls(trace);
  const { thread, start, duration, name } = trace.launches;
  return stretches.map((stretch) => {
    for (const [kind, rows] of calls) {
      const byName = new Map<number, Nanoseconds>();
      let count = 0;
      let ns = 0;
      for (const row of rows) {
        if (thread[row] !== stretch.thread) continue;
        const from = Math.max(stretch.start, start[row]!);
        const shared = Math.min(stretch.end, start[row]! + duration[row]!) - from;
        if (shared <= 0) continue;
        count++;
        ns += shared;
        byName.set(name[row]!, (byName.get(name[row]!) ?? 0) + shared);
      }
      if (ns < MOST * (stretch.end - stretch.start)) continue;
      const [most] = [...byName].sort((a, b) => b[1] - a[1] || a[0] - b[0]) as [[number, number]];
      return { kind, name: text(trace, most[0]), count };
    }
    return null;
  });
}

/** Rows of the calls of each kind. */
function slowCalls(trace: Trace): readonly (readonly [HostCallKind, readonly Row[]])[] {
  const kindOf = new Map<number, HostCallKind>();
  for (const name of distinctNames(trace, trace.launches)) {
    const found = KINDS.find(([, pattern]) => pattern.test(text(trace, name)));
    if (found !== undefined) kindOf.set(name, found[0]);
  }
  const rows = new Map<HostCallKind, Row[]>(KINDS.map(([kind]) => [kind, []]));
  if (kindOf.size > 0)
    for (let row = 0; row < trace.launches.count; row++) {
      const kind = kindOf.get(trace.launches.name[row]!);
      if (kind !== undefined) rows.get(kind)!.push(row);
    }
  return [...rows];
}
