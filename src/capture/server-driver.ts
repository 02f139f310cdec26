import type { FrameworkId, StageName } from "../model/framework.ts";
import type { CaptureFailure } from "./capture-error.ts";
import type { HttpResult } from "./net/http.ts";
import type { ServerLink } from "./net/server-link.ts";

/** Answers that tell servers apart, asked once. None of these calls runs a forward. */
export interface ServerClues {
  readonly url: string;
  /** GET /v1/models */
  readonly models: HttpResult;
  /** GET /server_info, or /get_server_info where that is not known. */
  readonly serverInfo: HttpResult;
  /** GET /get_server_info on the next port: TokenSpeed's control server. */
  readonly control: HttpResult;
  /** GET /readiness */
  readonly readiness: HttpResult;
  /** GET /workers: what stands behind an smg gateway. */
  readonly workers: HttpResult;
  /** GET /version */
  readonly version: HttpResult;
  /** GET /model_info */
  readonly modelInfo: HttpResult;
}

/** How sure a driver is that a server is its own: a name it gives itself beats a shape. */
export const CERTAINTY = { named: 3, shape: 2, hint: 1 } as const;

export interface Identity {
  readonly certainty: (typeof CERTAINTY)[keyof typeof CERTAINTY];
  /** In words, for the report: `/v1/models says owned_by "vllm"`. */
  readonly evidence: string;
}

/** What a server says about itself. Null: it does not say. */
export interface ServerFacts {
  readonly framework: FrameworkId;
  readonly url: string;
  /** Path or hub name. */
  readonly model: string | null;
  /** Names that requests may use. */
  readonly modelIds: readonly string[];
  readonly version: string | null;
  readonly tp: number | null;
  /** Trace files one profile leaves: one per rank on this host. */
  readonly traceFiles: number | null;
  /** Tokens of prompt and answer together. */
  readonly contextLimit: number | null;
  /** Longest prompt that one prefill step takes. */
  readonly prefillChunk: number | null;
  /** Where its launch options send traces, as the server sees it. */
  readonly traceDirectory: string | null;
  /** Why this server cannot be profiled at all, and what to do; null when nothing speaks against it. */
  readonly unprofiled: { readonly message: string; readonly hint: string } | null;
  /** Half of a prefill/decode pair, or the router in front of one. */
  readonly disaggregation: "prefill" | "decode" | "router" | null;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What to record. */
export interface ProfileWindow {
  readonly stage: StageName;
  /** Directory as the server sees it. */
  readonly directory: string;
  /** Engine steps (forwards of any kind) to record. */
  readonly steps: number;
  /** Steps to let pass first; only where {@link ServerDriver.skipsSteps}. */
  readonly skip: number;
  readonly withStack: boolean;
  readonly recordShapes: boolean;
  /** One file per stage from one session (SGLang, TokenSpeed). */
  readonly byStage: boolean;
  readonly prefix: string | null;
}

export interface Failure {
  readonly kind: "failed";
  readonly reason: CaptureFailure;
  readonly message: string;
  readonly hint: string;
}

/** `started`: the server has said so, and the profile is ours to stop; `serverTime` is its own clock then. */
export type StartOutcome =
  | { readonly kind: "started"; readonly serverTime: number | null }
  | Failure;

/** `idle`: nothing was running any more, as after a window that ended by itself. */
export type StopOutcome = { readonly kind: "stopped" | "idle" } | Failure;

/** One file of a profile, told by its name. */
export interface TraceFileName {
  /** Global or tensor-parallel rank; null when the name carries none. */
  readonly rank: number | null;
  /** Names the producer within a session ("TP-0-PP-1"): two files of one key are two sessions. */
  readonly key: string;
  readonly stage: StageName | null;
  /** When the server wrote it by its own clock, ms since 1970; null when the name carries none. */
  readonly writtenAt: number | null;
}

/** One request of the workload. */
export interface Probe {
  readonly prompt: string;
  readonly outputTokens: number;
}

export interface ProbeReply {
  readonly text: string;
  readonly promptTokens: number | null;
  readonly outputTokens: number | null;
}

/** Wishes that a start request cannot carry to a server, each with what to say to who has it. */
export type Untaken = Partial<
  Record<"byStage" | "prefix" | "noStacks" | "shapes" | "noShapes" | "steps", string>
>;

/** Everything capture knows about one serving framework: one file in `capture/servers`. */
export interface ServerDriver {
  readonly id: FrameworkId;
  readonly title: string;
  /** Who decides where traces go: every start request, or the server's launch options. */
  readonly directoryFrom: "request" | "launch";
  /** A start request carries the number of steps; otherwise the load must bound the window. */
  readonly boundsSteps: boolean;
  /** A start request can let steps pass before recording. */
  readonly skipsSteps: boolean;
  /** The window ends only when a further step comes, and no request of ours can end it. */
  readonly closesByTraffic: boolean;
  /** Success of stop means that every rank on this host has closed its file. */
  readonly stopAwaitsFiles: boolean;
  /** A window that waits for its first step cannot be stopped before that step has come. */
  readonly stopNeedsStep: boolean;
  readonly untaken: Untaken;
  /** The driver of one release, where releases differ by more than their answers show. */
  ofRelease?(facts: ServerFacts): ServerDriver;
  identify(clues: ServerClues): Identity | null;
  readFacts(clues: ServerClues): ServerFacts;
  /** Null when a profile can be started, as far as can be told without starting one. */
  checkProfiling(link: ServerLink): Promise<Failure | null>;
  start(link: ServerLink, window: ProfileWindow, deadlineMs: number): Promise<StartOutcome>;
  stop(link: ServerLink, deadlineMs: number): Promise<StopOutcome>;
  /** Null for files that are no rank's trace (front end, merged copies). */
  traceFile(name: string): TraceFileName | null;
  request(probe: Probe, modelId: string): { readonly path: string; readonly body: object };
  readReply(json: unknown): ProbeReply | null;
  /** For the message when the server said yes and no file came. */
  readonly nothingWrittenHint: string;
}

/** "vLLM 0.33.0", or "vLLM" where the release is not told. */
export function named(engine: string, version: string | null): string {
  return version === null ? engine : `${engine} ${version}`;
}
