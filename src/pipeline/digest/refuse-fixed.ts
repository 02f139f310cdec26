import { EXIT, TriageError } from "../../model/errors.ts";
import type { AnalyzeOptions } from "../../model/options.ts";

const FIXED = [
  ["device", "--device"],
  ["pidSubstring", "--pid-substring"],
  ["framework", "--framework"],
  ["model", "--model"],
  ["tp", "--tp"],
  ["gpu", "--gpu"],
  ["modelConfig", "--model-config"],
] as const satisfies readonly (readonly [keyof AnalyzeOptions, string])[];

/**
 * Options that decide how a trace is read have no effect on its digest, so that they are refused.
 *
 * @throws {TriageError} usage/digest-fixed
 */
export function refuseFixed(path: string, options: AnalyzeOptions): void {
  const given: string[] = FIXED.filter(([name]) => options[name] !== null).map(([, flag]) => flag);
  if (options.mapping.length > 0) given.push("--mapping-input");
  if (options.spans) given.push("--format perfetto");
  if (given.length === 0) return;
  throw new TriageError({
    code: "usage/digest-fixed",
    exit: EXIT.usage,
    message: `${given.join(", ")} decides how a trace is read, and ${path} is a digest: it was read already.`,
    place: path,
    hint: "Give the trace, or the option to triage digest.",
  });
}
