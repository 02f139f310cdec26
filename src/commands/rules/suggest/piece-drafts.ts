import { quote } from "../../../base/quote.ts";
import type { KernelRowNode } from "../../../dsl/ast.ts";
import type { ClassId, PatternStep, Rule, RuleSet } from "../../../model/rule.ts";
import { className } from "../../../model/rule-text.ts";
import type { Draft } from "./draft.ts";
import { type Picture, refOf, stepName } from "./picture.ts";
import { briefly, rowBefore } from "./time-drafts.ts";

/** An example of a class, by name; null where no kernel is known that must be one. */
export type Example = (id: ClassId) => string | null;

/** Each step missing, two in the other order, more of one than may be, on another stream; fewer turns. */
export function pieceDrafts(
  ruleSet: RuleSet,
  rule: Rule,
  picture: Picture,
  example: Example,
): readonly Draft[] {
  const { pattern, where, repeat } = rule.states[picture.pattern]!;
  const like = picture.base.title.text;
  const { rows, steps } = picture;
  const patternSteps = pattern.kind === "overlap" ? [pattern.first, pattern.second] : pattern.steps;
  const named = patternSteps.map((step, at) => ({
    step,
    name: stepName(ruleSet, step),
    rows: steps[at] ?? [],
  }));
  const draft = (title: string, ...lines: string[]): Draft => ({ title, like, lines });
  const links = pattern.kind === "chain" ? pattern.links : [];
  return [
    ...named.flatMap(({ name, rows: mine }) =>
      mine.length === 0 || rows.length === mine.length
        ? []
        : [draft(`no ${name}`, ...mine.map((row) => `drop ${refOf(row, rows)}`))],
    ),
    ...named.slice(1).flatMap(({ name, rows: [later] }, at) => {
      const earlier = named[at]!.rows.at(-1);
      if (later === undefined || earlier === undefined || later === earlier) return [];
      return [
        draft(
          `${name} before ${named[at]!.name}`,
          `swap ${refOf(earlier, rows)} with ${refOf(later, rows)}`,
        ),
      ];
    }),
    ...named.flatMap(({ step, name, rows: mine }) => moreOf(step, name, mine, rows, like)),
    ...named
      .slice(1)
      .flatMap(({ name, rows: [row] }) =>
        row === undefined
          ? []
          : [draft(`${name} on another stream`, `change ${refOf(row, rows)} stream side`)],
      ),
    ...links.flatMap((link, at) => {
      const row = steps[at + 1]?.[0];
      if (row === undefined) return [];
      const between = (id: ClassId, count: number): Draft[] => {
        const name = example(id);
        if (name === null) return [];
        const title = `${className(ruleSet, id).split(".").at(-1)!.replace(/[-_]/g, " ")} before ${named[at + 1]!.name}`;
        return [draft(title, ...Array<string>(count).fill(rowBefore(name, row, rows)))];
      };
      return [
        ...link.without.flatMap((id) => between(id, 1)),
        ...link.past.flatMap((id) => between(id, link.skip + 1)),
      ];
    }),
    ...pastEverywhere(),
    ...where.flatMap(({ left, right }) =>
      [left, right].flatMap(({ capture, field }) => {
        const found = named.find(({ step }) => step.capture === capture);
        const row = found?.rows[0];
        if (row === undefined) return [];
        const other = OTHER_PLACE[field];
        if (other === undefined) return [];
        return [draft(`${found!.name} of another ${field}`, `change ${refOf(row, rows)} ${other}`)];
      }),
    ),
    ...turnDrafts(),
  ];

  /** A kernel that does not count, at every arrow that lets one past, on top of those that count. */
  function pastEverywhere(): readonly Draft[] {
    const lines = links.flatMap((link, at) => {
      const row = steps[at + 1]?.[0];
      const names = link.past.flatMap((id) => example(id) ?? []).slice(0, 1);
      if (row === undefined) return [];
      return names.flatMap((name) => Array<string>(link.skip + 1).fill(rowBefore(name, row, rows)));
    });
    return lines.length === 0 ? [] : [draft("what does not count, between the steps", ...lines)];
  }

  function turnDrafts(): readonly Draft[] {
    const turns = [...new Set([repeat.min - 1, repeat.min, repeat.min + 1])];
    return turns.flatMap((count) => {
      if (count < 1 || !hasRepeat(picture)) return [];
      const title =
        count < repeat.min
          ? count === 1
            ? "once is a coincidence"
            : `only ${count} times`
          : (["", "once is enough", "twice is enough"][count] ?? `${count} times are enough`);
      return [draft(title, `repeat ${count}`)];
    });
  }
}

const hasRepeat = ({ base }: Picture): boolean => base.rows.some(({ kind }) => kind === "repeat");

function moreOf(
  { min, max }: PatternStep,
  name: string,
  mine: readonly KernelRowNode[],
  rows: readonly KernelRowNode[],
  like: string,
): readonly Draft[] {
  const [row] = mine;
  if (row === undefined || (max === 1 && min === 1)) return [];
  const again = `on ${row.stream.text} ${quote(row.name.text)} ${row.duration.text}${placeText(row)} before ${refOf(row, rows)}`;
  return [max - mine.length, max - mine.length + 1]
    .filter((count) => count > 0 && count <= 8)
    .map((count) => ({
      title: `${name} ${count + mine.length} times in a row`,
      like,
      lines: Array<string>(count).fill(again),
    }));
}

export function placeText({
  op,
  scope,
  frame,
}: Pick<KernelRowNode, "op" | "scope" | "frame">): string {
  return [
    op === null ? "" : ` op ${quote(op.text)}`,
    scope === null ? "" : ` scope ${quote(scope.text)}`,
    frame === null ? "" : ` frame ${quote(frame.text)}`,
  ].join("");
}

/** Somewhere else in the model, for what a condition compares. */
const OTHER_PLACE: Readonly<Partial<Record<string, string>>> = {
  stream: "stream side",
  scope: 'scope "model.layers.0.other"',
  op: 'op "aten::other"',
};

/** As much other work as leaves the rule three quarters, and half as much more than, the share it reports from. */
export function shareDrafts(
  { reportShare }: Rule,
  { base, test, relatedNs }: Picture,
  other: string | null,
): readonly Draft[] {
  if (reportShare === 0 || other === null) return [];
  const busy = test.kernels.reduce((sum, { duration }) => sum + duration, 0);
  return [
    [0.75, "too small a share of the stage"] as const,
    [1.5, "just enough of the stage"] as const,
  ].flatMap(([factor, title]) => {
    const more = relatedNs / (factor * reportShare) - busy;
    if (more < 1000) return [];
    const lines = [`on side ${quote(other)} ${briefly(rounded(more))}`];
    return [{ title, like: base.title.text, lines }];
  });
}

/** To two digits, at least whole microseconds: as a hand would write it. */
function rounded(ns: number): number {
  const unit = Math.max(1000, 10 ** (Math.floor(Math.log10(ns)) - 1));
  return Math.round(ns / unit) * unit;
}

/** Steps of a group in a window as wide as it may be, and one wider. */
export function groupDrafts(rule: Rule, picture: Picture, other: string | null): readonly Draft[] {
  const { pattern } = rule.states[picture.pattern]!;
  if (pattern.kind !== "any-order" || other === null) return [];
  const used = picture.steps.flat();
  const last = used.toSorted((a, b) => a.range.start - b.range.start).at(-1);
  if (last === undefined) return [];
  const [from, to] = [
    Math.min(...used.map((row) => picture.rows.indexOf(row))),
    picture.rows.indexOf(last),
  ];
  const room = pattern.within - (to - from + 1);
  return [room, room + 1].flatMap((count) =>
    count < 1
      ? []
      : [
          {
            title: `${count} other kernels in the window`,
            like: picture.base.title.text,
            lines: Array<string>(count).fill(rowBefore(other, last, picture.rows)),
          },
        ],
  );
}

/** Two kernels that share more, exactly, and less than the least share, and nothing. */
export function overlapDrafts(rule: Rule, picture: Picture): readonly Draft[] {
  const { pattern } = rule.states[picture.pattern]!;
  if (pattern.kind !== "overlap") return [];
  const [a, b] = [picture.steps[0]?.[0], picture.steps[1]?.[0]];
  if (a === undefined || b === undefined || a === b) return [];
  const [early, late] = (a.at?.ns ?? 0) <= (b.at?.ns ?? 0) ? [a, b] : [b, a];
  const shorter = Math.min(a.duration.ns, b.duration.ns);
  const start = early.at?.ns ?? 0;
  return [pattern.minShare, 1.5 * pattern.minShare, 0.5 * pattern.minShare, 0].flatMap((share) => {
    const shared = Math.ceil(share * shorter);
    const at = start + early.duration.ns - shared;
    if (at < 0) return [];
    const title =
      shared === 0
        ? "one right after the other"
        : `${Math.round(share * 100)}% of the shorter at once`;
    return [
      {
        title,
        like: picture.base.title.text,
        lines: [`change ${refOf(late, picture.rows)} at ${briefly(at)}`],
      },
    ];
  });
}
