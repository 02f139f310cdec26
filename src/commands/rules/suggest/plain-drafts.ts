import { quote } from "../../../base/quote.ts";
import type { RuleNode } from "../../../dsl/ast.ts";
import { kernelRowsOf } from "../../../dsl/compile/vary-test.ts";
import type { Holds } from "../../../engine/mutation/name-holder.ts";
import type { PatternStep, Rule } from "../../../model/rule.ts";
import type { Draft } from "./draft.ts";
import { type Picture, placeOf } from "./picture.ts";
import { type Example, placeText } from "./piece-drafts.ts";

/** A test written out for each pattern that none shows, of kernels from other tests where they fit. */
export function plainDrafts(
  rule: Rule,
  node: RuleNode,
  shown: readonly Picture[],
  { holds, example, other }: { holds: Holds; example: Example; other: string | null },
): readonly Draft[] {
  const like = rule.tests.find(({ expect }) => expect.match !== null);
  if (like === undefined) return [];
  const written = node.tests.flatMap(({ rows }) => kernelRowsOf(rows));
  const rowFor = ({ class: id }: PatternStep): string | null => {
    const row = written.find((one) => holds(id, one.name.text, placeOf(one)));
    if (row !== undefined) return `${quote(row.name.text)} 3us${placeText(row)}`;
    const name = example(id);
    return name === null ? null : `${quote(name)} 3us`;
  };
  const given = `given ${like.given.map(({ fact, value }) => `${fact} ${typeof value === "number" ? value : quote(value)}`).join(", ")}`;
  const told = (rows: readonly string[]) => (like.given.length === 0 ? rows : [given, ...rows]);
  const single = shown.flatMap(({ pattern, steps }): Draft[] => {
    const { state, repeat } = rule.states[pattern]!;
    const rows = steps.flat();
    if (repeat.min > 1 || rows.length > MOST_ROWS) return [];
    const lines = rows.map((row) => {
      const at = row.at === null ? "" : ` at ${row.at.text}`;
      return `on ${row.stream.text} ${quote(row.name.text)} ${row.duration.text}${at}${placeText(row)}`;
    });
    const kinds = new Set(
      rule.states.filter((one) => one.state === state).map((one) => one.pattern.kind),
    );
    const one = rows.length === 1 ? "one kernel alone" : "once, and nothing else";
    const title = kinds.size > 1 ? `${one} (${state})` : one;
    return [{ title, like: null, lines: told(lines) }];
  });
  const unseen = rule.states.flatMap(({ state, pattern, repeat }, index): Draft[] => {
    const isWhole = ({ pattern: at, steps }: Picture) =>
      at === index && steps.every((rows) => rows.length > 0);
    if (shown.some(isWhole)) return [];
    const steps = pattern.kind === "overlap" ? [pattern.first, pattern.second] : pattern.steps;
    const names = steps.map(rowFor);
    if (names.some((name) => name === null)) return [];
    const rows = names.map((name, at) =>
      pattern.kind === "overlap"
        ? `on ${at === 0 ? "main" : "side"} ${name} at ${at}us`
        : `on main ${name}`,
    );
    const apart = other === null ? [] : [`on main ${quote(other)} 9us`];
    const title = `${state} with every step of pattern ${index + 1}`;
    const turns = Math.max(1, repeat.min);
    const block = turns === 1 ? rows : [`repeat ${turns} {`, ...rows, ...apart, "}"];
    return [{ title, like: null, lines: told(block) }];
  });
  return [...single, ...unseen];
}

/** A picture of more rows says more than that one is enough. */
const MOST_ROWS = 3;
