import type { FrameworkProfile, StageName, StepLabel } from "../../model/framework.ts";
import type { Step } from "../../model/trace/kernel-graph.ts";
import { type Trace, text } from "../../model/trace/trace.ts";
import type { Row, StringId } from "../../model/trace/units.ts";
import { distinctNames } from "../attribution/distinct-names.ts";
import { parseFrame } from "../attribution/frame-text.ts";
import { OpenSpans } from "../attribution/open-spans.ts";

/** A stretch of one thread or stream that says which stage it is. */
export interface StageSpan {
  /** Thread index for host spans, stream index for GPU ones. */
  readonly lane: number;
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly step: StepLabel;
  readonly from: Extract<Step["from"], "annotation" | "python-frame">;
}

/** Below every annotation: a frame says only which function ran. */
const FRAME_TRUST = -1;

/** Annotations that the framework's profile reads as steps, on the host or on GPU streams. */
export function annotatedSpans(
  trace: Trace,
  profile: FrameworkProfile,
  onGpu: boolean,
): readonly StageSpan[] {
  const { annotations } = trace;
  const spans: StageSpan[] = [];
  for (let row = 0; row < annotations.count; row++) {
    if ((annotations.onGpu[row] === 1) !== onGpu) continue;
    const label = text(trace, annotations.name[row]!);
    const step = profile.step(label);
    if (step === null) continue;
    const start = annotations.start[row]!;
    const end = start + annotations.duration[row]!;
    spans.push({ lane: annotations.lane[row]!, start, end, label, step, from: "annotation" });
  }
  return spans;
}

/**
 * Python calls that only one stage makes (`forward_decode`). An attention backend makes one for
 * every layer: the span is the pass over the model around it, its outermost nn.Module call.
 */
export function frameSpans(trace: Trace, profile: FrameworkProfile): readonly StageSpan[] {
  const { frames } = trace;
  const told = stagesOfFrames(trace, profile);
  if (told.size === 0) return [];
  const open = new OpenSpans(frames, trace.threads.length);
  const isModule = (row: Row) => text(trace, frames.name[row]!).startsWith("nn.Module: ");
  const spans: StageSpan[] = [];
  let thread = -1;
  for (const row of rowsNamed(trace, told)) {
    const stage = told.get(frames.name[row]!)!;
    if (frames.thread[row] !== thread) {
      thread = frames.thread[row]!;
      open.enterThread(thread);
    }
    open.moveTo(frames.start[row]!);
    const pass = open.rows.find(isModule) ?? row;
    const start = frames.start[pass]!;
    spans.push({
      lane: thread,
      start,
      end: start + frames.duration[pass]!,
      label: text(trace, frames.name[row]!),
      step: { stage, batchSize: null, tokens: null, trust: FRAME_TRUST },
      from: "python-frame",
    });
  }
  return spans;
}

/** Stage per frame name that tells one. */
function stagesOfFrames(trace: Trace, profile: FrameworkProfile): ReadonlyMap<StringId, StageName> {
  const told = new Map<StringId, StageName>();
  for (const name of distinctNames(trace, trace.frames)) {
    const frame = parseFrame(text(trace, name));
    const stage = frame.kind === "python" ? profile.stageOfFrame(frame.path, frame.fn) : null;
    if (stage !== null) told.set(name, stage);
  }
  return told;
}

function rowsNamed(trace: Trace, names: ReadonlyMap<StringId, unknown>): readonly Row[] {
  const { name, count } = trace.frames;
  const isNamed = new Uint8Array(trace.strings.length);
  for (const id of names.keys()) isNamed[id] = 1;
  const rows: Row[] = [];
  for (let row = 0; row < count; row++) if (isNamed[name[row]!] === 1) rows.push(row);
  return rows;
}
