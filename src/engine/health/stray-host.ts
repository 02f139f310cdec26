import { pickRows } from "../../base/pick-rows.ts";
import { type Trace, text } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import { bulkOf, outside } from "./bulk.ts";
import type { Checked } from "./checked.ts";

/** Host events, as far as their place in time goes. */
interface HostTable {
  readonly count: number;
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly name: Uint32Array;
}

const TABLES = ["launches", "ops", "frames", "annotations", "syncs"] as const;

/**
 * Leaves out host events that lie minutes and more from the GPU's work and from the host's: they
 * set where the trace begins, bound steps that never were, and make kernels look late. What lasts
 * into the recording stays.
 */
export function withoutStrayHost(trace: Trace): Checked {
  const gpu = bulkOf(trace.gpu.start);
  // Tables of a few rows say nothing of where the recording lies.
  const host = bulkOf(largest(TABLES.map((key) => trace[key].start)));
  const picked: Partial<Pick<Trace, (typeof TABLES)[number]>> = {};
  const names: string[] = [];
  let count = 0;
  for (const key of TABLES) {
    const table: HostTable = trace[key];
    const isStray = (row: Row): boolean => {
      const [start, end] = [table.start[row]!, table.start[row]! + table.duration[row]!];
      return outside(gpu, start, end) && outside(host, start, end);
    };
    const strays: Row[] = [];
    for (let row = 0; row < table.count; row++) if (isStray(row)) strays.push(row);
    if (strays.length === 0) continue;
    count += strays.length;
    names.push(...strays.slice(0, MOST_NAMES).map((row) => text(trace, table.name[row]!)));
    Object.assign(picked, { [key]: without(table, strays) });
  }
  if (count === 0) return { trace, findings: [] };
  return {
    trace: fromFirst({ ...trace, ...picked }),
    findings: [
      {
        kind: "stray-host",
        count,
        us: 0,
        where: [...new Set(names)].slice(0, MOST_NAMES).join(", "),
        remedy:
          "left out: they lie minutes or more from everything else, so their clock was not read right; steps and idle time are told without them",
      },
    ],
  };
}

const MOST_NAMES = 3;

function largest(columns: readonly Float64Array[]): Float64Array {
  return columns.reduce((a, b) => (b.length > a.length ? b : a));
}

function without<T extends { readonly count: number }>(table: T, strays: readonly Row[]): T {
  const isStray = new Set(strays);
  return pickRows(
    table,
    Array.from({ length: table.count }, (_, row) => row).filter((row) => !isStray.has(row)),
  );
}

/** Counts times from the first event that is left. */
function fromFirst(trace: Trace): Trace {
  const tables = [trace.gpu, ...TABLES.map((key) => trace[key])];
  const first = tables.reduce(
    (least, { start }) => start.reduce((a, b) => Math.min(a, b), least),
    Number.POSITIVE_INFINITY,
  );
  const shiftUs = Math.floor(first / 1000);
  if (!Number.isFinite(first) || shiftUs === 0) return trace;
  const moved = <T extends { readonly start: Float64Array }>(table: T): T => ({
    ...table,
    start: table.start.map((time: Nanoseconds) => time - shiftUs * 1000),
  });
  return {
    ...trace,
    baseUs: trace.baseUs + shiftUs,
    gpu: moved(trace.gpu),
    launches: moved(trace.launches),
    ops: moved(trace.ops),
    frames: moved(trace.frames),
    annotations: moved(trace.annotations),
    syncs: moved(trace.syncs),
  };
}
