import type { Action } from "../../model/contracts/action.ts";
import type { IdlePart } from "../../model/contracts/ledger.ts";
import type { FuseRow, StepsApart } from "../../model/contracts/report.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import type { RuleSet } from "../../model/rule.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import type { SmallRuns } from "../ledger/small-runs.ts";
import type { WallShares } from "../ledger/wall-shares.ts";
import type { Limits } from "../limits/index.ts";
import type { Change, Retiming } from "../retime/retime.ts";
import type { IdlePiece } from "../timeline/gap-parts.ts";

/** Everything about one stage that actions are told from. */
export interface StageEvidence {
  readonly ruleSet: RuleSet;
  readonly graph: KernelGraph;
  readonly stage: StageGraph;
  /** Of this stage or of all. */
  readonly outcomes: readonly RuleOutcome[];
  /** Rows of the fuse table of this stage, before any cut. */
  readonly fuse: readonly FuseRow[];
  readonly shares: WallShares;
  readonly idle: readonly IdlePiece[];
  /** What kernels take at least; null where nothing is known of the work. */
  readonly limits: Limits | null;
  readonly smallRuns: readonly SmallRuns[];
  /** GPU rows that rows of the fuse table stand on. */
  readonly ruled: ReadonlySet<Row>;
  /** Of the whole trace. */
  readonly retiming: Retiming;
  /** Wall time without holes of the recording. */
  readonly stepNs: Nanoseconds;
  /** Arguments the server was started with, null where they are not known. */
  readonly serverArgs: Readonly<Record<string, unknown>> | null;
  /** Steps far from the others. */
  readonly apart: StepsApart | null;
}

/** What an action would change, before it is known what that saves and whose kernels it claims. */
export interface Candidate
  extends Pick<
    Action,
    "kind" | "title" | "do" | "where" | "toggle" | "proof" | "assuming" | "rule" | "sources"
  > {
  /** Tells it from others of its kind in the stage. */
  readonly key: string;
  /** GPU rows that it claims. */
  readonly rows: ReadonlySet<Row>;
  /** The change without rows that an action above has claimed; null where idle time alone goes. */
  readonly change: ((isFree: (row: Row) => boolean) => Change) | null;
  /** Idle time that goes by itself, or the most that idle time may add to what re-timing tells. */
  readonly idleNs: Nanoseconds;
  /** Idle time that it takes, by part; only of what idle time alone speaks for. */
  readonly idleParts?: ReadonlyMap<IdlePart, Nanoseconds>;
  /** True where kernels are shortened to a limit of the machine, which none reaches in full. */
  readonly toLimit?: boolean;
  /** Of a fusion all rows of its chains, those that stay too. */
  readonly chain?: ReadonlySet<Row>;
  /** True for what is surer and cheaper than tuning or fusing (work that need not be done, a twin that this run has): it takes its kernels before them. */
  readonly isFirst?: boolean;
  /** Told anew where others have claimed some of its rows. */
  readonly retold?: (isFree: (row: Row) => boolean) => Pick<Candidate, "title" | "do" | "where">;
}

/** Writes times of one sentence in one unit, that of the largest: "1.23 ms", "45 us". */
export function timeWords(largest: Nanoseconds): (ns: Nanoseconds) => string {
  return largest < 1e6
    ? (ns) => `${(ns / 1e3).toFixed(0)} us`
    : (ns) => `${(ns / 1e6).toFixed(2)} ms`;
}

/** What no rule names has no switch and no source upstream. */
export const WITHOUT_RULE = { toggle: null, rule: null, sources: [] } as const;

/** Candidates that only idle time speaks for. */
export const IDLE_ONLY = {
  proof: "trace",
  assuming: [],
  ...WITHOUT_RULE,
  rows: new Set<Row>(),
  change: null,
} as const;

/** Idle time of a stage by part. */
export function idleByPart(idle: readonly IdlePiece[]): ReadonlyMap<IdlePart, Nanoseconds> {
  const sums = new Map<IdlePart, Nanoseconds>();
  for (const { part, start, end } of idle) sums.set(part, (sums.get(part) ?? 0) + end - start);
  return sums;
}
