import { quote } from "../../../base/quote.ts";
import type { KernelRowNode } from "../../../dsl/ast.ts";
import type { Holds } from "../../../engine/mutation/name-holder.ts";
import type { ChainPattern, Rule, RuleSet } from "../../../model/rule.ts";
import type { Nanoseconds } from "../../../model/trace/units.ts";
import type { Draft } from "./draft.ts";
import { type Picture, placeOf, refOf, stepName } from "./picture.ts";

/** A link of a picture: the row it leads to, and how far away that may be. */
interface Arrow {
  readonly to: KernelRowNode;
  readonly name: string;
  /** Kernels that may stand there besides those that do. */
  readonly room: number;
  readonly gap: Nanoseconds | null;
}

/**
 * Idle time and other kernels between the steps: at each link's limit, one after the other beyond
 * it, and at all limits at once.
 *
 * @param other a kernel the rule has no word for.
 */
export function timeDrafts(
  ruleSet: RuleSet,
  rule: Rule,
  picture: Picture,
  other: string | null,
  holds: Holds,
): readonly Draft[] {
  const { pattern } = rule.states[picture.pattern]!;
  if (pattern.kind !== "chain") return [];
  const arrows = arrowsOf(ruleSet, pattern, picture, holds);
  if (arrows.length === 0) return [];
  const like = picture.base.title.text;
  const wait = ({ to, gap }: Arrow, factor: number): string[] =>
    gap === null ? [] : [`change ${refOf(to, picture.rows)} after ${briefly(gap * factor)}`];
  const crowd = ({ to }: Arrow, count: number): string[] =>
    other === null ? [] : Array<string>(count).fill(rowBefore(other, to, picture.rows));
  const one = (title: string, lines: readonly string[]): Draft[] =>
    lines.length === 0 ? [] : [{ title, like, lines }];
  const last = arrows.at(-1)!;
  const every = arrows.length === 1 ? `before ${last.name}` : "at every step";
  return [
    ...arrows.flatMap((arrow) => [
      ...one(
        `${briefly((arrow.gap ?? 0) * BEYOND)} idle before ${arrow.name}`,
        wait(arrow, BEYOND),
      ),
      ...one(`${countText(arrow.room + 1)} before ${arrow.name}`, crowd(arrow, arrow.room + 1)),
      ...one(`${countText(arrow.room)} before ${arrow.name}`, crowd(arrow, arrow.room)),
      ...one(`${briefly(arrow.gap ?? 0)} idle before ${arrow.name}`, wait(arrow, 1)),
    ]),
    ...one(
      `as late as may be ${every}`,
      arrows.flatMap((arrow) => wait(arrow, 1)),
    ),
    ...one(
      `as many others between as may be ${every}`,
      arrows.flatMap((arrow) => crowd(arrow, arrow.room)),
    ),
    ...one(
      `as late and as crowded as may be ${every}`,
      arrows.flatMap((arrow) => [...crowd(arrow, arrow.room), ...wait(arrow, 1)]),
    ),
  ];
}

/** Beyond a limit, and still short of twice the limit. */
const BEYOND = 1.2;

function arrowsOf(
  ruleSet: RuleSet,
  pattern: ChainPattern,
  { steps, rows }: Picture,
  holds: Holds,
): readonly Arrow[] {
  return pattern.links.flatMap((link, at): Arrow[] => {
    const to = steps[at + 1]?.[0];
    const from = steps
      .slice(0, at + 1)
      .flat()
      .at(-1);
    if (to === undefined || from === undefined) return [];
    const name = stepName(ruleSet, pattern.steps[at + 1]!);
    const between = rows
      .slice(rows.indexOf(from) + 1, rows.indexOf(to))
      .filter((row) => row.stream.text === to.stream.text)
      .filter((row) => !link.past.some((id) => holds(id, row.name.text, placeOf(row))));
    const room = Math.max(0, link.skip - between.length);
    return [{ to, name, room, gap: link.gap }];
  });
}

export function rowBefore(
  name: string,
  row: KernelRowNode,
  rows: readonly KernelRowNode[],
): string {
  return `on ${row.stream.text} ${quote(name)} 2us before ${refOf(row, rows)}`;
}

const countText = (count: number): string =>
  count === 1 ? "another kernel" : `${count} other kernels`;

/** `1.2ms`, `12us`, `300ns`. */
export function briefly(ns: Nanoseconds): string {
  if (ns >= 1_000_000) return `${ns / 1_000_000}ms`;
  return ns >= 1000 ? `${ns / 1000}us` : `${Math.round(ns)}ns`;
}
