import type { Assumption, Occurrence } from "../../model/finding.ts";
import type { ConditionField } from "../../model/rule.ts";
import type { Row } from "../../model/units.ts";
import { matchAnyOrderAt, type Picks } from "./any-order.ts";
import { ChainMatcher, type Run } from "./chain.ts";
import { conditionTruth, fieldValue, type PlanCondition } from "./conditions.ts";
import type { LayerLookup } from "./layer-lookup.ts";
import { findOverlaps } from "./overlap.ts";
import { keepRepeated } from "./repeat.ts";
import type { PatternPlan, RulePlan } from "./rule-plan.ts";
import { idleBetween, isFree, rowAt, type StageView, take } from "./stage-view.ts";

export interface RuleOccurrences {
  /** By first row, then by pattern. */
  readonly occurrences: readonly Occurrence[];
  /** What the counted occurrences take for granted beyond the guards. */
  readonly assuming: readonly Assumption[];
}

/**
 * All occurrences of one rule in one stage. Patterns claim kernels in plan order, so what an
 * active occurrence holds is no evidence for partial or split; occurrences that `repeat` does not
 * count claim nothing.
 *
 * @param starts positions where a match of the pattern may start, ascending; a superset will do.
 */
export function findOccurrences(
  plan: RulePlan,
  view: StageView,
  layers: LayerLookup | null,
  starts: (pattern: PatternPlan) => readonly number[],
): RuleOccurrences {
  view.claim++;
  const occurrences: Occurrence[] = [];
  const assuming = new Set<Assumption>();
  for (const pattern of plan.patterns) {
    const fields = new FieldReader(view, layers);
    const matches = findMatches(pattern, view, fields, starts);
    const kept = keepRepeated(matches, pattern.source.repeat, view, layers);
    for (const match of matches)
      if (!kept.counted.has(match)) for (const position of match.flat()) release(view, position);
    for (const match of kept.counted) {
      occurrences.push(toOccurrence(pattern, match, view));
      for (const field of fields.unknownIn(pattern.conditions, match)) assuming.add(field);
    }
    if (kept.counted.size > 0 && kept.assumesLayer) assuming.add("layer");
    if (kept.counted.size > 0 && asksForEdges(pattern)) assuming.add("feeds");
  }
  const firstRow = (it: Occurrence): Row => it.rows.flat().reduce((a, b) => Math.min(a, b));
  const keyed = occurrences.map((it) => ({ it, first: firstRow(it) }));
  keyed.sort((a, b) => a.first - b.first || a.it.pattern - b.it.pattern);
  return { occurrences: keyed.map(({ it }) => it), assuming: [...assuming].sort() };
}

/** Takes the kernels of every match it returns. */
function findMatches(
  pattern: PatternPlan,
  view: StageView,
  fields: FieldReader,
  starts: (pattern: PatternPlan) => readonly number[],
): readonly Picks[] {
  const { conditions } = pattern;
  const breaks = (match: (step: number) => readonly number[]): boolean =>
    conditions.some((condition) => fields.truth(condition, match) === "false");
  const picksVeto = conditions.length === 0 ? null : (p: Picks) => breaks((step) => p[step]!);
  if (pattern.kind === "overlap") return findOverlaps(pattern.plan, view, picksVeto);

  let matchAt: (start: number, laneEnd: number) => Picks | null;
  if (pattern.kind === "any-order") {
    matchAt = (start, laneEnd) => matchAnyOrderAt(pattern.plan, view, picksVeto, start, laneEnd);
  } else {
    const veto = {
      forbids: (runs: readonly (Run | undefined)[]) => breaks((step) => positionsOf(runs[step])),
      steps: conditions.flatMap(({ left, right }) => [left.step, right.step]),
    };
    const matcher = new ChainMatcher(pattern.plan, view, conditions.length === 0 ? null : veto);
    matchAt = (start, laneEnd) => matcher.matchAt(start, laneEnd)?.map(positionsOf) ?? null;
  }
  return leftmost(starts(pattern), view, matchAt);
}

function leftmost(
  starts: readonly number[],
  view: StageView,
  matchAt: (start: number, laneEnd: number) => Picks | null,
): readonly Picks[] {
  const matches: Picks[] = [];
  let lane = 0;
  for (const start of starts) {
    while (view.lanes.starts[lane + 1]! <= start) lane++;
    if (!isFree(view, start)) continue;
    const match = matchAt(start, view.lanes.starts[lane + 1]!);
    if (match === null) continue;
    for (const step of match) for (const position of step) take(view, position);
    matches.push(match);
  }
  return matches;
}

function positionsOf(run: Run | undefined): readonly number[] {
  return run === undefined ? [] : Array.from({ length: run.length }, (_, i) => run.first + i);
}

function release(view: StageView, position: number): void {
  view.takenBy[position] = 0;
}

function asksForEdges(pattern: PatternPlan): boolean {
  const source = pattern.source.pattern;
  return source.kind === "chain" && source.links.some((link) => link.feeds);
}

function toOccurrence(pattern: PatternPlan, match: Picks, view: StageView): Occurrence {
  const positions = match.flat();
  const first = Math.min(...positions);
  const last = Math.max(...positions);
  return {
    state: pattern.source.state,
    pattern: pattern.index,
    rows: match.map((step) => step.map((position) => rowAt(view, position))),
    gapNs: pattern.kind === "overlap" ? 0 : idleBetween(view, first, last),
  };
}

/** Reads condition fields of positions. */
class FieldReader {
  readonly #view: StageView;
  readonly #layers: LayerLookup | null;

  constructor(view: StageView, layers: LayerLookup | null) {
    this.#view = view;
    this.#layers = layers;
  }

  truth(condition: PlanCondition, positions: (step: number) => readonly number[]) {
    const rows = (step: number): readonly Row[] =>
      positions(step).map((position) => rowAt(this.#view, position));
    return conditionTruth(condition, rows, (row, field) => this.#value(row, field));
  }

  /** Fields of conditions that could not be decided for a match. */
  unknownIn(conditions: readonly PlanCondition[], match: Picks): ConditionField[] {
    return conditions
      .filter((condition) => this.truth(condition, (step) => match[step]!) === "unknown")
      .flatMap((condition) =>
        [condition.left, condition.right]
          .filter(({ step, field }) =>
            match[step]!.some((it) => this.#value(rowAt(this.#view, it), field) === null),
          )
          .map(({ field }) => field),
      );
  }

  #value(row: Row, field: ConditionField): string | null {
    return fieldValue(this.#view.graph, this.#layers, row, field);
  }
}
