import { traceText } from "../serialise.ts";
import type { SynthTrace } from "../trace.ts";

export interface ExampleFile {
  /** Below `examples/`; paths ending in ".gz" are compressed on disk. */
  readonly path: string;
  readonly text: string;
}

export function traceFile(path: string, trace: SynthTrace): ExampleFile {
  return { path, text: traceText(trace) };
}

export function jsonFile(path: string, value: unknown): ExampleFile {
  return { path, text: `${JSON.stringify(value, null, 2)}\n` };
}
