import { type Trace, text } from "../../model/trace/trace.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";
import { OpenSpans, type SpanTable } from "../attribution/open-spans.ts";

/** A stretch of time on one host thread. */
interface HostStretch {
  readonly thread: number;
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
}

/** What the host did in a stretch, null where nothing of the kind was recorded. */
interface HostActivity {
  /** Innermost annotation or CPU op that covers most of it ("enumerate(DataLoader)…", "aten::item"). */
  readonly op: string | null;
  /** Innermost Python frame outside torch that does ("serve.py(12): sample"). */
  readonly frame: string | null;
  /** The next such frame outwards, in another function: who called it. */
  readonly caller: string | null;
}

/** Share of a stretch that a span must cover to be what the host did in it. */
const MOST = 0.5;

/**
 * What the host did in each stretch: what encloses its middle and covers most of it, from the
 * inside out. One pass over annotations, ops and frames for all stretches together.
 */
export function hostActivities(
  trace: Trace,
  stretches: readonly HostStretch[],
): readonly HostActivity[] {
  const threads = trace.threads.length;
  const tables = [hostAnnotations(trace), trace.ops, trace.frames] as const;
  const [annotations, ops, frames] = tables.map((table) => new OpenSpans(table, threads)) as [
    OpenSpans,
    OpenSpans,
    OpenSpans,
  ];
  const middle = ({ start, end }: HostStretch): Nanoseconds => (start + end) / 2;
  const order = stretches
    .map((_, index) => index)
    .sort((a, b) => {
      const [x, y] = [stretches[a]!, stretches[b]!];
      return x.thread - y.thread || middle(x) - middle(y) || a - b;
    });
  const found: HostActivity[] = new Array(stretches.length);
  let thread = -1;
  for (const index of order) {
    const stretch = stretches[index]!;
    for (const open of [annotations, ops, frames]) {
      if (stretch.thread !== thread) open.enterThread(stretch.thread);
      open.moveTo(middle(stretch));
    }
    thread = stretch.thread;
    const around = (open: OpenSpans, table: SpanTable, accepts: RegExp | null, most = 1) =>
      enclosing(trace, table, open.rows, stretch, accepts, most);
    const [frame = null, caller = null] = around(frames, tables[2], OWN_CODE, 2);
    found[index] = {
      op: around(ops, tables[1], null)[0] ?? around(annotations, tables[0], null)[0] ?? null,
      frame,
      caller,
    };
  }
  return found;
}

/**
 * Frames of Python code are spelled with file and line; built-ins and modules are not. What torch
 * and the standard library put between a call and its caller is nobody's code to change.
 */
const OWN_CODE =
  /^(?!(torch|threading|contextlib|functools|asyncio|concurrent)\b)(?!<frozen).*\.py\(\d+\): /;

/** Names of the spans around a stretch that cover most of it, from the inside out, at most so many. */
function enclosing(
  trace: Trace,
  table: SpanTable,
  rows: readonly number[],
  { start, end }: HostStretch,
  accepts: RegExp | null,
  most: number,
): readonly string[] {
  const names: string[] = [];
  for (let at = rows.length - 1; at >= 0 && names.length < most; at--) {
    const row = rows[at]!;
    const from = table.start[row]!;
    const covered = Math.min(end, from + table.duration[row]!) - Math.max(start, from);
    if (covered < MOST * (end - start)) continue;
    const name = text(trace, table.name[row]!);
    if ((accepts === null || accepts.test(name)) && name !== names.at(-1)) names.push(name);
  }
  return names;
}

/** "serve/sampler.py:12 sample" of a frame as the profiler spells it: "serve/sampler.py(12): sample". */
export function frameText(frame: string): string {
  return frame.replace(/\((\d+)\): /, ":$1 ");
}

/** Host annotations as a table of nested spans. */
function hostAnnotations({ annotations }: Trace): SpanTable {
  const rows: number[] = [];
  for (let row = 0; row < annotations.count; row++)
    if (annotations.onGpu[row] === 0) rows.push(row);
  const { lane, start, duration, name } = annotations;
  rows.sort(
    (a, b) => lane[a]! - lane[b]! || start[a]! - start[b]! || duration[b]! - duration[a]! || a - b,
  );
  return {
    count: rows.length,
    name: Uint32Array.from(rows, (row) => name[row]!),
    thread: Uint16Array.from(rows, (row) => lane[row]!),
    start: Float64Array.from(rows, (row) => start[row]!),
    duration: Float64Array.from(rows, (row) => duration[row]!),
  };
}
