import { Worker } from "node:worker_threads";
import { packageFile } from "../base/files/package-files.ts";
import type { RankMeasure } from "../engine/ranks/rank-measure.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { AnalyzeOptions, Progress } from "../model/options.ts";
import type { RunResult } from "../pipeline/analyze-run.ts";
import type { Run } from "../pipeline/inputs/runs.ts";

/** What threads do with a run, by name: a thread is sent no functions. */
export interface RunTasks {
  readonly report: RunResult;
  readonly measure: RankMeasure;
}
export type RunTask = keyof RunTasks;

/** What a thread is given at its start; functions cannot go there. */
export type PlainOptions = Omit<AnalyzeOptions, "onProgress" | "signal">;

/** Fields of a TriageError; its class does not survive the way between threads. */
export interface ToldError {
  readonly triage: boolean;
  readonly fields: ConstructorParameters<typeof TriageError>[0];
  readonly stack: string;
}
/** What a thread is sent. */
export interface RunRequest {
  readonly task: RunTask;
  readonly run: Run;
}
/** What it sends back: any number of the first, then one of the others. */
export type RunReply =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: ToldError };

interface RunThread {
  /** One run at a time; rejects with what the analysis threw. */
  run<T extends RunTask>(
    task: T,
    run: Run,
    onProgress: (progress: Progress) => void,
  ): Promise<RunTasks[T]>;
  /** Ends the thread, whatever it is at. */
  stop(): Promise<void>;
}

/** A thread that loads the rules once and then analyses the runs it is sent. */
export function startRunThread(options: PlainOptions): RunThread {
  const worker = new Worker(packageFile("dist/threads/run-worker.js"), { workerData: options });
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
        const onMessage = (reply: RunReply): void => {
          if (reply.kind === "progress") {
            onProgress(reply.progress);
            return;
          }
          settle();
          if (reply.kind === "done") resolve(reply.value as RunTasks[typeof task]);
          else reject(errorOf(reply.error));
        };
        worker.on("message", onMessage).on("error", onError).on("exit", onExit);
        worker.postMessage({ task, run } satisfies RunRequest);
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
