import type { Trace } from "../../model/trace/trace.ts";
import { NO_ROW } from "../../model/trace/units.ts";
import { distinctNames } from "./distinct-names.ts";
import { OpenSpans } from "./open-spans.ts";
import type { SiteTable } from "./site-table.ts";

/** Moments on host threads that want to know what was running there. */
export interface HostMoments {
  readonly count: number;
  readonly thread: Uint16Array;
  readonly start: Float64Array;
}

export interface HostPlaces {
  /** Site per moment, 0 for moments that were not asked for or have nothing around them. */
  readonly site: Int32Array;
  /** Row of the cpu op the site shows, -1 without one. */
  readonly op: Int32Array;
}

/**
 * Puts host moments into the Python frames, modules and cpu ops around them by time nesting on
 * their own thread: one pass over frames and ops with a stack per thread, whatever the number of
 * moments. A moment on a thread without frames (autograd's) gets its ops alone.
 */
export function placeOnHost(
  trace: Trace,
  moments: HostMoments,
  isWanted: Uint8Array,
  sites: SiteTable,
): HostPlaces {
  const threads = trace.threads.length;
  const frames = new OpenSpans(trace.frames, threads);
  const ops = new OpenSpans(trace.ops, threads);
  const isShim = bookkeepingNames(trace, sites);
  const site = new Int32Array(moments.count);
  const op = new Int32Array(moments.count).fill(NO_ROW);
  let thread = -1;
  for (const moment of byThread(moments, isWanted, threads)) {
    if (moments.thread[moment] !== thread) {
      thread = moments.thread[moment]!;
      frames.enterThread(thread);
      ops.enterThread(thread);
    }
    frames.moveTo(moments.start[moment]!);
    ops.moveTo(moments.start[moment]!);
    const shown = innermost(ops.rows, trace.ops.name, isShim);
    op[moment] = shown;
    site[moment] = sites.site(
      frames.path(sites.extendFrames),
      ops.path(sites.extendOps),
      shown < 0 ? 0 : trace.ops.shapes[shown]!,
      shown < 0 ? 0 : trace.ops.types[shown]!,
    );
  }
  return { site, op };
}

/** Wanted moments ordered by thread, then time; moments come ordered by time. */
function byThread(moments: HostMoments, isWanted: Uint8Array, threads: number): Uint32Array {
  const next = new Uint32Array(threads + 1);
  let wanted = 0;
  for (let row = 0; row < moments.count; row++) {
    if (isWanted[row] === 0) continue;
    next[moments.thread[row]! + 1]!++;
    wanted++;
  }
  for (let thread = 0; thread < threads; thread++) next[thread + 1]! += next[thread]!;
  const order = new Uint32Array(wanted);
  for (let row = 0; row < moments.count; row++) {
    if (isWanted[row] === 1) order[next[moments.thread[row]!]!++] = row;
  }
  return order;
}

/** Innermost op that is not a mere shim, else the innermost one. */
function innermost(rows: readonly number[], names: Uint32Array, isShim: Uint8Array): number {
  for (let at = rows.length - 1; at >= 0; at--) {
    if (isShim[names[rows[at]!]!] === 0) return rows[at]!;
  }
  return rows.at(-1) ?? NO_ROW;
}

function bookkeepingNames(trace: Trace, sites: SiteTable): Uint8Array {
  const flags = new Uint8Array(trace.strings.length);
  for (const name of distinctNames(trace, trace.ops))
    flags[name] = Number(sites.isBookkeepingName(name));
  return flags;
}
