import { join } from "node:path";
import { compareText } from "../base/compare-text.ts";
import { type Clock, sleep } from "./net/clock.ts";
import type { TraceFileName } from "./server-driver.ts";
import {
  type DirectorySnapshot,
  type FileMark,
  sameMark,
  snapshotDirectory,
} from "./traces/directory-snapshot.ts";
import { judgeTrace, type TraceVerdict } from "./traces/judge-trace.ts";

export interface TraceWait {
  readonly directory: string;
  /** The directory before the profile began: only what is new or rewritten since counts. */
  readonly before: DirectorySnapshot;
  /** Null for files that are no rank's trace. */
  readonly accept: (name: string) => TraceFileName | null;
  /** Files to wait for; null = unknown, then a quiet period ends the wait. */
  readonly expected: number | null;
  /** Files may be written by several processes at once. */
  readonly strict: boolean;
  readonly deadlineMs: number;
  /** Deadline for the first sign of a file. */
  readonly nothingMs: number;
  readonly pollMs: number;
  readonly quietMs: number;
  readonly progressMs: number;
  /** Asked when nothing moves. */
  readonly server: () => Promise<"answers" | "silent" | "dead">;
  readonly onProgress: (message: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal | null;
}

export interface FoundTrace {
  readonly path: string;
  readonly name: TraceFileName;
  readonly size: number;
  readonly verdict: TraceVerdict;
}

export interface WaitOutcome {
  readonly ended: "all-files" | "quiet" | "corrupt" | "server-died" | "deadline";
  /** Whole files, by path. */
  readonly complete: readonly FoundTrace[];
  /** Cut, damaged or empty ones, by path. Never part of a result. */
  readonly incomplete: readonly FoundTrace[];
  readonly seconds: number;
}

interface Candidate {
  readonly name: TraceFileName;
  mark: FileMark;
  /** Of the file as `mark` describes it; null while it moves. */
  verdict: TraceVerdict | null;
}

/**
 * Waits until every rank's trace is whole.
 *
 * A trace counts when it is new or rewritten, stood still between two looks and reads to a clean end.
 * An early end means "still being written"; damage ends the wait at once. With the number of files
 * unknown, the wait ends when nothing moved for `quietMs` and the server answers again.
 *
 * @throws only the signal's reason and file-system errors: what was found is the answer.
 */
export async function waitForTraces(wait: TraceWait): Promise<WaitOutcome> {
  const { clock } = wait;
  const started = clock.now();
  const candidates = new Map<string, Candidate>();
  let lastChange = started;
  let lastProgress = started;
  let lastAsked = started;
  for (;;) {
    if (await look(wait, candidates)) lastChange = clock.now();
    const files = [...candidates.values()];
    const done = files.filter(({ verdict }) => verdict?.state === "complete").length;
    const finish = (ended: WaitOutcome["ended"]) =>
      outcomeOf(wait, candidates, ended, Math.round((clock.now() - started) / 1000));
    if (files.some(({ verdict }) => verdict?.state === "corrupt")) return finish("corrupt");
    if (wait.expected !== null && done >= wait.expected) return finish("all-files");
    const now = clock.now();
    const deadline = files.length > 0 ? wait.deadlineMs : Math.min(wait.nothingMs, wait.deadlineMs);
    const settled = wait.expected === null && done > 0 && done === files.length;
    if (now - started >= deadline) return finish(settled ? "quiet" : "deadline");
    if (now - lastChange >= wait.quietMs && now - lastAsked >= wait.quietMs) {
      const server = await wait.server();
      lastAsked = clock.now();
      if (server === "dead") return finish("server-died");
      if (settled && server === "answers") return finish("quiet");
    }
    if (now - lastProgress >= wait.progressMs) {
      wait.onProgress(describe(wait, files, done, Math.round((now - started) / 1000)));
      lastProgress = now;
    }
    await sleep(clock, wait.pollMs, wait.signal);
  }
}

/** One look at the directory; true when anything moved or was judged. */
async function look(wait: TraceWait, candidates: Map<string, Candidate>): Promise<boolean> {
  let changed = false;
  const now = await snapshotDirectory(wait.directory);
  for (const gone of [...candidates.keys()].filter((name) => now[name] === undefined))
    changed = candidates.delete(gone);
  for (const [fileName, mark] of Object.entries(now)) {
    if (sameMark(mark, wait.before[fileName])) continue;
    const name = wait.accept(fileName);
    if (name === null) continue;
    const known = candidates.get(fileName);
    if (known === undefined || !sameMark(known.mark, mark)) {
      candidates.set(fileName, { name, mark, verdict: null });
      changed = true;
    } else if (known.verdict === null && mark.size > 0) {
      known.verdict = await judgeTrace(join(wait.directory, fileName), wait);
      changed = true;
    }
  }
  return changed;
}

function outcomeOf(
  wait: TraceWait,
  candidates: ReadonlyMap<string, Candidate>,
  ended: WaitOutcome["ended"],
  seconds: number,
): WaitOutcome {
  const found = [...candidates]
    .sort(([a], [b]) => compareText(a, b))
    .map(([fileName, { name, mark, verdict }]) => ({
      path: join(wait.directory, fileName),
      name,
      size: mark.size,
      verdict: verdict ?? UNREAD,
    }));
  return {
    ended,
    complete: found.filter(({ verdict }) => verdict.state === "complete"),
    incomplete: found.filter(({ verdict }) => verdict.state !== "complete"),
    seconds,
  };
}

const UNREAD: TraceVerdict = { state: "partial", reason: "it was still growing", steps: null };

function describe(
  wait: TraceWait,
  files: readonly Candidate[],
  done: number,
  seconds: number,
): string {
  const growing = files.length - done;
  const of = wait.expected === null ? "" : ` of ${wait.expected}`;
  const more = growing === 0 ? "" : `, ${growing} still being written`;
  return `waiting for traces in ${wait.directory}: ${done}${of} complete${more} (${seconds} s)`;
}
