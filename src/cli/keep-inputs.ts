import { statSync } from "node:fs";
import { EXIT, TriageError } from "../model/errors.ts";
import { isStdout } from "./output.ts";

/**
 * Refuses an output that is one of the files being read, under whatever name: a trace cannot be
 * recorded again.
 *
 * @throws {TriageError} output/is-input
 */
export function keepInputs(output: string | null, inputs: readonly string[]): void {
  if (isStdout(output)) return;
  const target = statSync(output, { throwIfNoEntry: false });
  if (target === undefined || !target.isFile()) return;
  for (const input of inputs) {
    const stats = statSync(input, { throwIfNoEntry: false });
    if (stats?.dev !== target.dev || stats.ino !== target.ino) continue;
    throw new TriageError({
      code: "output/is-input",
      exit: EXIT.usage,
      message: `--output ${output} is the input ${input}, which would be lost.`,
      place: output,
      hint: "Write to another file.",
    });
  }
}
