import { largestOf, smallestOf } from "../../base/extremes.ts";
import { pickRows } from "../../base/pick-rows.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { type Nanoseconds, NO_ROW, type Row, toUs } from "../../model/trace/units.ts";
import type { Checked } from "./checked.ts";

/** Launches looked at: what is wrong with a clock is wrong everywhere. */
const MOST_COMPARED = 2000;
const FEWEST_COMPARED = 8;
/** Ids name ops when nearly all launches can be brought into theirs by one shift. */
const ALL = 0.97;
const BETTER = 0.1;
const LONGEST_SHIFT: Nanoseconds = 1e9;

/** Clocks that wander put launches beside their ops by no more than this. */
const WANDERS: Nanoseconds = 50_000;
/** An op that is so much nearer than any could be by chance, of the host's whole recording. */
const NEAR_SHARE = 0.05;

/** How far a launch may be moved to lie within the op its External id names. */
interface Span {
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

/**
 * Runtime calls and ops are stamped by different clocks; where these disagree, launches lie beside
 * the ops that made them and everything is attributed to a neighbour. The External id that both
 * carry tells by how much: it is believed where one shift brings nearly every launch into its op,
 * which no id that merely repeats the correlation (as old torch wrote it) could.
 */
export function alignHostClock(trace: Trace, launchOf: Int32Array): Checked {
  const spans = comparedSpans(trace, launchOf);
  if (spans.length < FEWEST_COMPARED) return { trace, findings: [] };
  const now = spans.filter(({ from, to }) => from <= 0 && to >= 0).length;
  if (now >= spans.length * ALL) return { trace, findings: [] };
  const { shift, count } = bestShift(spans);
  if (Math.abs(shift) > LONGEST_SHIFT) return { trace, findings: [] };
  const isClear = count >= spans.length * ALL && count >= now + spans.length * BETTER;
  if (!isClear) return wandering(trace, launchOf, spans, shift);
  const { launches } = trace;
  const start = launches.start.map((time) => time + shift);
  return {
    trace: { ...trace, launches: { ...launches, start } },
    findings: [
      {
        kind: "host-clocks-disagree",
        count: launches.count,
        us: 0,
        where: `runtime calls lie ${toUs(Math.abs(shift)).toFixed(1)} us ${shift < 0 ? "behind" : "before"} the ops that made them`,
        remedy: "moved by as much, as the External ids tell; ops and Python places hold",
      },
    ],
  };
}

/**
 * Where no single shift will do and each launch still lies near the op that its id names, the clocks
 * wander: every launch is moved into its op.
 */
function wandering(
  trace: Trace,
  launchOf: Int32Array,
  spans: readonly Span[],
  shift: Nanoseconds,
): Checked {
  const { launches, ops, gpu } = trace;
  const recorded = (launches.start.at(-1) ?? 0) - (launches.start[0] ?? 0);
  const near = Math.min(WANDERS, NEAR_SHARE * recorded);
  const isNear = ({ from, to }: Span): boolean => Math.max(from - shift, shift - to) <= near;
  if (spans.filter(isNear).length < spans.length * ALL) return { trace, findings: [] };
  const ids = new Set(gpu.externalId.filter((id) => id > 0));
  const opOf = opsById(ops.externalId, ids);
  const start = launches.start.map((time) => time + shift);
  let [count, most] = [0, 0];
  for (let row = 0; row < gpu.count; row++) {
    const launch = launchOf[row]!;
    const op = opOf.get(gpu.externalId[row]!);
    if (launch === NO_ROW || op === undefined || ops.thread[op] !== launches.thread[launch])
      continue;
    const [from, to] = [ops.start[op]!, ops.start[op]! + ops.duration[op]!];
    const inside = Math.min(Math.max(start[launch]!, from), to);
    if (inside === launches.start[launch] || Math.abs(inside - start[launch]!) > near) continue;
    count++;
    most = Math.max(most, Math.abs(inside - launches.start[launch]!));
    start[launch] = inside;
  }
  const order = Array.from(start.keys()).sort((a, b) => start[a]! - start[b]! || a - b);
  return {
    trace: { ...trace, launches: pickRows({ ...launches, start }, order) },
    findings: [
      {
        kind: "host-clocks-disagree",
        count,
        us: 0,
        where: `runtime calls lie up to ${toUs(most).toFixed(1)} us beside the ops that made them, now before, now behind`,
        remedy: "each was moved into its op, as the External ids tell; ops and Python places hold",
      },
    ],
  };
}

function comparedSpans(trace: Trace, launchOf: Int32Array): Span[] {
  const { gpu, ops, launches } = trace;
  const chosen: Row[] = [];
  const stride = Math.max(1, Math.floor(gpu.count / MOST_COMPARED));
  for (let row = 0; row < gpu.count; row += stride)
    if (launchOf[row] !== NO_ROW && gpu.externalId[row]! > 0) chosen.push(row);
  if (chosen.length < FEWEST_COMPARED) return [];
  const opOf = opsById(ops.externalId, new Set(chosen.map((row) => gpu.externalId[row]!)));
  const spans: Span[] = [];
  for (const row of chosen) {
    const op = opOf.get(gpu.externalId[row]!);
    const launch = launchOf[row]!;
    if (op === undefined || ops.thread[op] !== launches.thread[launch]) continue;
    const from = ops.start[op]! - launches.start[launch]!;
    spans.push({ from, to: from + ops.duration[op]! });
  }
  return spans.length < chosen.length / 2 ? [] : spans;
}

function opsById(ids: Float64Array, wanted: ReadonlySet<number>): ReadonlyMap<number, Row> {
  const least = smallestOf(wanted);
  const most = largestOf(wanted);
  const opOf = new Map<number, Row>();
  for (let op = 0; op < ids.length; op++) {
    const id = ids[op]!;
    if (id < least || id > most || !wanted.has(id) || opOf.has(id)) continue;
    opOf.set(id, op);
  }
  return opOf;
}

/** The shift within most spans; of several as good the middle of the stretch nearest to none. */
function bestShift(spans: readonly Span[]): { shift: Nanoseconds; count: number } {
  const bounds = spans
    .flatMap(({ from, to }) => [
      { at: from, step: 1 },
      { at: to, step: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.step - a.step);
  let open = 0;
  let count = 0;
  let shift = 0;
  for (const [index, { at, step }] of bounds.entries()) {
    open += step;
    const until = bounds[index + 1]?.at ?? at;
    const middle = Math.round((at + until) / 2);
    if (open > count || (open === count && Math.abs(middle) < Math.abs(shift))) {
      count = open;
      shift = middle;
    }
  }
  return { shift, count };
}
