import { join } from "node:path";
import { captureError } from "../capture-error.ts";
import type { CaptureResult } from "../capture-options.ts";
import { CAPTURE_FILE, type StageRecord } from "./capture-record.ts";
import type { OutputContext } from "./finish-stage.ts";
import { SERVER_ARGS_FILE } from "./server-args-file.ts";

/**
 * What a finished run gives its caller.
 *
 * @throws {TriageError} `capture/fewer-steps` when a stage holds no step of its kind at all.
 */
export function resultOf({ options, record }: OutputContext): CaptureResult {
  const short = record.stages.flatMap((stage) => shortfall(stage) ?? []);
  const empty = record.stages.find((stage) => stage.steps !== null && stepsOf(stage) === 0);
  if (empty !== undefined) {
    const hint =
      "Was the window used up by other requests, or did the requests end early? Raise --active-steps.";
    throw captureError("fewer-steps", shortfall(empty) ?? "", hint, { place: options.output });
  }
  return {
    framework: record.framework,
    directory: options.output,
    traces: record.stages.flatMap(({ files }) =>
      files.map(({ path }) => join(options.output, path)),
    ),
    recordPath: join(options.output, CAPTURE_FILE),
    serverArgsPath: join(options.output, SERVER_ARGS_FILE),
    stages: record.stages.map((stage) => ({
      stage: stage.stage,
      directory: join(options.output, stage.directory),
      askedSteps: stage.askedSteps,
      steps: stage.steps,
    })),
    shortfalls: short,
    notes: record.notes,
  };
}

/** Steps of the stage's own kind; a mixed batch holds some of both. */
function stepsOf({ stage, steps }: StageRecord): number {
  if (steps === null) return 0;
  const { prefill, decode, mixed } = steps;
  if (stage === "prefill") return prefill + mixed;
  return stage === "decode" ? decode + mixed : prefill + decode + mixed;
}

function shortfall(stage: StageRecord): string | null {
  const { askedSteps, steps } = stage;
  if (askedSteps === null || steps === null || stepsOf(stage) >= askedSteps) return null;
  const { prefill, decode, mixed } = steps;
  return `the ${stage.stage} trace holds ${stepsOf(stage)} of ${askedSteps} ${stage.stage} steps (prefill ${prefill}, decode ${decode}, mixed ${mixed})`;
}
