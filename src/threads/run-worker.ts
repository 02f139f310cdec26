/** Entry of the threads that run-thread.ts starts. */
import { parentPort, workerData } from "node:worker_threads";
import { EXIT, TriageError } from "../model/errors.ts";
import type { AnalyzeOptions } from "../model/options.ts";
import { analyzeRun } from "../pipeline/analyze-run.ts";
import { meansOf } from "../pipeline/inputs/means.ts";
import { loadRuleBase } from "../pipeline/inputs/rule-base.ts";
import { measureRun } from "../pipeline/ranks/measure-run.ts";
import type { PlainOptions, RunReply, RunRequest, ToldError } from "./run-thread.ts";

const port = parentPort!;
const send = (reply: RunReply): void => port.postMessage(reply);
const options: AnalyzeOptions = {
  ...(workerData as PlainOptions),
  onProgress: (progress) => send({ kind: "progress", progress }),
  signal: null,
};
const rules = loadRuleBase(options);
rules.catch(() => {});

port.on("message", async ({ task, run }: RunRequest) => {
  try {
    const means = meansOf(await rules, options);
    if (task === "measure") send({ kind: "done", value: await measureRun(run, means) });
    else {
      const { report, nearMisses } = await analyzeRun(run, means);
      send({ kind: "done", value: { report, nearMisses } });
    }
  } catch (error) {
    send({ kind: "failed", error: told(error) });
  }
});

function told(error: unknown): ToldError {
  const { message, stack = message } = error as Error;
  if (!(error instanceof TriageError))
    return { triage: false, stack, fields: { code: "", exit: EXIT.internal, message, hint: "" } };
  const { code, exit, place, hint } = error;
  return { triage: true, stack, fields: { code, exit, message, place, hint } };
}
