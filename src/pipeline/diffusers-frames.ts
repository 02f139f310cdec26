import { diffusersRefusal } from "../model/diffusers.ts";
import type { Trace } from "../model/trace/trace.ts";

/**
 * A pipeline of the diffusers library at work, or SGLang's stage that hands a request to one. Its
 * native pipelines import helpers from the same folders, and those alone prove nothing.
 */
const RUNS =
  /(?:^|\/)diffusers\/pipelines\/(?:\w+\/)*pipeline_\w+\.py\(\d+\): __call__$|(?:^|\/)multimodal_gen\/runtime\/pipelines\/diffusers_pipeline\.py\(\d+\): forward$/;
const LIBRARY = /(?:^|\/)diffusers\/pipelines\/[\w/]+\.py\(\d+\): /;

interface DiffusersFrame {
  readonly frame: string;
  /** A pipeline of the library ran; otherwise only something beside one did. */
  readonly proves: boolean;
}

/** The frame that speaks most for diffusers; null when none does. */
export function diffusersFrame({ strings }: Trace): DiffusersFrame | null {
  let beside: string | null = null;
  for (const text of strings) {
    if (!text.includes("diffusers")) continue;
    if (RUNS.test(text)) return { frame: text, proves: true };
    if (beside === null && LIBRARY.test(text)) beside = text;
  }
  return beside === null ? null : { frame: beside, proves: false };
}

/** @throws {TriageError} `refused/diffusers-backend` (exit 6) when the trace itself shows it */
export function refuseDiffusersTrace(trace: Trace): void {
  const found = diffusersFrame(trace);
  if (found?.proves) throw diffusersRefusal(`its trace has ${found.frame}`, trace.origin.path);
}
