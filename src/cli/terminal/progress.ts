import { basename } from "node:path";
import type { SingleBar } from "cli-progress";
import type { Progress } from "../../model/options.ts";
import { inert } from "../../report/document/inert.ts";
import type { Terminal } from "./terminal.ts";

/** Shorter runs print before a bar would help. */
const PATIENCE_MS = 500;

interface ProgressLine {
  readonly onProgress: ((progress: Progress) => void) | null;
  /** Clears the line; safe to call twice. */
  stop(): void;
}

/** A bar on stderr for long reads; nothing at all unless somebody watches. */
function progressLine(terminal: Terminal): ProgressLine {
  if (!terminal.isWatched) return { onProgress: null, stop: () => {} };
  const started = Date.now();
  let bar: SingleBar | null = null;
  let isLoading = false;
  let isStopped = false;
  let latest: Progress | null = null;
  const load = async (): Promise<void> => {
    const { default: progress } = await import("cli-progress");
    if (isStopped || latest === null) return;
    bar = new progress.SingleBar({
      format: "{phase} {file} {bar} {percentage}% of {size} MB, {eta_formatted} left",
      barCompleteChar: "━",
      barIncompleteChar: "─",
      barsize: 30,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: false,
      linewrap: true,
      stopOnComplete: false,
      gracefulExit: false,
    });
    bar.start(latest.total, latest.done, payload(latest));
  };
  const stop = (): void => {
    isStopped = true;
    bar?.stop();
    bar = null;
    process.off("exit", stop);
  };
  // The bar switches line wrapping off: a hard end must not leave the terminal so.
  process.on("exit", stop);
  return {
    stop,
    onProgress(progress) {
      latest = progress;
      if (isStopped || progress.total === 0) return;
      if (bar !== null) {
        bar.setTotal(progress.total);
        bar.update(progress.done, payload(progress));
      } else if (!isLoading && Date.now() - started > PATIENCE_MS) {
        isLoading = true;
        // Drawing is a courtesy: without it the run goes on.
        load().catch(() => {});
      }
    },
  };
}

/** Work with a bar while it goes on, and none once it has ended, however it ends. */
export async function watched<T>(
  terminal: Terminal,
  work: (onProgress: ProgressLine["onProgress"]) => Promise<T>,
): Promise<T> {
  const line = progressLine(terminal);
  try {
    return await work(line.onProgress);
  } finally {
    line.stop();
  }
}

function payload({ phase, path, total }: Progress): Record<string, string> {
  return {
    phase,
    file: path === null ? "" : inert(basename(path)),
    size: (total / 1e6).toFixed(total < 1e7 ? 1 : 0),
  };
}
