import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import {
  type CaptureHooks,
  type CaptureOptions,
  type CaptureProgress,
  type CaptureResult,
  DEFAULT_CAPTURE_OPTIONS,
} from "../../../src/capture/capture-options.ts";
import { captureRun } from "../../../src/capture/index.ts";
import { machineClock } from "../../../src/capture/net/clock.ts";
import type { CaptureRecord } from "../../../src/capture/run/capture-record.ts";
import type { WorkloadOptions } from "../../../src/capture/workload.ts";
import { TriageError } from "../../../src/model/errors.ts";
import { type Double, startDouble } from "./double.ts";
import type { DoubleOptions } from "./host.ts";

/** Twenty times as fast: a wait of ten seconds takes half a second. */
export const SPEED = 20;
/** Of the client under test: its calls get more time than that, for the machine may be busy. */
export const testClock = () => machineClock(SPEED, 4);

const doubles: Double[] = [];
const folders: string[] = [];
afterAll(() => {
  for (const double of doubles) double.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An empty directory that lives as long as the test file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "capture-"));
  folders.push(folder);
  return folder;
}

export async function double(options: Omit<DoubleOptions, "speed">): Promise<Double> {
  const started = await startDouble({ speed: SPEED, ...options });
  doubles.push(started);
  return started;
}

type Asked = Partial<Omit<CaptureOptions, "workload">> & { workload?: Partial<WorkloadOptions> };

export interface Captured {
  readonly double: Double;
  readonly output: string;
  readonly result: CaptureResult | null;
  readonly error: TriageError | null;
  readonly progress: readonly CaptureProgress[];
  /** `capture.json`, null when the run did not come that far. */
  readonly record: CaptureRecord | null;
}

/** Captures from a double with its clock; a `TriageError` is an answer, anything else is thrown. */
export async function captureFrom(
  double: Double,
  asked: Asked = {},
  hooks: CaptureHooks = {},
): Promise<Captured> {
  const output = asked.output ?? join(scratchFolder(), "run");
  const progress: CaptureProgress[] = [];
  const options = captureOptions(double.url, output, asked);
  const ended = await captureRun(options, {
    clock: testClock(),
    onProgress: (step) => progress.push(step),
    ...hooks,
  }).then(
    (result) => ({ result, error: null }),
    (error: unknown) => {
      if (error instanceof TriageError) return { result: null, error };
      throw error;
    },
  );
  return { double, output, progress, record: recordAt(output), ...ended };
}

export function captureOptions(url: string, output: string, asked: Asked = {}): CaptureOptions {
  const { workload, ...rest } = asked;
  return {
    ...DEFAULT_CAPTURE_OPTIONS,
    ...rest,
    url,
    output,
    // Few tokens: the doubles synthesise what they record.
    workload: { ...DEFAULT_CAPTURE_OPTIONS.workload, decodeOutput: 32, ...workload },
  };
}

export function recordAt(output: string): CaptureRecord | null {
  try {
    return JSON.parse(readFileSync(join(output, "capture.json"), "utf8")) as CaptureRecord;
  } catch {
    return null;
  }
}

/** A double whose launch directory lies inside the run's output, as with a shared mount. */
export async function launchedDouble(
  options: Omit<DoubleOptions, "speed" | "launchPath">,
  name = "server",
): Promise<{ double: Double; traceDir: string }> {
  const traceDir = join(scratchFolder(), name);
  mkdirSync(traceDir);
  return { double: await double({ ...options, launchPath: traceDir }), traceDir };
}
