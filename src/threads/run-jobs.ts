import { IS_BUILT } from "../base/files/package-files.ts";
import { TriageError } from "../model/errors.ts";
import type { AnalyzeOptions } from "../model/options.ts";
import type { Run } from "../pipeline/inputs/runs.ts";
import { jobLimit } from "./job-limit.ts";
import { type RunTask, type RunTasks, startRunThread } from "./run-thread.ts";

/** What came of one run. */
type RunOutcome<T> =
  | { readonly value: T; readonly error: null }
  | { readonly value: null; readonly error: TriageError };

/**
 * A task on every run, several at a time in threads of their own where that pays. Outcomes come in
 * the order of the runs whatever finishes first, and are those of one run after the other.
 *
 * @param here the same task in this thread, for one job at a time
 * @throws what is no TriageError, and the signal's reason once every thread has ended
 */
export async function runJobs<T extends RunTask>(
  task: T,
  runs: readonly Run[],
  options: AnalyzeOptions,
  here: (run: Run) => Promise<RunTasks[T]>,
): Promise<RunOutcome<RunTasks[T]>[]> {
  const jobs = IS_BUILT ? jobLimit(runs, options) : 1;
  if (jobs > 1) return inThreads(task, runs, jobs, options);
  const outcomes: RunOutcome<RunTasks[T]>[] = [];
  for (const run of runs) outcomes.push(await outcomeOf(here(run)));
  return outcomes;
}

async function inThreads<T extends RunTask>(
  task: T,
  runs: readonly Run[],
  jobs: number,
  { onProgress, signal, ...plain }: AnalyzeOptions,
): Promise<RunOutcome<RunTasks[T]>[]> {
  const threads = Array.from({ length: jobs }, () => startRunThread(plain));
  const outcomes = new Array<RunOutcome<RunTasks[T]>>(runs.length);
  const open = new Set<number>();
  let next = 0;
  const work = async (thread: (typeof threads)[number]): Promise<void> => {
    while (next < runs.length) {
      const at = next++;
      open.add(at);
      // Of several the first tells where it stands: a line shows one file.
      const tell: typeof onProgress = (progress) => {
        if (at === Math.min(...open)) onProgress?.(progress);
      };
      outcomes[at] = await outcomeOf(thread.run(task, runs[at]!, tell));
      open.delete(at);
    }
  };
  const interrupted = interruption(signal);
  try {
    await Promise.race([Promise.all(threads.map(work)), interrupted.promise]);
    return outcomes;
  } finally {
    interrupted.dispose();
    await Promise.all(threads.map((thread) => thread.stop()));
  }
}

/** Rejects when the signal aborts. */
function interruption(signal: AbortSignal | null): {
  readonly promise: Promise<never>;
  dispose(): void;
} {
  let onAbort = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
  });
  promise.catch(() => {});
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  return { promise, dispose: () => signal?.removeEventListener("abort", onAbort) };
}

async function outcomeOf<T>(result: Promise<T>): Promise<RunOutcome<T>> {
  try {
    return { value: await result, error: null };
  } catch (error) {
    if (error instanceof TriageError) return { value: null, error };
    throw error;
  }
}
