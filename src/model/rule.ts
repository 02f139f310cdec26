import type { FactName, FactValue, FieldName } from "./facts.ts";
import type { Nanoseconds } from "./trace/units.ts";
import type { WorkModel } from "./work.ts";

/**
 * What the `.fuse` compiler produces and the engine runs: plain data, serialisable as JSON (the
 * compiled pack), no functions. Names of classes are already resolved to indexes.
 */
export interface RuleSet {
  readonly edition: 1;
  /** Hex sha256 over the sorted source texts: equal digests mean equal rules. */
  readonly digest: string;
  /** Where the rules came from, as given on the command line. */
  readonly path: string;
  readonly classes: readonly KernelClass[];
  /** Category definitions in order: the first that fits a kernel wins. */
  readonly categories: readonly Definition[];
  /** What tells the category of a kernel that none of {@link categories} fits; absent without any. */
  readonly categoriesBy?: Readonly<Record<CategoryGround, readonly Definition[]>>;
  readonly roles: readonly Definition[];
  readonly libraries: readonly Definition[];
  /** Sorted by id. */
  readonly rules: readonly Rule[];
  /** Sorted by id. */
  readonly works: readonly WorkModel[];
  /** Repositories of the source lock by alias; an empty date where no single commit was read. */
  readonly repos: Readonly<
    Record<string, { readonly url: string; readonly commit: string; readonly date: string }>
  >;
}

/** Vocabulary entry: kernels of class `class` get category/role/library `id`. */
export interface Definition {
  readonly id: string;
  readonly title: string;
  readonly class: ClassId;
}

/** Grounds of a category after its class: the words of the name, then the CPU op that launched it. */
export const CATEGORY_GROUNDS = ["words", "op"] as const;
export type CategoryGround = (typeof CATEGORY_GROUNDS)[number];

/** Index into RuleSet.classes. */
export type ClassId = number;

export interface KernelClass {
  /** "moe.shared_gemm" for imported ones, "rule-id.name" for a rule file's own. */
  readonly name: string;
  readonly expr: ClassExpr;
}

export type ClassExpr =
  | { readonly kind: "any"; readonly of: readonly ClassExpr[] }
  | { readonly kind: "all"; readonly of: readonly ClassExpr[] }
  | { readonly kind: "not"; readonly of: ClassExpr }
  | { readonly kind: "class"; readonly class: ClassId }
  /** Whole-string glob, `*` only, case-sensitive. Matches when any spelling of the field does. */
  | { readonly kind: "glob"; readonly field: FieldName; readonly glob: string };
/** Proven linear by the checker; flags never used. */

export type RuleKind = "fusion" | "overlap";
export type RuleStatus = "mainline" | "in-flight" | "experimental" | "deprecated";
export type StateName = "active" | "partial" | "split";

export interface Rule {
  readonly id: string;
  readonly kind: RuleKind;
  /** Folder under rules/fuse or rules/overlap. */
  readonly origin: string;
  /** Path below the rules directory: "fuse/sglang/add-rmsnorm.fuse". */
  readonly file: string;
  readonly title: string;
  readonly status: RuleStatus;
  /** "owner/repo#123", newest first; only for in-flight rules. */
  readonly prs: readonly string[];
  /** ISO date on which the PR state was last looked at. */
  readonly checked: string | null;
  readonly replacedBy: string | null;
  readonly since: string | null;
  readonly owner: string | null;
  readonly rev: string | null;
  readonly refs: readonly string[];
  readonly tags: readonly string[];
  readonly sources: readonly RuleSource[];
  readonly guards: readonly Guard[];
  readonly states: readonly StatePattern[];
  /** Least share of stage GPU time (0–1) that makes a row; below it the finding is kept in JSON only. */
  readonly reportShare: number;
  readonly subsumes: readonly string[];
  readonly conflicts: readonly string[];
  readonly messages: readonly Message[];
  /** What to switch first to get the fused path, in the engine's own spelling. */
  readonly toggle: string | null;
  /** Captures whose kernels the fused path no longer runs; null = all but the longest step. */
  readonly saves: readonly string[] | null;
  readonly tests: readonly RuleTest[];
}

export interface RuleSource {
  /** Alias in the source lock: "sglang". */
  readonly repo: string;
  /** Full URL of the repository and of the file at the commit, filled from the lock. */
  readonly url: string;
  /** The release instead, where the source was read in one: "0.5.23". */
  readonly commit: string;
  readonly path: string;
  readonly symbol: string | null;
  /** Set for "pr:N:path" sources. */
  readonly pr: string | null;
  /** False where the lock says the path or symbol could not be checked. */
  readonly verified: boolean;
  /** Which releases have it; missing where nothing is known of that. */
  readonly versions?: SourceVersions;
}

export interface SourceVersions {
  /** The first release or commit known to have it; null: not known. */
  readonly since: string | null;
  /** The first release or commit known to be without it; null: none is. */
  readonly until: string | null;
  /** Releases in which it was found, oldest first, and where. */
  readonly found: readonly FoundInRelease[];
}
interface FoundInRelease {
  readonly version: string;
  readonly path: string;
  readonly url: string;
}

export type Guard = Clause &
  (
    | { readonly fact: FactName; readonly op: "in"; readonly values: readonly FactValue[] }
    | { readonly fact: FactName; readonly op: ">=" | "<=" | ">" | "<"; readonly value: FactValue }
    /** Case-insensitive whole-string globs. */
    | {
        readonly fact: FactName;
        readonly op: "like";
        readonly globs: readonly string[];
        readonly except: readonly string[];
      }
  );

/** Part of a rule that can be pointed at when it is what stopped a match. */
interface Clause {
  /** 1-based line in {@link Rule.file}; absent in rule sets that come from no text. */
  readonly line?: number;
}

export interface StatePattern extends Clause {
  readonly state: StateName;
  readonly pattern: Pattern;
  readonly where: readonly Condition[];
  /** Occurrences in the stage needed before the state counts. */
  readonly repeat: { readonly min: number };
}

export type Pattern = ChainPattern | AnyOrderPattern | OverlapPattern;

/** Consecutive kernels of one stream. `links[i]` lies between steps i and i+1. */
export interface ChainPattern {
  readonly kind: "chain";
  readonly steps: readonly PatternStep[];
  readonly links: readonly Link[];
}

export interface PatternStep extends Clause {
  readonly class: ClassId;
  readonly capture: string | null;
  readonly min: number;
  readonly max: number;
}

export interface Link extends Clause {
  /** At most this many unrelated kernels may stand between. */
  readonly skip: number;
  /** Kernels of these classes may stand between without counting (split-K reduce, fills, copies). */
  readonly past: readonly ClassId[];
  /** Largest idle time between end of the one and start of the next; negative gaps always pass. Null = any. */
  readonly gap: Nanoseconds | null;
  /** None of these may stand between. */
  readonly without: readonly ClassId[];
}

/** All steps on one stream, any order, within a window of `within` kernels. */
export interface AnyOrderPattern {
  readonly kind: "any-order";
  readonly steps: readonly PatternStep[];
  readonly within: number;
}

/** Two kernels of different streams whose intervals intersect. */
export interface OverlapPattern {
  readonly kind: "overlap";
  readonly first: PatternStep;
  readonly second: PatternStep;
  /** Least intersection as a share (0–1) of the shorter kernel. */
  readonly minShare: number;
}

export interface Condition {
  readonly left: { readonly capture: string; readonly field: ConditionField };
  readonly equal: boolean;
  readonly right: { readonly capture: string; readonly field: ConditionField };
}
export const CONDITION_FIELDS = ["stream", "device", "scope", "op", "layer", "name"] as const;
export type ConditionField = (typeof CONDITION_FIELDS)[number];

export interface Message {
  readonly kind: "verdict" | "advice";
  readonly state: StateName;
  /** Placeholders: {capture.name}, {capture.frame}, {count}, {share}, {coverage}, {pr}, {stage}, {active.count}, {split.count}, {partial.count}. */
  readonly template: string;
}

export interface RuleTest {
  readonly title: string;
  readonly given: readonly { readonly fact: FactName; readonly value: FactValue }[];
  /** Expanded rows in file order. */
  readonly kernels: readonly TestKernel[];
  readonly expect: TestExpectation;
}

export interface TestKernel {
  readonly stream: string;
  readonly name: string;
  readonly start: Nanoseconds;
  readonly duration: Nanoseconds;
  readonly op: string | null;
  readonly scope: string | null;
  readonly frame: string | null;
  /** Which turn of the innermost `repeat` made it, counted through the test; stands in for the layer. -1 outside a repeat. */
  readonly layer: number;
}

export type TestExpectation =
  | { readonly match: StateName; readonly times: number | null }
  | {
      readonly match: null;
      readonly because: "guard" | "pattern" | "share" | null;
      readonly guard: FactName | null;
    };
