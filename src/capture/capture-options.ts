import type { FrameworkId, StageName } from "../model/framework.ts";
import { type Clock, machineClock } from "./net/clock.ts";
import type { StepCounts } from "./traces/step-counter.ts";
import { DEFAULT_WORKLOAD, type WorkloadOptions } from "./workload.ts";

/** Everything a live capture may be told. Null means "find it out" or "not used". */
export interface CaptureOptions {
  /** The server that takes the load; also the one profiled unless a worker's address is given. */
  readonly url: string;
  /** Workers of disaggregated serving, each profiled on its own. */
  readonly prefillUrl: string | null;
  readonly decodeUrl: string | null;
  readonly framework: FrameworkId | null;
  readonly apiKey: string | null;
  /** Behind an smg gateway: the one worker to profile, as the gateway names it. */
  readonly workerUrl: string | null;
  /** Root of the run's files, and the same directory as the server sees it where that differs. */
  readonly output: string;
  readonly serverOutput: string | null;
  /** Where a server whose directory is fixed at launch writes, as seen here; null = `output`. */
  readonly traceDir: string | null;
  /** The same for the workers of disaggregated serving, which write to directories of their own. */
  readonly prefillTraceDir: string | null;
  readonly decodeTraceDir: string | null;
  /** The value of TLLM_TORCH_PROFILE_TRACE, as seen here: trace by launch environment, without routes. */
  readonly envTrace: string | null;
  readonly modelId: string | null;
  readonly workload: WorkloadOptions;
  readonly withStack: boolean;
  readonly recordShapes: boolean;
  /** One session that saves a file per stage (SGLang, TokenSpeed; legacy workload only). */
  readonly profileByStage: boolean;
  readonly profilePrefix: string | null;
  /** The server runs with SGLANG_PROFILE_V2=1, which nothing that it answers tells. */
  readonly sglangProfileV2: boolean;
  readonly timeouts: CaptureTimeouts;
  /** What the caller has to say of options that it could not pass on; goes into the record's notes. */
  readonly remarks: readonly string[];
}

/** Seconds. */
export interface CaptureTimeouts {
  readonly request: number;
  readonly start: number;
  /** Engines answer when their traces are saved, which can take many minutes. */
  readonly stop: number;
  /** From the answer to stop until every trace is whole on disk. */
  readonly traces: number;
  /** For the first sign of a trace after a server has said that all are saved. */
  readonly firstTrace: number;
  /** Nothing moved for so long: the wait is over where the number of files is unknown. */
  readonly quiet: number;
  readonly poll: number;
  readonly progress: number;
}

export const DEFAULT_TIMEOUTS: CaptureTimeouts = {
  request: 600,
  start: 300,
  stop: 1200,
  traces: 600,
  firstTrace: 120,
  quiet: 10,
  poll: 1,
  progress: 10,
};

export const DEFAULT_CAPTURE_OPTIONS = {
  prefillUrl: null,
  decodeUrl: null,
  framework: null,
  apiKey: null,
  workerUrl: null,
  serverOutput: null,
  traceDir: null,
  prefillTraceDir: null,
  decodeTraceDir: null,
  envTrace: null,
  modelId: null,
  workload: DEFAULT_WORKLOAD,
  withStack: true,
  recordShapes: true,
  profileByStage: false,
  profilePrefix: null,
  sglangProfileV2: false,
  timeouts: DEFAULT_TIMEOUTS,
  remarks: [],
} as const satisfies Omit<CaptureOptions, "url" | "output">;

export interface CaptureProgress {
  readonly phase: "recognise" | "warm-up" | "record" | "save" | "wait" | "done";
  readonly stage: StageName | null;
  readonly message: string;
}

export interface CaptureHooks {
  readonly onProgress?: (progress: CaptureProgress) => void;
  /** Aborting stops a profile of ours with one attempt, then rejects with `capture/interrupted`. */
  readonly signal?: AbortSignal | null;
  readonly clock?: Clock;
}

export interface CaptureResult {
  readonly framework: FrameworkId;
  readonly directory: string;
  /** Whole traces only, all ranks, by stage and path. */
  readonly traces: readonly string[];
  readonly recordPath: string;
  readonly serverArgsPath: string;
  readonly stages: readonly {
    readonly stage: StageName;
    readonly directory: string;
    readonly askedSteps: number | null;
    readonly steps: StepCounts | null;
  }[];
  /** Stages with fewer steps than asked, in words. The traces are good, only shorter. */
  readonly shortfalls: readonly string[];
  readonly notes: readonly string[];
}

/** Hooks with nothing missing. */
export interface CaptureContext {
  readonly report: (progress: CaptureProgress) => void;
  readonly signal: AbortSignal | null;
  readonly clock: Clock;
}

export function contextOf(hooks: CaptureHooks): CaptureContext {
  return {
    report: hooks.onProgress ?? (() => {}),
    signal: hooks.signal ?? null,
    clock: hooks.clock ?? machineClock(),
  };
}
