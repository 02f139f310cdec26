import { promises as fs, type Stats } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { compareText } from "../base/compare-text.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { TraceFile, TraceSelection } from "../model/trace/trace-selection.ts";
import { type Candidate, candidateOf, chooseFiles, listOf, ranksOf } from "./files/choose-files.ts";
import { looksLikeTrace } from "./files/looks-like-trace.ts";
import { findExecutionDetails, findServerArgs } from "./files/sidecars.ts";
import { STANDARD_INPUT } from "./files/stored.ts";
import {
  isCaptureFolder,
  isFrontEnd,
  isMerged,
  isSidecar,
  mayBeTrace,
} from "./files/trace-names.ts";
import { unreadable } from "./files/unreadable.ts";
import { type FoundFile, walkFolder } from "./files/walk-folder.ts";

interface FindOptions {
  /** Take this rank instead of the lowest; directories only. */
  readonly rank?: number | null;
  readonly allRanks?: boolean;
  /** Take every trace there is; who reads them tells ranks and older runs apart. */
  readonly everyFile?: boolean;
}

type Skipped = TraceSelection["skipped"][number];

/**
 * Finds the traces a path means: the file itself, or in a directory one rank's newest trace of
 * each stage, with the captures and settings the run left beside them.
 *
 * @throws TriageError (exit 3) when the path does not exist, may not be read, or holds no trace.
 */
export async function findTraces(path: string, options: FindOptions = {}): Promise<TraceSelection> {
  if (path === STANDARD_INPUT) return ofPipe(path);
  const stats = await statOf(path);
  if (stats.isFIFO()) return ofPipe(path);
  return stats.isDirectory() ? inFolder(path, options) : ofFile(path, stats);
}

/** Nothing lies beside a pipe: what its trace does not say itself is not known. */
function ofPipe(path: string): TraceSelection {
  const file = candidateOf({ path, relative: "", bytes: 0, modifiedMs: 0 }, "");
  return {
    files: [traceFile(file)],
    captures: [],
    serverArgs: null,
    executionDetails: null,
    choice: null,
    skipped: [],
  };
}

async function ofFile(path: string, stats: Stats): Promise<TraceSelection> {
  const folder = dirname(path);
  const name = basename(path);
  const found = { path, relative: name, bytes: stats.size, modifiedMs: stats.mtimeMs };
  const file = candidateOf(found, foldersAbove(folder));
  const captures = isCaptureFolder(basename(resolve(folder))) ? [] : await capturesNear(folder);
  return selection({ files: [file], captures, choice: null, skipped: [], root: folder });
}

/** Only the nearest: a `decode` far up the path is somebody's project, not a stage. */
function foldersAbove(folder: string): string {
  return resolve(folder).split(sep).slice(-3).join("/");
}

async function capturesNear(folder: string): Promise<Candidate[]> {
  for (const parent of [folder, dirname(folder)]) {
    for (const name of ["capture_traces", "graph_capture_profile"]) {
      const found = (await walkFolder(join(parent, name)).catch(() => null))?.files ?? [];
      if (found.length > 0) return (await sortOut(found, name)).runs;
    }
  }
  return [];
}

async function inFolder(root: string, options: FindOptions): Promise<TraceSelection> {
  const { files: found, left } = await walkFolder(root).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(root, error);
  });
  const sorted = await sortOut(found, foldersAbove(root));
  sorted.skipped.push(...left);
  // A folder of captures named by itself is what the user wants to read.
  const onlyCaptures = sorted.runs.length === 0;
  const runs = onlyCaptures ? sorted.captures : sorted.runs;
  if (runs.length === 0) throw noTraces(root, found, sorted.skipped);
  const ranks = ranksOf(runs);
  const rank = options.rank ?? null;
  if (rank !== null && !ranks.includes(rank)) throw noSuchRank(root, rank, ranks);
  const { files, words } = chooseFiles(runs, {
    rank,
    allRanks: options.allRanks ?? false,
    everyFile: options.everyFile ?? false,
  });
  return selection({
    files,
    captures: onlyCaptures ? [] : sorted.captures,
    choice: words,
    skipped: sorted.skipped,
    root,
  });
}

/** Which of the files are traces of the run, which of graph captures, and which were passed over. */
async function sortOut(
  found: readonly FoundFile[],
  above: string,
): Promise<{ runs: Candidate[]; captures: Candidate[]; skipped: Skipped[] }> {
  const captures: Candidate[] = [];
  const skipped: Skipped[] = [];
  let runs: Candidate[] = [];
  for (const file of found) {
    const name = basename(file.path);
    if (!mayBeTrace(name)) continue;
    const reason = await reasonToSkip(file, name);
    if (reason !== null) skipped.push({ path: file.path, reason });
    else if (inCaptureFolder(file)) captures.push(candidateOf(file, above));
    else runs.push(candidateOf(file, above));
  }
  const merged = runs.filter((file) => isMerged(basename(file.path)));
  if (merged.length < runs.length) {
    runs = runs.filter((file) => !merged.includes(file));
    const reason = "all ranks merged into one file; the ranks' own files are here";
    skipped.push(...merged.map(({ path }) => ({ path, reason })));
  }
  return { runs, captures, skipped: skipped.sort((a, b) => compareText(a.path, b.path)) };
}

async function reasonToSkip(file: FoundFile, name: string): Promise<string | null> {
  if (isFrontEnd(name)) return "front-end process: host events only, no kernels";
  if (file.bytes === 0) return "empty; it may still be being written";
  return (await looksLikeTrace(file.path)) ? null : "no traceEvents at its start";
}

function inCaptureFolder(file: FoundFile): boolean {
  return file.relative.split("/").slice(0, -1).some(isCaptureFolder);
}

async function selection(chosen: {
  files: readonly Candidate[];
  captures: readonly Candidate[];
  choice: string | null;
  skipped: readonly Skipped[];
  root: string;
}): Promise<TraceSelection> {
  const { files, root } = chosen;
  const folders = files.map((file) => dirname(file.path));
  const captures = capturesFor(files, chosen.captures);
  const captureFolders = captures.map((file) => dirname(file.path));
  return {
    files: files.map(traceFile),
    captures: captures.map(traceFile),
    serverArgs: await findServerArgs(folders, root),
    executionDetails: await findExecutionDetails([...captureFolders, ...folders, root]),
    choice: chosen.choice,
    skipped: chosen.skipped,
  };
}

/** Captures of the chosen ranks that lie in a folder above the chosen traces, as runs leave them. */
function capturesFor(
  files: readonly Candidate[],
  captures: readonly Candidate[],
): readonly Candidate[] {
  const ranks = new Set(files.map((file) => file.rank));
  const ofRank = captures.filter(({ rank }) => rank === null || ranks.has(null) || ranks.has(rank));
  const near = ofRank.filter(({ path }) => {
    const home = dirname(dirname(path)) + sep;
    return files.some((file) => file.path.startsWith(home));
  });
  const folders = new Set(ofRank.map((file) => file.group));
  return near.length === 0 && folders.size === 1 ? ofRank : near;
}

function traceFile(candidate: Candidate): TraceFile {
  const { path, rank, rankFrom, minor, stamp, stageHint, bytes, group } = candidate;
  return { path, rank, rankFrom, minor, stamp, stageHint, bytes, group };
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await fs.stat(path);
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

function noTraces(
  root: string,
  found: readonly FoundFile[],
  skipped: readonly Skipped[],
): TriageError {
  const names = found.slice(0, 5).map((file) => file.relative);
  const more = found.length > names.length ? `, … ${found.length} files in all` : "";
  const seen = found.length === 0 ? "it holds no files" : `it holds ${names.join(", ")}${more}`;
  const passed = skipped.slice(0, 3).map(({ path, reason }) => `${basename(path)}: ${reason}`);
  const sidecars = found.some((file) => isSidecar(basename(file.path)));
  return new TriageError({
    code: "trace/no-traces",
    exit: EXIT.unreadable,
    message:
      `${root} holds no trace: looked for *.json, *.json.gz and *.json.zst with traceEvents, ` +
      `${seen}${passed.length > 0 ? ` (${passed.join("; ")})` : ""}.`,
    place: root,
    hint: sidecars
      ? "The run left its settings but no trace here: the profiler may still be writing, or have failed; see the server's log."
      : "Give the directory the profiler wrote to (SGLANG_TORCH_PROFILER_DIR, --profiler-config torch_profiler_dir, TLLM_TORCH_PROFILE_TRACE).",
  });
}

function noSuchRank(root: string, rank: number, ranks: readonly number[]): TriageError {
  const there = ranks.length === 0 ? "no file names a rank" : `ranks here: ${listOf(ranks)}`;
  return new TriageError({
    code: "trace/no-such-rank",
    exit: EXIT.unreadable,
    message: `${root} holds no trace of rank ${rank}; ${there}.`,
    place: root,
    hint: "Ask for a rank that is there, or leave the rank out to take the lowest.",
  });
}
