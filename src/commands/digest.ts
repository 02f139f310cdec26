import { mkdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writeFileWhole } from "../base/files/write-whole.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { AnalyzeOptions } from "../model/options.ts";
import { expectedHead, makeDigest } from "../pipeline/digest/make-digest.ts";
import { openDigest } from "../pipeline/digest/open-digest.ts";
import { openInputs } from "../pipeline/inputs/index.ts";
import type { Means } from "../pipeline/inputs/means.ts";
import type { Run } from "../pipeline/inputs/runs.ts";

interface DigestOptions {
  readonly analyze: AnalyzeOptions;
  /** What the traces belong to; null where nobody tells. */
  readonly build: string | null;
  /** File, or folder that digests go to under their traces' names. */
  readonly output: string;
  /** Keep what is there, whole, and made of the same trace in the same way. */
  readonly resume: boolean;
}

/** What came of one run. */
export interface DigestOutcome {
  readonly path: string;
  readonly state: "made" | "kept" | "failed";
  /** On disk: of the digest, and of its traces; 0 where it failed. */
  readonly bytes: number;
  readonly traceBytes: number;
  readonly error: TriageError | null;
}

/**
 * Writes the digest of every run that the paths mean, one after the other; several machines or
 * processes take a part of the paths each. A digest is written whole or not at all. A run that
 * cannot be read does not lose the others.
 *
 * @throws {TriageError} for paths, rules or an output that cannot be used
 */
export async function writeDigests(options: DigestOptions): Promise<readonly DigestOutcome[]> {
  const { runs, ...means } = await openInputs(options.analyze);
  const targets = targetsOf(runs, options.output);
  const outcomes: DigestOutcome[] = [];
  for (const [at, run] of runs.entries())
    outcomes.push(await writeOne(run, targets[at]!, means, options));
  return outcomes;
}

async function writeOne(
  run: Run,
  path: string,
  means: Means,
  { build, resume }: DigestOptions,
): Promise<DigestOutcome> {
  const traceBytes = run.files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (resume) {
    const bytes = await sizeIfSame(run, path, means, build);
    if (bytes !== null) return { path, state: "kept", bytes, traceBytes, error: null };
  }
  try {
    const digest = await makeDigest(run, means, build);
    mkdirSync(dirname(path), { recursive: true });
    await writeFileWhole(path, digest);
    return { path, state: "made", bytes: digest.byteLength, traceBytes, error: null };
  } catch (error) {
    if (!(error instanceof TriageError)) throw error;
    return { path, state: "failed", bytes: 0, traceBytes, error };
  }
}

/** Bytes of the digest that is there, when it is whole and would be the same again. */
async function sizeIfSame(
  run: Run,
  path: string,
  { rules, options }: Means,
  build: string | null,
): Promise<number | null> {
  try {
    const { head, bytes, document } = openDigest(path);
    const { files, measured, ...rest } = head;
    const same =
      JSON.stringify(rest) === JSON.stringify(expectedHead(rules, options, build)) &&
      JSON.stringify(files) === JSON.stringify(run.files);
    if (!same || measured.count < 0) return null;
    await document();
    return bytes;
  } catch {
    return null;
  }
}

function targetsOf(runs: readonly Run[], output: string): string[] {
  const digest = runs.find((run) => run.digest !== undefined)?.digest;
  if (digest !== undefined) throw ofDigest(digest.path);
  const isFolder =
    output.endsWith("/") || statSync(output, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder && runs.length > 1) throw severalInOne(runs.length, output);
  if (!isFolder) return [named(output)];
  const targets = runs.map(({ files }) => {
    const { path, group } = files[0]!;
    return join(output, group, named(basename(path === "-" ? "trace" : path)));
  });
  const twice = targets.find((one, at) => targets.indexOf(one) < at);
  if (twice !== undefined) throw sameName(twice);
  return targets;
}

/** With the suffix that digests are found by. */
function named(path: string): string {
  return path.endsWith(".digest.parquet") ? path : `${path}.digest.parquet`;
}

function ofDigest(path: string): TriageError {
  return new TriageError({
    code: "usage/digest-of-digest",
    exit: EXIT.usage,
    message: `${path} is a digest already.`,
    place: path,
    hint: "Give the trace.",
  });
}

function severalInOne(runs: number, output: string): TriageError {
  return new TriageError({
    code: "usage/digests-in-one",
    exit: EXIT.usage,
    message: `${runs} digests do not go into one file.`,
    place: output,
    hint: "Name a folder, ending in /.",
  });
}

function sameName(path: string): TriageError {
  return new TriageError({
    code: "usage/digest-names",
    exit: EXIT.usage,
    message: `Two traces would both become ${path}.`,
    place: path,
    hint: "Give the folder above them, or write them to two folders.",
  });
}
