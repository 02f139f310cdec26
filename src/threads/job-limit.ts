import { availableParallelism, freemem } from "node:os";
import type { AnalyzeOptions } from "../model/options.ts";
import type { Run } from "../pipeline/inputs/runs.ts";

/** A thread with the program and the rules in it. */
const THREAD_BYTES = 120 * 2 ** 20;
/** Columns and tables per byte on disk, rounded up from what real traces took. */
const PER_COMPRESSED_BYTE = 24;
const PER_PLAIN_BYTE = 1.5;
/** Of what is free: the rest of the machine lives, too. */
const SHARE_OF_FREE = 0.8;
/** Less than this in all is done before threads have loaded. */
const WORTH_THREADS_BYTES = 4 * 2 ** 20;

/** Memory that analysing a run takes at most, estimated from its files' sizes, bytes. */
export function estimateBytes({ files }: Pick<Run, "files">): number {
  return files.reduce(
    (most, { path, bytes }) =>
      Math.max(most, bytes * (isCompressed(path) ? PER_COMPRESSED_BYTE : PER_PLAIN_BYTE)),
    THREAD_BYTES,
  );
}

/**
 * Runs to analyse at a time: as many as asked for, else as there are cores, and no more than fit in
 * memory should the largest meet. At least one; one where threads would cost more than they bring.
 */
export function jobLimit(
  runs: readonly Pick<Run, "files">[],
  { jobs, maxMemory }: Pick<AnalyzeOptions, "jobs" | "maxMemory">,
  machine: { readonly cores: number; readonly freeBytes: number } = thisMachine(),
): number {
  const sizes = runs.map(estimateBytes).sort((a, b) => b - a);
  const decoded = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (jobs === null && decoded <= runs.length * THREAD_BYTES + WORTH_THREADS_BYTES) return 1;
  const memory = maxMemory ?? SHARE_OF_FREE * machine.freeBytes;
  let [fit, taken] = [0, 0];
  while (fit < sizes.length && taken + sizes[fit]! <= memory) taken += sizes[fit++]!;
  return Math.max(1, Math.min(jobs ?? machine.cores, fit));
}

function isCompressed(path: string): boolean {
  return /\.(gz|zst)$/i.test(path);
}

function thisMachine(): { readonly cores: number; readonly freeBytes: number } {
  // Knows the limits of a container where this Node has it.
  const free = (process as { availableMemory?: () => number }).availableMemory?.() ?? freemem();
  return { cores: availableParallelism(), freeBytes: free };
}
