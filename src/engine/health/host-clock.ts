import { largestOf, smallestOf } from "../../base/extremes.ts";
import type { Trace } from "../../model/trace.ts";
import { type Nanoseconds, NO_ROW, type Row, toUs } from "../../model/units.ts";
import type { Checked } from "./check-trace.ts";

/** Launches looked at: what is wrong with a clock is wrong everywhere. */
const MOST_COMPARED = 2000;
const FEWEST_COMPARED = 8;
/** Ids name ops when nearly all launches can be brought into theirs by one shift. */
const ALL = 0.97;
const BETTER = 0.1;
const LONGEST_SHIFT: Nanoseconds = 1e9;

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
  const isClear = count >= spans.length * ALL && count >= now + spans.length * BETTER;
  if (!isClear || Math.abs(shift) > LONGEST_SHIFT) return { trace, findings: [] };
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
