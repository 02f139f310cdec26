import type { FrameworkProfile, StageName, StepLabel } from "../../model/framework.ts";
import type { Step } from "../../model/kernel-graph.ts";
import { type Trace, text } from "../../model/trace.ts";
import { parseFrame } from "../attribution/frame-text.ts";

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

/** Python calls that only one stage makes (`forward_decode`). */
export function frameSpans(trace: Trace, profile: FrameworkProfile): readonly StageSpan[] {
  const { frames } = trace;
  const stageOf = new Map<number, StageName | null>();
  const spans: StageSpan[] = [];
  for (let row = 0; row < frames.count; row++) {
    const name = frames.name[row]!;
    let stage = stageOf.get(name);
    if (stage === undefined) {
      const frame = parseFrame(text(trace, name));
      stage = frame.kind === "python" ? profile.stageOfFrame(frame.path, frame.fn) : null;
      stageOf.set(name, stage);
    }
    if (stage === null) continue;
    const start = frames.start[row]!;
    spans.push({
      lane: frames.thread[row]!,
      start,
      end: start + frames.duration[row]!,
      label: text(trace, name),
      step: { stage, batchSize: null, tokens: null, trust: FRAME_TRUST },
      from: "python-frame",
    });
  }
  return spans;
}
