import type { Trace } from "./trace/trace.ts";

/** Serving engines we know by name; "unknown" is an honest answer. */
export const FRAMEWORKS = ["sglang", "vllm", "trtllm", "tokenspeed"] as const;
export type FrameworkId = (typeof FRAMEWORKS)[number];

/** Speculative decoding: a draft model proposes tokens, the target model verifies them. */
export type DecodePhase = "draft" | "verify";

/** Requests of a step by kind; null where the spelling does not carry them. */
export interface StepRequests {
  /** Requests that are prefilled, and their new tokens. */
  readonly context: number | null;
  readonly contextTokens: number | null;
  /** Requests that decode. */
  readonly generation: number | null;
}

/** What one step annotation says. Counts are null where the spelling does not carry them. */
export interface StepLabel {
  readonly stage: StageName;
  readonly requests?: StepRequests;
  /** Only of steps of speculative decoding. */
  readonly phase?: DecodePhase | null;
  /** Set where a step is told, but in a mode we have no word for. */
  readonly isUnknown?: boolean;
  readonly batchSize: number | null;
  readonly tokens: number | null;
  /** Several spans of one engine iteration may nest; the outermost with the highest trust wins. */
  readonly trust: number;
  /** Set where the span is a part of the step begun last (its sampling), and no step of its own. */
  readonly isPart?: boolean;
}

export const STAGES = ["prefill", "decode", "mixed", "all"] as const;
export type StageName = (typeof STAGES)[number];

/** How the field prints a stage: SGLang says extend where others say prefill. */
export const STAGE_TITLE: Record<StageName, string> = {
  prefill: "extend/prefill",
  decode: "decode",
  mixed: "mixed prefill+decode",
  all: "all",
};

/** What users call the stages: SGLang says extend where others say prefill. */
export const STAGE_WORDS: Readonly<Record<string, StageName>> = {
  prefill: "prefill",
  extend: "prefill",
  decode: "decode",
  mixed: "mixed",
  all: "all",
};

/** Everything ingest knows about one serving framework: one file in `ingest/frameworks`. */
export interface FrameworkProfile {
  readonly id: FrameworkId | "unknown";
  readonly title: string;
  /** Evidence for this framework in words ("python frames sglang/srt ×3,120"), or null. Never kernel namespaces. */
  detect(hints: FrameworkHints): { readonly strength: number; readonly evidence: string } | null;
  /** Reads one annotation name; null when it is not a step. */
  step(annotation: string): StepLabel | null;
  /** Stage told by an enclosing Python function ("forward_decode"), or null. */
  stageOfFrame(location: string, fn: string): StageName | null;
  /**
   * How good a Python frame is as "the place in the code": higher is better, 0 = plumbing (torch
   * internals, _call_impl, graph runners, custom-op wrappers, profiler shims). Among the frames of
   * the highest rank the innermost is shown. `path` starts at the package ("vllm/_custom_ops.py").
   */
  siteRank(path: string, fn: string): number;
}

export interface FrameworkHints {
  /** Distinct Python frame texts with their counts, most frequent first, at most a few thousand. */
  readonly frames: readonly { readonly text: string; readonly count: number }[];
  readonly annotations: readonly string[];
  readonly serverArgs: Readonly<Record<string, unknown>> | null;
  readonly fileName: string;
  readonly trace: Trace;
}

export interface FrameworkDecision {
  readonly profile: FrameworkProfile;
  readonly framework: FrameworkId | "unknown";
  /** One sentence for the report's head: what told it, or what was missing. */
  readonly evidence: string;
}
