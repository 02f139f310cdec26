import type { StepSpec } from "../../test/support/synth/spec.ts";
import { traceSpec } from "../../test/support/synth/spec.ts";
import { synthesise } from "../../test/support/synth/synthesise.ts";
import type { SynthEvent, SynthTrace } from "../../test/support/synth/trace.ts";

const PREFILL: StepSpec = { stage: "prefill", batchSize: 8, tokens: 4096, mode: "eager" };
const DECODE: StepSpec = { stage: "decode", batchSize: 32, tokens: 32, mode: "eager" };
const REPLAY: StepSpec = { stage: "decode", batchSize: 32, tokens: 32, mode: "graph" };

/** What traces are made of, by the two kinds that cost most. */
export const MIXES = {
  /** Python frames everywhere, one event in a hundred on the GPU: a capture with stacks. */
  stacks: (): SynthTrace => withPlumbing(trace([PREFILL, DECODE])),
  /** Eager and replayed steps, one event in eight on the GPU, a flow for each. */
  dense: (): SynthTrace => trace([PREFILL, DECODE, REPLAY]),
} as const;
export type Mix = keyof typeof MIXES;

function trace(steps: readonly StepSpec[]): SynthTrace {
  return synthesise(traceSpec({ engine: "sglang", layers: 36, steps }));
}

/** Frames inside each frame of the model's: a real interpreter records every call of its libraries. */
const INNER_FRAMES = 16;
const FILES = ["torch/nn/modules/module.py", "torch/_ops.py", "torch/utils/_contextlib.py"];
const CALLS = ["_call_impl", "__call__", "decorate_context", "<lambda>", "_wrapped_call_impl"];

function withPlumbing(original: SynthTrace): SynthTrace {
  const events = original.events.flatMap((event) =>
    event.cat === "python_function" ? [event, ...innerFrames(event)] : [event],
  );
  return { ...original, events };
}

/** Short frames one after the other at the start of `event`, before the frames it really calls. */
function innerFrames(event: SynthEvent): SynthEvent[] {
  const count = Math.max(Math.min(INNER_FRAMES, (event.dur ?? 0) - 1), 0);
  return Array.from({ length: count }, (_, i) => ({
    ...event,
    name: plumbingName(event.name.length * 7 + i),
    ts: event.ts + 1 + i,
    dur: 1,
  }));
}

function plumbingName(seed: number): string {
  if (seed % 4 === 0) return `<built-in method ${CALLS[seed % 3]} of type object at 0x${seed}f0>`;
  return `${FILES[seed % FILES.length]}(${100 + (seed % 97)}): ${CALLS[seed % CALLS.length]}`;
}
