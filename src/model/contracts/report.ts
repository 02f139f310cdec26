import type { Severity } from "../diagnostic.ts";
import type { DecodePhase, FrameworkId, StageName } from "../framework.ts";
import type { RuleStatus, StateName } from "../rule.ts";
import type { CategoryFrom, RoleFrom, Via } from "../trace/kernel-graph.ts";
import type { Microseconds } from "../trace/units.ts";
import type { Action, ActionSaving } from "./action.ts";
import type { Health } from "./health.ts";
import type { LedgerRow } from "./ledger.ts";
import type { KernelLimit, StageLimits, WorkRow } from "./work-row.ts";

/** Version of the JSON contract; raised when a field changes meaning or goes. */
export const SCHEMA_VERSION = 3;

/** What every output format prints: numbers and texts, nothing formatted. `references/report.schema.json` describes it. */
export interface Report {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly tool: { readonly name: string; readonly version: string };
  readonly rules: {
    readonly path: string;
    readonly digest: string;
    readonly edition: number;
    readonly count: number;
    /** Folders laid over `path`, weakest first; left out where there are none. */
    readonly over?: readonly string[];
    /** Ids of rules that were left out; so. */
    readonly off?: readonly string[];
  };
  /** The file of settings that was gone by; left out where there is none. */
  readonly settings?: string;
  readonly mode: "single-trace" | "mapping-formal";
  /** What the overlap table can prove in this mode, in one sentence. */
  readonly overlapBasis: string;
  readonly framework: FrameworkId | "unknown";
  readonly frameworkEvidence: string;
  readonly traces: readonly ReportTrace[];
  readonly model: string | null;
  readonly modelFrom: string | null;
  readonly serverArgs: Readonly<Record<string, unknown>> | null;
  readonly serverArgsPath: string | null;
  readonly gpu: {
    readonly name: string | null;
    readonly vendor: "nvidia" | "amd" | "unknown";
    readonly arch: string | null;
    readonly count: number;
  };
  readonly parallel: {
    readonly tp: number | null;
    readonly pp: number | null;
    readonly dp: number | null;
    readonly ep: number | null;
    readonly worldSize: number | null;
    readonly from: string | null;
  };
  readonly minSharePct: number;
  readonly located: { readonly pct: number; readonly byMethod: Readonly<Record<Via, number>> };
  /** Whether the recording may be believed: what contradicts itself in it, and what was done about it. */
  readonly health: Health;
  /** What to do first, over all stages, best first. */
  readonly actions: readonly Action[];
  readonly stages: readonly StageReport[];
  readonly similarity: {
    readonly rule: string;
    readonly level: "high" | "medium" | "low";
    readonly reason: string;
  } | null;
  readonly summary: string;
  readonly hiddenRows: {
    readonly kernels: number;
    readonly overlap: number;
    readonly fuse: number;
    readonly actions: number;
  };
  readonly diagnostics: readonly {
    readonly severity: Severity;
    readonly code: string;
    readonly message: string;
    readonly path: string | null;
  }[];
}

export interface ReportTrace {
  readonly path: string;
  readonly role: "input" | "mapping" | "formal" | "capture";
  readonly rank: number | null;
  readonly events: number;
  readonly gpuEvents: number;
  readonly complete: boolean;
  readonly damage: string | null;
  /** Why this file was picked among several, null when there was no choice. */
  readonly choice: string | null;
}

export interface StageReport {
  readonly stage: StageName;
  readonly steps: number;
  readonly requests: RequestsReport;
  /** Sub-stages of speculative decoding; empty where no step drafts or verifies. */
  readonly phases: readonly PhaseReport[];
  /** Work that no step launched; it counts in no figure of a step. Null without. */
  readonly outsideSteps: OutsideSteps | null;
  /** How the stage was told ("annotation", "file-name", …). */
  readonly stageFrom: string;
  readonly timeline: TimelineReport;
  /** What one step took, over the steps; null where no step has GPU work. */
  readonly stepTimes: StepTimes | null;
  /** What ops did at least, per op and shape, most time first. */
  readonly work: readonly WorkRow[];
  readonly limits: StageLimits;
  /** Where the wall time went; adds up to `timeline.totalUs`. */
  readonly ledger: readonly LedgerRow[];
  readonly layers: {
    readonly period: number;
    readonly count: number;
    readonly matchRatio: number;
    /** What stands at every position of a layer, in order. */
    readonly template: readonly LayerKernel[];
  } | null;
  /** The same layer in the least that other tools need; null where nothing repeats. */
  readonly layer: LayerReport | null;
  readonly kernels: readonly KernelRow[];
  readonly overlap: readonly OverlapRow[];
  readonly fuse: readonly FuseRow[];
  /** Null where the stage has no GPU event. */
  readonly excerpt: ExcerptReport | null;
}

/** What a step works on: medians over the steps that tell, null where none does. */
export interface RequestsReport {
  /** Requests that are prefilled, and their new tokens. */
  readonly context: number | null;
  readonly contextTokens: number | null;
  /** Requests that decode. */
  readonly generation: number | null;
  readonly batch: number | null;
  /** New tokens of all requests. */
  readonly tokens: number | null;
  /** Whether kernels are replayed from CUDA or HIP graphs. */
  readonly graphs: boolean | null;
  /** Of all steps; null where they differ or none drafts or verifies. */
  readonly phase: DecodePhase | null;
}

export interface PhaseReport {
  readonly phase: DecodePhase | "plain";
  /** With GPU work. */
  readonly steps: number;
  readonly duration: Spread;
  readonly gpuTimeUs: Microseconds;
  /** What kernels take in a step of the phase, most first; those of next to nothing are left out. */
  readonly kernels: readonly PhaseKernel[];
}

export interface PhaseKernel extends KernelPerStep {
  readonly name: string;
  readonly shortName: string;
}

/** GPU time of no step, by where it lies: before the first step's work, after the last's, or between. */
export interface OutsideSteps {
  readonly events: number;
  /** Those of them whose launch is not recorded: a step may have launched them, before the recording began. */
  readonly unlaunchedEvents: number;
  readonly unlaunchedUs: Microseconds;
  readonly beforeUs: Microseconds;
  readonly betweenUs: Microseconds;
  readonly afterUs: Microseconds;
}

/**
 * A short stretch of the stage as it ran, to be drawn. Times are relative to its beginning; a span
 * that ran into it begins before zero.
 */
export interface ExcerptReport {
  /** One layer, or, where nothing repeats, some consecutive events; of all candidates the one of median duration. */
  readonly of: "layer" | "stretch";
  /** Number of the layer within its forward pass, from 0. */
  readonly layer: number | null;
  /** Label of the step that launched it. */
  readonly step: string | null;
  /** Its beginning, since the beginning of the trace. */
  readonly fromUs: Microseconds;
  readonly durationUs: Microseconds;
  /** False where it has more events than are told: it is then cut after the last. */
  readonly whole: boolean;
  readonly lanes: readonly { readonly device: number; readonly stream: string }[];
  readonly spans: readonly ExcerptSpan[];
  readonly idle: readonly {
    readonly startUs: Microseconds;
    readonly durUs: Microseconds;
    /** What most of the gap is due to. */
    readonly cause: IdleCause;
  }[];
  /** Occurrences of fusion rules with a row in `fuse`. */
  readonly fuse: readonly {
    readonly rule: string;
    readonly state: StateName;
    /** Indexes into `spans`, ascending. */
    readonly spans: readonly number[];
    /** False where kernels of the occurrence lie outside. */
    readonly whole: boolean;
  }[];
}

export interface ExcerptSpan {
  /** Index into `lanes`. */
  readonly lane: number;
  readonly startUs: Microseconds;
  readonly durUs: Microseconds;
  /** Short name. */
  readonly kernel: string;
  readonly category: string;
  /** Role within a layer ("qkv_proj"). */
  readonly role: string | null;
  readonly location: string | null;
  /** Communication no computation hides, copies and fills that nothing else hides; 0 for computation. */
  readonly exposedUs: Microseconds;
}

/**
 * Middle and spread of measurements that occurred: of n in order, entry floor((n-1)/2), entry
 * floor((n-1)*0.1) and entry ceil((n-1)*0.9). With ten or fewer p10 and p90 are the extremes.
 */
export interface Spread {
  readonly medianUs: Microseconds;
  readonly p10Us: Microseconds;
  readonly p90Us: Microseconds;
}

/** With fewer steps even the one without its beginning is needed. */
export const STEPS_TO_DROP_FIRST = 3;

/**
 * Times of single steps on the GPU, of what steps launched alone. Idle time belongs to the step
 * whose kernel ended it, time that several steps share to the one that began it. Of three
 * steps or more the first is left out of duration and idle: how long the GPU waited for it is not
 * in the trace.
 */
export interface StepTimes {
  /** Steps with GPU work in this stage. */
  readonly count: number;
  /** Busy plus idle. */
  readonly duration: Spread;
  readonly gpuTime: Spread;
  readonly busy: Spread;
  readonly idle: Spread;
  readonly exposedComm: Spread;
  /** Median distance from each median: one cold, cut or disturbed step does not widen it. */
  readonly deviation: Readonly<Record<StepMetric, Microseconds>>;
}

export type StepMetric = "duration" | "gpuTime" | "busy" | "idle" | "exposedComm";

/** One position of the repeated layer: the kernel most often there, over layers and steps. */
export interface LayerKernel extends Spread {
  readonly position: number;
  /** Stream the layers run on, as the trace spells it. */
  readonly lane: string;
  /** Demangled name, as in {@link KernelRow}. */
  readonly kernel: string;
  readonly shortName: string;
  readonly category: string;
  /** What told the category; null for "other". */
  readonly categoryFrom: CategoryFrom | null;
  readonly role: string | null;
  /** Name, op, module or place. */
  readonly roleFrom: RoleFrom | null;
  /** In words, where its place among its neighbours told it. */
  readonly roleGround: string | null;
  readonly module: string | null;
  readonly location: string | null;
  /** Launches of that kernel here; the spread is over them. */
  readonly launches: number;
  /** Launches of other kernels here. */
  readonly otherLaunches: number;
  readonly avgUs: Microseconds;
  /** From the end of the lane's kernel before it to its start; negative where they overlap. */
  readonly gapBefore: Spread;
}

export interface LayerReport {
  /** Layers seen, and kernels in each. */
  readonly count: number;
  readonly period: number;
  readonly rows: readonly LayerRow[];
}

/** A position of the repeated layer: see {@link LayerKernel}. */
interface LayerRow
  extends Pick<
    LayerKernel,
    "position" | "kernel" | "category" | "categoryFrom" | "role" | "roleFrom" | "roleGround"
  > {
  /** Row of `kernels` that it is part of. */
  readonly id: string;
  readonly medianUs: Microseconds;
  /** Median of the lane's wait before it; negative where kernels overlap. */
  readonly gapUs: Microseconds;
  /** Code that launched it, null where the trace does not tell. */
  readonly site: Pick<LayerKernel, "location" | "module"> | null;
}

export interface TimelineReport {
  readonly totalUs: Microseconds;
  readonly busyUs: Microseconds;
  readonly idleUs: Microseconds;
  readonly computeUs: Microseconds;
  readonly commUs: Microseconds;
  readonly exposedCommUs: Microseconds;
  readonly memoryUs: Microseconds;
  readonly exposedMemoryUs: Microseconds;
  /** Sum of GPU-event durations (overlaps count twice). */
  readonly gpuTimeUs: Microseconds;
  /** Idle by cause: host-launch, synchronisation, graph-launch, hole, other. */
  readonly idleCauses: readonly {
    readonly cause: IdleCause;
    readonly us: Microseconds;
    readonly note: string | null;
  }[];
  /** Steps far from the others, which decide no verdict; null without. */
  readonly apart: StepsApart | null;
}

/** Steps that took a multiple of the usual: autotuning, warm-up, a first request. */
export interface StepsApart {
  readonly steps: readonly {
    /** Index into the trace's steps. */
    readonly index: number;
    /** Number within the stage, from 1. */
    readonly number: number;
    readonly label: string;
    readonly us: Microseconds;
  }[];
  /** Steps of the stage with GPU work, these included. */
  readonly of: number;
  /** Median of all of them. */
  readonly usualUs: Microseconds;
  /** Wall time of these steps together, and the idle time in it. */
  readonly totalUs: Microseconds;
  readonly idleCauses: readonly { readonly cause: IdleCause; readonly us: Microseconds }[];
}

/** In the order in which reports list them. */
export const IDLE_CAUSES = [
  "host-launch",
  "host-pause",
  "synchronisation",
  "graph-launch",
  "hole",
  "other",
] as const;
export type IdleCause = (typeof IDLE_CAUSES)[number];

export interface KernelRow {
  /** The same in every report of every run; ledger, actions and evidence point here with it. */
  readonly id: string;
  /** Demangled name; the key within a stage together with nothing else. */
  readonly name: string;
  readonly shortName: string;
  readonly category: string;
  /** What told the category: a class of exact names, words of the name, the CPU op; null for "other". */
  readonly categoryFrom: CategoryFrom | null;
  /** Role within a layer of at least nine tenths of its launches ("qkv_proj"), null where none is. */
  readonly role: string | null;
  readonly roleFrom: RoleFrom | null;
  /** Every role its launches play and what tells it, the most time first; what plays none that is known is left out. */
  readonly roles: readonly KernelRole[];
  readonly totalUs: Microseconds;
  readonly sharePct: number;
  readonly launches: number;
  readonly avgUs: Microseconds;
  readonly minUs: Microseconds;
  readonly maxUs: Microseconds;
  readonly medianUs: Microseconds;
  readonly p10Us: Microseconds;
  readonly p90Us: Microseconds;
  /** Null where the stage has no step with GPU work. */
  readonly perStep: KernelPerStep | null;
  /** How far from what the machine can do; null where the work of none of its launches is known. */
  readonly limit: KernelLimit | null;
  readonly sites: readonly KernelSite[];
}

export interface KernelRole {
  readonly role: string;
  readonly from: RoleFrom;
  /** In words, where its place among its neighbours told it. */
  readonly ground: string | null;
  readonly launches: number;
  readonly totalUs: Microseconds;
}

/** Launches and time of a kernel in one step; work of no step does not count. */
export interface KernelPerStep {
  readonly launches: number;
  readonly us: Microseconds;
}

export interface KernelSite {
  readonly location: string | null;
  readonly function: string | null;
  readonly module: string | null;
  readonly cpuOp: string | null;
  readonly launches: number;
  readonly totalUs: Microseconds;
  readonly via: Via;
}

export interface ReportSource {
  readonly repo: string;
  readonly commit: string;
  readonly path: string;
  readonly symbol: string | null;
  readonly url: string;
}

export interface OverlapRow {
  readonly rule: string | null;
  readonly priority: string | null;
  readonly verdict: string;
  readonly kernel: string;
  /** Ids of its kernels, most time first. */
  readonly of: readonly string[];
  readonly category: string;
  readonly location: string | null;
  readonly totalUs: Microseconds;
  readonly sharePct: number;
  readonly exclusivePct: number;
  readonly hiddenPct: number;
  /** What hiding it would take off the stage at most; 0 where the stage is launch-bound. */
  readonly saveAtMostUs: Microseconds;
  readonly dependencyRisk: "low" | "high" | "unclear";
  readonly recommendation: string;
  readonly rationale: string;
  readonly status: RuleStatus | null;
  readonly sources: readonly ReportSource[];
}

/** Results that one kernel of a fusion writes and the next reads, told by work models. */
export interface FusionTraffic {
  /** Written and read again, over all occurrences whose work is known. */
  readonly bytes: number;
  /** What that takes at the bandwidth of the machine's memory. */
  readonly us: Microseconds;
  /** Occurrences that are not fused and whose work is known, and all that are not fused. */
  readonly told: number;
  readonly of: number;
}

export interface FuseRow {
  readonly rule: string;
  readonly title: string;
  readonly status: RuleStatus;
  readonly pr: readonly string[];
  readonly checked: string | null;
  readonly state: StateName;
  readonly assuming: readonly string[];
  readonly counts: { readonly active: number; readonly partial: number; readonly split: number };
  readonly coveragePct: number;
  readonly relatedUs: Microseconds;
  readonly sharePct: number;
  /** Kernels that the fused one swallows and gaps that close, added up; `saves` is what the step gains. */
  readonly saveAtMostUs: Microseconds;
  /** What the step becomes shorter by at most, found by re-timing it. */
  readonly saves: ActionSaving;
  /** What need not be moved between its kernels any more; null where no occurrence's work is known. */
  readonly traffic: FusionTraffic | null;
  readonly evidence: readonly {
    readonly step: string;
    /** Of the first kernel with this short name. */
    readonly id: string;
    readonly kernel: string;
    readonly launches: number;
    readonly totalUs: Microseconds;
  }[];
  readonly locations: readonly string[];
  readonly sources: readonly ReportSource[];
  readonly rationale: string;
  readonly advice: string | null;
  readonly toggle: string | null;
  readonly alsoMatched: readonly string[];
}
