import type { StageName } from "../framework.ts";
import type { RuleStatus, StateName } from "../rule.ts";
import type { CategoryFrom, RoleFrom, Via } from "../trace/kernel-graph.ts";
import type { Microseconds } from "../trace/units.ts";
import type { Action } from "./action.ts";
import type { LedgerRow } from "./ledger.ts";
import type { OverlapRow, ReportSource } from "./report.ts";
import type { ExplainedGuard, ExplainedKernel, ExplainedPattern } from "./rule-explanation.ts";

/** Version of what `triage explain --format json` prints; raised when a field changes meaning or goes. */
export const EXPLANATION_VERSION = 3;

/** Everything behind one row of a report: one answer per trace file and stage that knows the row. */
export interface RowExplanation {
  readonly schemaVersion: typeof EXPLANATION_VERSION;
  /** As it was asked for. */
  readonly row: string;
  readonly kernels: readonly KernelExplanation[];
  readonly rules: readonly RuleRowExplanation[];
  readonly actions: readonly ActionExplanation[];
}

/** One action: what of the trace it stands on. Times of the GPU count from the start of the trace. */
export interface ActionExplanation {
  readonly path: string;
  readonly action: Action;
  /** Wall time of the stage without holes of the recording, and what is left of it. */
  readonly stepUs: Microseconds;
  readonly afterUs: Microseconds;
  /** Kernels that go or become shorter, most time first. */
  readonly kernels: readonly {
    readonly id: string;
    readonly name: string;
    readonly shortName: string;
    readonly launches: number;
    readonly totalUs: Microseconds;
  }[];
  readonly launchCount: number;
  readonly launches: readonly {
    readonly startUs: Microseconds;
    readonly durUs: Microseconds;
    /** Short name. */
    readonly kernel: string;
  }[];
  /** Idle rows of the ledger; empty where the action saves no idle time. */
  readonly idle: readonly LedgerRow[];
}

/** One kernel of one stage. Times of the GPU count from the start of the trace. */
export interface KernelExplanation {
  readonly path: string;
  readonly stage: StageName;
  /** Demangled. */
  readonly name: string;
  readonly shortName: string;
  /** Every spelling in the trace. */
  readonly rawNames: readonly string[];
  readonly totalUs: Microseconds;
  readonly sharePct: number;
  readonly launches: number;
  /** What the vocabulary calls it; several entries of one `what` where sites decide differently. */
  readonly named: readonly VocabularyAnswer[];
  readonly durations: Distribution;
  /** By launches, most first. */
  readonly streams: readonly {
    readonly device: number;
    readonly stream: string;
    readonly launches: number;
    readonly totalUs: Microseconds;
  }[];
  /** Start of the first and the last execution on the GPU. */
  readonly firstStartUs: Microseconds;
  readonly lastStartUs: Microseconds;
  /** Host calls that launched it. Null where the launch is not in the trace. */
  readonly launchApis: readonly { readonly api: string | null; readonly launches: number }[];
  /** "gx,gy,gz/bx,by,bz" grid and block. */
  readonly dims: readonly { readonly dims: string; readonly launches: number }[];
  /** Where in the repeated layer it stands; `position` of `period`. Empty outside. */
  readonly layerPositions: readonly {
    readonly position: number;
    readonly period: number;
    readonly launches: number;
    readonly layers: number;
  }[];
  readonly outsideLayers: number;
  readonly sites: readonly ExplainedSite[];
  /** What runs next to it on its stream within the step; null for nothing. Most frequent first. */
  readonly before: readonly Neighbour[];
  readonly after: readonly Neighbour[];
  /** What ran at the same time on other streams of the device, longest first. */
  readonly beside: readonly {
    readonly kernel: string;
    readonly stream: string;
    /** Pairs that shared time. */
    readonly times: number;
    readonly sharedUs: Microseconds;
  }[];
  /** Actions that make it go or shorten it, in their order. */
  readonly actions: readonly {
    readonly id: string;
    readonly title: string;
    /** Of the whole action, an upper bound. */
    readonly savesUs: Microseconds;
  }[];
  /** Rules with occurrences that hold it. */
  readonly findings: readonly {
    readonly rule: string;
    readonly title: string;
    readonly state: string;
    readonly occurrences: number;
    /** Launches of this kernel that they hold. */
    readonly launches: number;
  }[];
  /** Its row in the overlap table, when it has one. */
  readonly overlap: OverlapRow | null;
  /** What its limit rests on; empty where the work of none of its launches is known. */
  readonly work: readonly WorkExplanation[];
}

/** The limit of one op and shape, worked out line by line. */
export interface WorkExplanation {
  readonly op: string;
  readonly dims: string;
  readonly types: string;
  readonly calls: number;
  /** Kernels of different names that share a call. */
  readonly kernels: number;
  readonly kernelUs: Microseconds;
  readonly shapesFrom: "op" | "capture" | "mapping" | "model-config";
  readonly assuming: readonly string[];
  /** Id of the work model and its file below the rules directory; null for transfers and collectives. */
  readonly model: string | null;
  readonly file: string | null;
  readonly lines: readonly string[];
}

export interface VocabularyAnswer {
  readonly what: "category" | "role" | "library";
  readonly answer: string;
  /** What told it: a class of exact names, words, the op, the module, the place; null for "other". */
  readonly from: CategoryFrom | RoleFrom | null;
  /** Class of the vocabulary that decided, null where none fits. */
  readonly class: string | null;
  /** The part of it that fits, in the words of the language; the place in words. */
  readonly because: string | null;
  readonly launches: number;
}

export interface Distribution {
  readonly minUs: Microseconds;
  readonly p10Us: Microseconds;
  readonly medianUs: Microseconds;
  readonly p90Us: Microseconds;
  readonly p99Us: Microseconds;
  readonly maxUs: Microseconds;
  /** Equal steps from the least to the most; the last takes its upper end too. */
  readonly histogram: readonly {
    readonly fromUs: Microseconds;
    readonly toUs: Microseconds;
    readonly launches: number;
  }[];
}

export interface ExplainedSite {
  readonly location: string | null;
  readonly function: string | null;
  readonly module: string | null;
  /** Module path with instance numbers of the representative launch. */
  readonly modulePath: string | null;
  readonly cpuOp: string | null;
  readonly topOp: string | null;
  /** JSON texts of the op's inputs at the representative launch. */
  readonly shapes: string | null;
  readonly types: string | null;
  readonly via: Via;
  readonly launches: number;
  readonly totalUs: Microseconds;
  /** Frames of a representative launch (the first), innermost first. */
  readonly stack: readonly StackFrame[];
}

export interface StackFrame {
  readonly text: string;
  /** True for the one that reports show as the place in the code. */
  readonly isShown: boolean;
  /** Why it is shown or not, in a few words. */
  readonly why: string;
}

export interface Neighbour {
  readonly kernel: string | null;
  readonly times: number;
  /** Idle time between the two; below zero where they overlap. Null for no neighbour. */
  readonly medianGapUs: Microseconds | null;
}

/** One rule in one stage. */
export interface RuleRowExplanation {
  readonly path: string;
  readonly stage: StageName;
  readonly rule: string;
  readonly kind: "fusion" | "overlap";
  readonly title: string;
  readonly file: string;
  readonly status: RuleStatus;
  readonly pr: readonly string[];
  readonly checked: string | null;
  /** The answer in the report, with all other rules about. */
  readonly state: string;
  /** Rule that claimed its kernels, and those it claimed. */
  readonly foldedUnder: string | null;
  readonly alsoMatched: readonly string[];
  readonly assuming: readonly string[];
  readonly relatedUs: Microseconds;
  readonly sharePct: number;
  readonly saveAtMostUs: Microseconds;
  /** How `saveAtMostUs` is counted for this rule, in a sentence. */
  readonly saveBasis: string;
  readonly toggle: string | null;
  readonly sources: readonly ReportSource[];
  readonly guards: readonly ExplainedGuard[];
  readonly patterns: readonly ExplainedPattern[];
  /** Number in all; `occurrences` holds the first of them. */
  readonly occurrenceCount: number;
  readonly occurrences: readonly ExplainedOccurrence[];
}

export interface ExplainedOccurrence {
  readonly state: StateName;
  readonly startUs: Microseconds;
  readonly endUs: Microseconds;
  readonly layer: number | null;
  readonly gapUs: Microseconds;
  readonly saveAtMostUs: Microseconds;
  readonly kernels: readonly ExplainedKernel[];
}
