import { parentPort, Worker, workerData } from "node:worker_threads";
import type { RankMeasure } from "./engine/ranks/rank-measure.ts";
import { EXIT, TriageError } from "./model/errors.ts";
import type { AnalyzeOptions, Progress } from "./model/options.ts";
import { analyzeRun, type RunResult } from "./pipeline/analyze-run.ts";
import { openMappings } from "./pipeline/mappings.ts";
import { measureRun } from "./pipeline/measure-run.ts";
import { loadRuleBase } from "./pipeline/rule-base.ts";
import type { Run } from "./pipeline/runs.ts";

const ROLE = "runs";

/** What threads do with a run, by name: a thread is sent no functions. */
export interface RunTasks {
  readonly report: RunResult;
  readonly measure: RankMeasure;
}
export type RunTask = keyof RunTasks;

type PlainOptions = Omit<AnalyzeOptions, "onProgress" | "signal">;

/** Fields of a TriageError; its class does not survive the way between threads. */
interface ToldError {
  readonly triage: boolean;
  readonly fields: ConstructorParameters<typeof TriageError>[0];
  readonly stack: string;
}
type Reply =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: ToldError };

export interface RunThread {
  /** One run at a time; rejects with what the analysis threw. */
  run<T extends RunTask>(
    task: T,
    run: Run,
    onProgress: (progress: Progress) => void,
  ): Promise<RunTasks[T]>;
  /** Ends the thread, whatever it is at. */
  stop(): Promise<void>;
}

/** True where threads can be had: one cannot load TypeScript sources by itself. */
export const HAS_THREADS = import.meta.url.endsWith(".js");

/** A thread that loads the rules once and then analyses the runs it is sent. */
export function startRunThread(options: PlainOptions): RunThread {
  const worker = new Worker(new URL(import.meta.url), { workerData: { role: ROLE, options } });
  return {
    run: (task, run, onProgress) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        };
        const onError = (error: unknown): void => {
          settle();
          reject(outOfMemory(error, run) ?? error);
        };
        const onExit = (): void => onError(new Error("a thread ended before its work"));
        const onMessage = (reply: Reply): void => {
          if (reply.kind === "progress") {
            onProgress(reply.progress);
            return;
          }
          settle();
          if (reply.kind === "done") resolve(reply.value as RunTasks[typeof task]);
          else reject(errorOf(reply.error));
        };
        worker.on("message", onMessage).on("error", onError).on("exit", onExit);
        worker.postMessage({ task, run });
      }),
    async stop() {
      await worker.terminate();
    },
  };
}

function errorOf({ triage, fields, stack }: ToldError): Error {
  if (triage) return new TriageError(fields);
  return Object.assign(new Error(fields.message), { stack });
}

function outOfMemory(error: unknown, { files }: Run): TriageError | null {
  if ((error as { code?: unknown }).code !== "ERR_WORKER_OUT_OF_MEMORY") return null;
  return new TriageError({
    code: "trace/out-of-memory",
    exit: EXIT.unreadable,
    message: `${files[0]?.path} does not fit in the memory of a thread.`,
    place: files[0]?.path ?? null,
    hint: "Read one trace at a time with --jobs 1, or give Node more with NODE_OPTIONS=--max-old-space-size=MEGABYTES.",
    cause: error,
  });
}

function told(error: unknown): ToldError {
  const { message, stack = message } = error as Error;
  if (!(error instanceof TriageError))
    return { triage: false, stack, fields: { code: "", exit: EXIT.internal, message, hint: "" } };
  const { code, exit, place, hint } = error;
  return { triage: true, stack, fields: { code, exit, message, place, hint } };
}

// This module in a thread it started; other threads may load it, too.
if (workerData?.role === ROLE && parentPort !== null) {
  const port = parentPort;
  const send = (reply: Reply): void => port.postMessage(reply);
  const options: AnalyzeOptions = {
    ...(workerData.options as PlainOptions),
    onProgress: (progress) => send({ kind: "progress", progress }),
    signal: null,
  };
  const rules = loadRuleBase(options.rulesPath);
  rules.catch(() => {});
  port.on("message", async ({ task, run }: { task: RunTask; run: Run }) => {
    try {
      const base = await rules;
      const mappings = openMappings(base.ruleSet, options);
      if (task === "measure")
        send({ kind: "done", value: await measureRun(run, base, mappings, options) });
      else {
        const { report, nearMisses } = await analyzeRun(run, base, mappings, options);
        send({ kind: "done", value: { report, nearMisses } });
      }
    } catch (error) {
      send({ kind: "failed", error: told(error) });
    }
  });
}
