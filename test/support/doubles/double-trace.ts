import type { FrameworkId } from "../../../src/model/framework.ts";
import { traceText } from "../synth/serialise.ts";
import { type StepSpec, traceSpec } from "../synth/spec.ts";
import { synthesise } from "../synth/synthesise.ts";

/** One forward of the pretended engine. */
export interface Forward {
  readonly kind: "EXTEND" | "DECODE";
  readonly batchSize: number;
  readonly tokens: number;
}

/** A step without work, by which a vLLM that has nothing left to do tells its workers what ended. */
export const IDLE: Forward = { kind: "DECODE", batchSize: 0, tokens: 0 };

/** Most tests record the same few windows, and synthesising one takes longer than the test. */
const known = new Map<string, string>();

/** A small trace of exactly these forwards, as the framework would write it for `rank`. */
export function doubleTrace(
  framework: FrameworkId,
  forwards: readonly Forward[],
  rank: number,
): string {
  const work = forwards.filter(({ batchSize }) => batchSize > 0);
  const steps: StepSpec[] = work.map(({ kind, batchSize, tokens }) => ({
    stage: kind === "EXTEND" ? "prefill" : "decode",
    batchSize,
    tokens,
    mode: "eager",
  }));
  const key = JSON.stringify([framework, rank, steps]);
  const text =
    known.get(key) ??
    traceText(synthesise(traceSpec({ engine: framework, layers: 1, steps, seed: 1 + rank })));
  known.set(key, text);
  return text;
}
