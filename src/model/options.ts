import type { Report } from "./contracts/report.ts";
import type { TriageError } from "./errors.ts";
import type { FrameworkId, StageName } from "./framework.ts";
import type { TraceSpans } from "./trace/trace-spans.ts";

/** How `traceEvents` are read: the byte scanner, or stream-json as the slower reference. */
export const READERS = ["fast", "reference"] as const;
export type ReaderName = (typeof READERS)[number];

/** Everything `analyze` may be told. Null always means "find it out", never "none". */
export interface AnalyzeOptions {
  /** Files or directories of the traces to triage, as given. Empty only when `formal` is not. */
  readonly inputs: readonly string[];
  /** Trace with Python sites that lends them to the formal one (graphs off, or the graph capture). */
  readonly mapping: readonly string[];
  /** Trace of the real serving run, judged with the mapping trace's sites. */
  readonly formal: readonly string[];
  /** Directory of `.fuse` rules: a whole rule base. */
  readonly rulesPath: string;
  /** Directories laid over it, weakest first. */
  readonly rulesOver: readonly string[];
  /** Ids of rules that are left out. */
  readonly rulesOff: readonly string[];
  /** Directory whose `policy/` goes before that of the rules; null = none. */
  readonly policyPath: string | null;
  /** A file like references/gpus.yaml whose GPUs are known besides; null = none. */
  readonly machinesPath: string | null;
  /** The file of settings that these options were filled up from; null = none. */
  readonly settingsPath: string | null;
  readonly reader: ReaderName;
  /** Rank to pick where an input holds several; null = the lowest present. */
  readonly rank: number | null;
  /** One report per rank instead of one rank's. */
  readonly allRanks: boolean;
  /** Only GPU events of this device ordinal. */
  readonly device: number | null;
  /** Only traces whose process or thread group contains this text (merged multi-rank files). */
  readonly pidSubstring: string | null;
  readonly framework: FrameworkId | "unknown" | null;
  readonly model: string | null;
  readonly tp: number | null;
  /** Whose peaks kernels are held against: an id or name of references/gpus.yaml, or a file like it; null = the trace's device. */
  readonly gpu: string | null;
  /** config.json of the model, or its folder: sizes for kernels whose arguments were not recorded. Null = where the server's arguments say. */
  readonly modelConfig: string | null;
  /** Only this stage's tables; null = every stage found. */
  readonly stage: StageName | null;
  /** Rows below this share of a stage's GPU time (percent) are hidden and counted. */
  readonly minSharePct: number;
  /** Refuse to hold more than this many bytes of decoded trace; null = no limit. */
  readonly maxBytes: number | null;
  /** Runs (ranks, or paths given) analysed at a time; null = as many as cores and memory allow. */
  readonly jobs: number | null;
  /** Memory that runs side by side may take together, bytes; null = most of what is free. */
  readonly maxMemory: number | null;
  /** Analyse what would otherwise be refused as no evidence (exit 6). */
  readonly force: boolean;
  /** Also tell which clause stopped the rules that almost matched. */
  readonly nearMisses: boolean;
  /** Also return the traces and their findings on the time axis. */
  readonly spans: boolean;
  /** Gates to judge, in the policy's spelling; an unknown one is a usage error. */
  readonly failOn: readonly string[];
  readonly onProgress: ((progress: Progress) => void) | null;
  /** Aborting rejects with the signal's reason and leaves nothing open. */
  readonly signal: AbortSignal | null;
}

/** Where a long run stands; called at most a few times a second. */
export interface Progress {
  readonly phase: "read" | "rules" | "attribute" | "match" | "report";
  /** File the phase works on, null when it works on all. */
  readonly path: string | null;
  /** Bytes on disk done and in all; both 0 for phases that do not count bytes. */
  readonly done: number;
  readonly total: number;
}

/** A rule that came close, and the clause that stopped it. */
export interface NearMiss {
  readonly rule: string;
  readonly stage: StageName;
  /** How much of the rule's shape was present, 0–1. */
  readonly reached: number;
  /** The clause that stopped it, in words, with its place: "fuse/sglang/x.fuse:12: gap <= 5us, saw 11us". */
  readonly stoppedBy: string;
}

export interface Gate {
  readonly id: string;
  readonly failed: boolean;
  /** One sentence with the numbers behind the answer. */
  readonly reason: string;
}

export interface AnalyzeResult {
  /** One report; with `allRanks` one per rank, by rank. Never empty. */
  readonly reports: readonly Report[];
  /** Nearest first; empty unless asked for. */
  readonly nearMisses: readonly NearMiss[];
  /** One per trace analysed, in their order; empty unless asked for. */
  readonly spans: readonly TraceSpans[];
  /** With `allRanks`: what was wrong with ranks that gave no report, by rank. */
  readonly failures: readonly TriageError[];
  /** One per requested gate, in the order asked. */
  readonly gates: readonly Gate[];
}

/** What `analyze` assumes when nobody says otherwise. */
export const DEFAULT_ANALYZE_OPTIONS = {
  rulesOver: [],
  rulesOff: [],
  policyPath: null,
  machinesPath: null,
  settingsPath: null,
  mapping: [],
  formal: [],
  reader: "fast",
  rank: null,
  allRanks: false,
  device: null,
  pidSubstring: null,
  framework: null,
  model: null,
  tp: null,
  gpu: null,
  modelConfig: null,
  stage: null,
  minSharePct: 1,
  maxBytes: null,
  jobs: null,
  maxMemory: null,
  force: false,
  nearMisses: false,
  spans: false,
  failOn: [],
  onProgress: null,
  signal: null,
} as const satisfies Omit<AnalyzeOptions, "inputs" | "rulesPath">;
