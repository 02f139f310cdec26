import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CaptureRecord } from "../../../src/capture/run/capture-record.ts";
import { builtCommand } from "../../support/built-cli.ts";

/** As `EXIT.interrupted`; a signal that nobody listens for has no exit code. */
export const INTERRUPTED = 130;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
  /** From the signal to the end. */
  readonly ms: number;
  /** Whether it was still running when the moment came. */
  readonly came: boolean;
}

/** By a listener of ours that found nothing left to do, or by the system. */
export function endedBy(signal: NodeJS.Signals, ended: Ended): boolean {
  return ended.code === INTERRUPTED || ended.signal === signal;
}

const BUILT = builtCommand("triage");
const LOOK_MS = 3;
const BETWEEN_MS = 300;

/** Runs the built program and sends it signals, the first `afterMs` after `when` holds, each other a little later. */
export async function endedWhen(
  args: readonly string[],
  signals: readonly NodeJS.Signals[],
  when: () => boolean,
  afterMs = 0,
): Promise<Ended> {
  const child = spawn(process.execPath, [BUILT, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let err = "";
  child.stderr.on("data", (text) => {
    err += text;
  });
  let at = 0;
  const watch = setInterval(() => {
    if (!when()) return;
    clearInterval(watch);
    at = performance.now() + afterMs;
    for (const [index, signal] of signals.entries())
      setTimeout(() => child.kill(signal), afterMs + index * BETWEEN_MS);
  }, LOOK_MS);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once("close", (...how) => resolve(how)),
  );
  clearInterval(watch);
  return { code, signal, err, ms: performance.now() - at, came: at > 0 };
}

/** What a run says of itself while it runs, null before it says anything. */
export function recordIn(output: string): CaptureRecord | null {
  try {
    return JSON.parse(readFileSync(join(output, "capture.json"), "utf8"));
  } catch {
    return null;
  }
}

/** Files that stand for others until they are whole, and folders of probes. */
export function litterIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.tmp$|(^|\/)\.probe-/.test(name));
}
