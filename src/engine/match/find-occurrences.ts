import type { Assumption, Occurrence } from "../../model/finding.ts";
import type { ConditionField } from "../../model/rule.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import type { LayerLookup } from "./layer-lookup.ts";
import { matchAnyOrderAt, type Picks } from "./patterns/any-order.ts";
import { ChainMatcher, type Run } from "./patterns/chain.ts";
import { conditionTruth, fieldValue, type PlanCondition } from "./patterns/conditions.ts";
import { findOverlaps } from "./patterns/overlap.ts";
import type { PatternPlan, RulePlan } from "./rule-plan.ts";
import { idleBetween, isFree, positionOf, rowAt, type StageView, take } from "./stage-view.ts";

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
  view.work = 0;
  const fields = new FieldReader(view, layers);
  const assuming = new Set<Assumption>();
  const lists = plan.patterns.map((pattern) => {
    const found = findAll(pattern, view, fields, starts);
    if (found.length < pattern.source.repeat.min) {
      for (const { rows } of found)
        for (const step of rows) for (const row of step) release(view, row);
      return [];
    }
    for (const field of fields.unknownFields(pattern.conditions, found)) assuming.add(field);
    return found;
  });
  return { occurrences: byFirstRow(lists.flat()), assuming: [...assuming].sort() };
}

/** Takes the kernels of every occurrence it returns. */
function findAll(
  pattern: PatternPlan,
  view: StageView,
  fields: FieldReader,
  starts: (pattern: PatternPlan) => readonly number[],
): readonly Occurrence[] {
  const { conditions } = pattern;
  const breaks = (positions: (step: number) => readonly number[]): boolean =>
    conditions.some((condition) => fields.truthAt(condition, positions) === "false");
  const picksVeto = conditions.length === 0 ? null : (p: Picks) => breaks((step) => p[step]!);
  const state = pattern.source.state;
  const occurrence = (rows: Row[][], gapNs: Nanoseconds): Occurrence => ({
    state,
    pattern: pattern.index,
    rows,
    gapNs,
  });
  const ofPicks = (picks: Picks): Row[][] =>
    picks.map((step) => step.map((position) => rowAt(view, position)));

  if (pattern.kind === "overlap")
    return findOverlaps(pattern.plan, view, picksVeto).map((picks) =>
      occurrence(ofPicks(picks), 0),
    );

  if (pattern.kind === "any-order")
    return leftmost(starts(pattern), view, (start, laneEnd) => {
      const picks = matchAnyOrderAt(pattern.plan, view, picksVeto, start, laneEnd);
      if (picks === null) return null;
      let last = start;
      for (const step of picks)
        for (const position of step) {
          take(view, position);
          last = Math.max(last, position);
        }
      return occurrence(ofPicks(picks), idleBetween(view, start, last));
    });

  const veto = {
    forbids: (runs: readonly (Run | undefined)[]) => breaks((step) => positionsOf(runs[step])),
    steps: conditions.flatMap(({ left, right }) => [left.step, right.step]),
  };
  const matcher = new ChainMatcher(pattern.plan, view, conditions.length === 0 ? null : veto);
  return leftmost(starts(pattern), view, (start, laneEnd) => {
    const runs = matcher.matchAt(start, laneEnd);
    if (runs === null) return null;
    let last = start;
    const rows = runs.map(({ first, length }) => {
      for (let position = first; position < first + length; position++) take(view, position);
      if (length > 0) last = first + length - 1;
      return rowsOfRun(view, first, length);
    });
    return occurrence(rows, last === start ? 0 : idleBetween(view, start, last));
  });
}

/** One attempt per free start; `occurrenceAt` takes the kernels of what it returns. */
function leftmost(
  starts: readonly number[],
  view: StageView,
  occurrenceAt: (start: number, laneEnd: number) => Occurrence | null,
): readonly Occurrence[] {
  const found: Occurrence[] = [];
  let lane = 0;
  for (const start of starts) {
    while (view.lanes.starts[lane + 1]! <= start) lane++;
    if (!isFree(view, start)) continue;
    const occurrence = occurrenceAt(start, view.lanes.starts[lane + 1]!);
    if (occurrence !== null) found.push(occurrence);
  }
  return found;
}

/** An array grown item by item would keep room for sixteen more, and nearly all runs are one kernel. */
function rowsOfRun(view: StageView, first: number, length: number): Row[] {
  return length === 1
    ? [rowAt(view, first)]
    : Array.from({ length }, (_, at) => rowAt(view, first + at));
}

function positionsOf(run: Run | undefined): readonly number[] {
  return run === undefined ? [] : Array.from({ length: run.length }, (_, i) => run.first + i);
}

function release(view: StageView, row: Row): void {
  view.takenBy[positionOf(view, row)] = 0;
}

/** Reads condition fields of kernels. */
class FieldReader {
  readonly #view: StageView;
  readonly #layers: LayerLookup | null;

  constructor(view: StageView, layers: LayerLookup | null) {
    this.#view = view;
    this.#layers = layers;
  }

  truthAt(condition: PlanCondition, positions: (step: number) => readonly number[]) {
    return this.#truth(condition, (step) =>
      positions(step).map((position) => rowAt(this.#view, position)),
    );
  }

  /** Fields of conditions that some occurrence leaves undecided. */
  unknownFields(
    conditions: readonly PlanCondition[],
    occurrences: readonly Occurrence[],
  ): readonly ConditionField[] {
    return conditions.flatMap((condition) =>
      occurrences
        .filter(({ rows }) => this.#truth(condition, (step) => rows[step]!) === "unknown")
        .flatMap(({ rows }) =>
          [condition.left, condition.right]
            .filter(({ step, field }) =>
              rows[step]!.some((row) => this.#value(row, field) === null),
            )
            .map(({ field }) => field),
        ),
    );
  }

  #truth(condition: PlanCondition, rows: (step: number) => readonly Row[]) {
    return conditionTruth(condition, rows, (row, field) => this.#value(row, field));
  }

  #value(row: Row, field: ConditionField): string | null {
    return fieldValue(this.#view.graph, this.#layers, row, field);
  }
}

/** The earliest kernel of an occurrence. */
function firstRow({ rows }: Occurrence): Row {
  let first = Number.POSITIVE_INFINITY;
  for (const step of rows) for (const row of step) if (row < first) first = row;
  return first;
}

/** By first row. No two occurrences of a rule begin with the same kernel. */
function byFirstRow(occurrences: Occurrence[]): readonly Occurrence[] {
  // Mostly one pattern of one stream was found, whose occurrences are in order already.
  let before = -1;
  for (const occurrence of occurrences) {
    const first = firstRow(occurrence);
    if (first < before) return occurrences.sort((a, b) => firstRow(a) - firstRow(b));
    before = first;
  }
  return occurrences;
}
