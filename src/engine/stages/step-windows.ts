import { firstIndex } from "../../base/first-index.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { NO_ROW } from "../../model/trace/units.ts";
import { OpenSpans } from "../attribution/open-spans.ts";
import type { StageSpan } from "./step-spans.ts";

/** A stretch of time that belongs to a step. */
export interface Window {
  readonly step: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Which step a host call belongs to.
 *
 * A call inside a step's span is that step's. Around the span the engine prepares inputs and
 * samples; those calls belong to the step if one Python call encloses both and no other step
 * (SGLang's run_batch). Calls of threads without steps (autograd, a communicator) belong to the
 * step that was running.
 *
 * @param steps collapsed host spans, ordered by lane, then start.
 * @param parts spans that belong to the step begun last on their thread.
 */
export class StepWindows {
  readonly #byThread = new Map<number, { spans: Window[]; calls: Window[] }>();
  readonly #all: Window[];

  constructor(trace: Trace, steps: readonly StageSpan[], parts: readonly StageSpan[] = []) {
    const calls = enclosingCalls(trace, steps);
    for (const [step, span] of steps.entries()) {
      const own = this.#byThread.get(span.lane) ?? { spans: [], calls: [] };
      own.spans.push({ step, start: span.start, end: span.end });
      own.calls.push({ step, ...calls[step]! });
      this.#byThread.set(span.lane, own);
    }
    for (const part of parts) {
      const spans = this.#byThread.get(part.lane)?.spans ?? [];
      const at = spans.findLastIndex((span) => span.start <= part.start);
      if (at >= 0)
        spans.splice(at + 1, 0, { step: spans[at]!.step, start: part.start, end: part.end });
    }
    this.#all = [...this.#byThread.values()]
      .flatMap((own) => own.spans)
      .sort((a, b) => a.start - b.start);
  }

  /** Step of a call on `thread` at `time`, -1 without one. */
  at(thread: number, time: number): number {
    const own = this.#byThread.get(thread);
    if (own === undefined) return windowAt(this.#all, time);
    const inside = windowAt(own.spans, time);
    return inside === NO_ROW ? windowAt(own.calls, time) : inside;
  }
}

/** Step whose window holds `time`, -1 without one. Windows are ordered by start; where they overlap the latest start wins. */
export function windowAt(windows: readonly Window[], time: number): number {
  const found = windows[firstIndex(0, windows.length, (at) => windows[at]!.start > time) - 1];
  return found !== undefined && time < found.end ? found.step : NO_ROW;
}

/** Per step the widest Python call around it that holds no other step; the span itself without one. */
function enclosingCalls(
  trace: Trace,
  steps: readonly StageSpan[],
): readonly { readonly start: number; readonly end: number }[] {
  const open = new OpenSpans(trace.frames, trace.threads.length);
  const { start, duration } = trace.frames;
  let lane = -1;
  return steps.map((span, at) => {
    if (span.lane !== lane) open.enterThread(span.lane);
    lane = span.lane;
    open.moveTo(span.start);
    const before = steps[at - 1];
    const after = steps[at + 1];
    const earliest = before?.lane === lane ? before.end : -Infinity;
    const latest = after?.lane === lane ? after.start : Infinity;
    const call = open.rows.find((row) => {
      const end = start[row]! + duration[row]!;
      return start[row]! >= earliest && end <= latest && end >= span.end;
    });
    if (call === undefined) return { start: span.start, end: span.end };
    return { start: start[call]!, end: start[call]! + duration[call]! };
  });
}
