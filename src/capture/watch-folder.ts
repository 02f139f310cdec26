import { readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { compareText } from "../base/compare-text.ts";
import { type Clock, sleep } from "./net/clock.ts";
import { type FileMark, sameMark } from "./traces/directory-snapshot.ts";
import { judgeTrace, type TraceVerdict } from "./traces/judge-trace.ts";

interface FolderWatch {
  readonly folder: string;
  /** Whether a file of this name may be a trace, by its path below the folder with `/`. */
  readonly accept: (relative: string) => boolean;
  /** Also what lies there at the start. */
  readonly existing: boolean;
  readonly pollMs: number;
  /** End when nothing moved for so long; null watches on. */
  readonly idleMs: number | null;
  readonly clock: Clock;
  readonly signal: AbortSignal | null;
}

/** A trace that came to rest: whole, or `corrupt` for good. */
export interface WatchedTrace {
  readonly path: string;
  /** Below the watched folder, with `/`. */
  readonly relative: string;
  readonly verdict: TraceVerdict;
}

interface Known {
  mark: FileMark;
  /** Of the file as `mark` describes it; null while it moves. */
  verdict: TraceVerdict | null;
}

/** Deeper folders are other people's files. */
const DEEPEST = 8;

/**
 * Traces below a folder as they become whole, in the order of their names within one look. A file
 * counts when it stood still between two looks and reads to a clean end; rewritten later, it counts
 * again. One that ends early is still being written and is looked at again when it has moved.
 *
 * @throws the signal's reason when aborted, and the file system's error when the folder cannot be
 *   read
 */
export async function* watchFolder(watch: FolderWatch): AsyncGenerator<WatchedTrace> {
  const known = new Map<string, Known>();
  if (!watch.existing)
    for (const [relative, mark] of await marksOf(watch))
      known.set(relative, { mark, verdict: OLD });
  let lastMove = watch.clock.now();
  for (;;) {
    for (const [relative, mark] of await marksOf(watch)) {
      const file = known.get(relative);
      if (file === undefined || !sameMark(file.mark, mark)) {
        known.set(relative, { mark, verdict: null });
        lastMove = watch.clock.now();
      } else if (file.verdict === null && mark.size > 0) {
        const path = join(watch.folder, ...relative.split("/"));
        const verdict = await judgeTrace(path, { signal: watch.signal }).catch(() => null);
        watch.signal?.throwIfAborted();
        // Gone, or not to be read just now: the next look tells.
        if (verdict === null) continue;
        file.verdict = verdict;
        lastMove = watch.clock.now();
        if (verdict.state !== "partial") yield { path, relative, verdict };
      }
    }
    if (watch.idleMs !== null && watch.clock.now() - lastMove >= watch.idleMs) return;
    await sleep(watch.clock, watch.pollMs, watch.signal);
  }
}

const OLD: TraceVerdict = { state: "complete", reason: null, steps: null };

async function marksOf({ folder, accept }: FolderWatch): Promise<[string, FileMark][]> {
  const names = await readdir(folder, { recursive: true });
  const marks: [string, FileMark][] = [];
  for (const name of names) {
    const relative = name.split(sep).join("/");
    if (relative.split("/").length > DEEPEST || !accept(relative)) continue;
    const info = await stat(join(folder, name)).catch(() => null);
    if (info?.isFile() === true)
      marks.push([relative, { size: info.size, mtimeMs: info.mtimeMs, inode: info.ino }]);
  }
  return marks.sort(([a], [b]) => compareText(a, b));
}
