import type { LedgerRow } from "../../model/contracts/ledger.ts";
import type { FuseRow, StepsApart } from "../../model/contracts/report.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import type { RuleSet } from "../../model/rule.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import type { StageEvidence } from "../actions/candidate.ts";
import { removableRows } from "../actions/found/fusions.ts";
import { type RankedAction, rankActions } from "../actions/rank-actions.ts";
import { ledgerRows } from "../ledger/index.ts";
import { smallRuns } from "../ledger/small-runs.ts";
import { wallShares } from "../ledger/wall-shares.ts";
import type { Limits } from "../limits/index.ts";
import type { Retiming } from "../retime/retime.ts";
import type { IdlePiece } from "./gap-parts.ts";
import { idlePieces } from "./idle-time.ts";
import type { StageTime } from "./stage-timeline.ts";

/** What accounts of all stages of a trace share. */
interface AccountsInput {
  readonly ruleSet: RuleSet;
  readonly graph: KernelGraph;
  readonly outcomes: readonly RuleOutcome[];
  readonly retiming: Retiming;
  /** What kernels take at least; null where nothing is known of the work. */
  readonly limits: Limits | null;
  /** Arguments the server was started with, null where they are not known. */
  readonly serverArgs: Readonly<Record<string, unknown>> | null;
}

/** A stage's ledger, and what to do about it. */
interface StageAccounts {
  readonly ledger: readonly LedgerRow[];
  readonly actions: readonly RankedAction[];
}

/** Asks for one stage after the other; what does not depend on the stage is worked out once. */
export function accountsOf(
  input: AccountsInput,
): (stage: StageGraph, time: StageTime, fuse: readonly FuseRow[]) => StageAccounts {
  const { ruleSet, graph, outcomes, retiming, limits } = input;
  return (stage, time, fuse) => {
    const idle = idlePieces(time.gaps, time.idle);
    const shares = wallShares(graph, stage);
    const shown = new Set(fuse.map(({ rule }) => rule));
    const { claimed, removable } = ruledRows(input, stage, shown);
    const runs = smallRuns(graph, stage, claimed);
    const small = new Set(runs.flatMap((each) => each.runs.flat()));
    const ledger = ledgerRows(graph, stage, shares, idle, {
      floorNs: limits && wholeFloors(limits),
      removable,
      small,
    });
    const stepNs = stepTime(shares.ns, idle);
    const evidence: StageEvidence = {
      ruleSet,
      graph,
      stage,
      outcomes,
      fuse,
      shares,
      idle: usualIdle(graph, idle, time.timeline.apart),
      limits,
      smallRuns: runs,
      ruled: claimed,
      retiming,
      stepNs,
      serverArgs: input.serverArgs,
      apart: time.timeline.apart,
    };
    return { ledger, actions: rankActions(evidence) };
  };
}

/** Kernels that rows of the fuse table stand on, and those of them that the missing fusion removes. */
function ruledRows(
  { ruleSet, graph, outcomes }: AccountsInput,
  stage: StageGraph,
  shown: ReadonlySet<string>,
): { readonly claimed: ReadonlySet<Row>; readonly removable: ReadonlyMap<Row, string> } {
  const rules = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  const claimed = new Set<Row>();
  const removable = new Map<Row, string>();
  for (const outcome of outcomes) {
    if (outcome.stage !== stage.stage || !shown.has(outcome.rule)) continue;
    for (const { rows } of outcome.occurrences)
      for (const step of rows) for (const row of step) claimed.add(row);
    const rule = rules.get(outcome.rule)!;
    for (const row of removableRows(rule, outcome.occurrences, graph.trace.gpu))
      if (!removable.has(row)) removable.set(row, rule.id);
  }
  return { claimed, removable };
}

/** Idle time but that of steps set apart, which says nothing about the others. */
function usualIdle(
  { stepOf }: KernelGraph,
  idle: readonly IdlePiece[],
  apart: StepsApart | null,
): readonly IdlePiece[] {
  if (apart === null) return idle;
  const odd = new Set(apart.steps.map(({ index }) => index));
  return idle.filter(({ next }) => !odd.has(stepOf[next]!));
}

/** Wall time without holes of the recording. */
function stepTime(busy: Float64Array, idle: readonly IdlePiece[]): Nanoseconds {
  let ns = 0;
  for (const each of busy) ns += each;
  for (const { part, start, end } of idle) if (part !== "hole") ns += end - start;
  return ns;
}

/** Floors without those that are only bounds: time above a bound is not time above a limit. */
function wholeFloors({ floorNs, units, unitOf }: Limits): Float64Array {
  return floorNs.map((ns, row) => (units[unitOf[row]!]?.isLeast === true ? Number.NaN : ns));
}
