import { quote } from "../../../base/quote.ts";
import type { KernelRowNode } from "../../../dsl/ast.ts";
import { ownClasses } from "../../../engine/mutation/class-mutants.ts";
import type { Mutant } from "../../../engine/mutation/mutant.ts";
import type { Place } from "../../../engine/mutation/name-holder.ts";
import { holder } from "../../../engine/mutation/name-holder.ts";
import type { ClassExpr, ClassId, Rule, RuleSet } from "../../../model/rule.ts";
import { className } from "../../../model/rule-text.ts";
import type { Draft } from "./draft.ts";
import { functionWord, type Picture, placeOf, refOf } from "./picture.ts";

/** Names tried for one change of a class, at most. */
const MOST_NAMES = 2;

/**
 * Known kernels, and places, that tell a rule's own class from a changed one: in place of a row of
 * the class, and, where one kernel is the whole picture, all of them beside it.
 *
 * @param names known kernels, those to be preferred first.
 */
export function classDrafts(
  ruleSet: RuleSet,
  rule: Rule,
  pictures: readonly Picture[],
  mutants: readonly Mutant[],
  names: readonly string[],
): readonly Draft[] {
  const own = ownClasses(ruleSet, rule);
  const changed = mutants.filter((mutant) => mutant.classes !== ruleSet.classes);
  const isOwn = holder(ruleSet);
  return pictures.flatMap((picture) => {
    const rows = rowsByClass(rule, picture, own);
    const found = [...rows].flatMap(([id, row]) => {
      const place = placeOf(row);
      const telling = changed.flatMap((mutant) => {
        if (!mutant.change.startsWith(`${ruleSet.classes[id]!.name}: `)) return [];
        const isChanged = holder(mutant);
        const last = mutant.classes.length - 1;
        const differs = (name: string, at: typeof place): boolean =>
          isOwn(id, name, at) !== isChanged(last, name, at);
        const byName: { name: string; at: typeof place }[] = [];
        for (const name of [...names, ...inductorNames(ruleSet.classes[id]!.expr)]) {
          if (byName.length === MOST_NAMES) break;
          if (differs(name, place)) byName.push({ name, at: place });
        }
        const byPlace = placesFor(ruleSet.classes[id]!.expr, place)
          .filter((at) => differs(row.name.text, at))
          .slice(0, MOST_NAMES)
          .map((at) => ({ name: row.name.text, at }));
        return [...byName, ...byPlace];
      });
      const called = className(ruleSet, id).split(".").at(-1)!.replace(/[-_]/g, " ");
      return unique(telling).map(({ name, at }) => ({
        id,
        row,
        name,
        at,
        called,
        isIn: isOwn(id, name, at),
      }));
    });
    const like = picture.base.title.text;
    const single = found.map(({ row, name, at, called, isIn }): Draft => {
      const as = name === row.name.text ? "" : ` as ${quote(name)}`;
      return {
        title: titleOf(row, name, at, called, isIn),
        like,
        lines: [`change ${refOf(row, picture.rows)}${as}${placeChange(row, at)}`],
      };
    });
    return [...single, ...besideEachOther(rule, picture, found)];
  });
}

interface Found {
  readonly row: KernelRowNode;
  readonly name: string;
  readonly at: Place;
  readonly isIn: boolean;
}

/** One kernel is the picture: all that are in the class in one test. */
function besideEachOther(rule: Rule, picture: Picture, found: readonly Found[]): readonly Draft[] {
  const { pattern } = rule.states[picture.pattern]!;
  if (pattern.kind !== "chain" || pattern.steps.length !== 1) return [];
  const draft = (title: string, some: readonly Found[]): Draft[] => {
    if (some.length < 2) return [];
    const lines = some.map(
      ({ row, name, at }) =>
        `on ${row.stream.text} ${quote(name)} ${row.duration.text}${sitesText(at)}`,
    );
    return [{ title, like: picture.base.title.text, lines }];
  };
  const names = (isIn: boolean) =>
    found.filter((one) => one.isIn === isIn && one.name !== one.row.name.text);
  return [
    ...draft("the same in other builds", names(true)),
    ...draft("kernels of like names", names(false)),
    ...draft("kernels of like names, some of them meant", found),
  ];
}

function titleOf(
  row: KernelRowNode,
  name: string,
  at: Place,
  called: string,
  isIn: boolean,
): string {
  if (name !== row.name.text) {
    const short = wordOf(name);
    return isIn ? `${short} is ${article(called)}` : `${short} is no ${called}`;
  }
  const changed = (["scope", "op", "frame"] as const).find(
    (one) => at[one] !== (row[one]?.text ?? null),
  );
  const field = changed ?? "scope";
  const text = at[field];
  return text === null ? `${called} of an unknown ${field}` : `${called} in ${field} ${text}`;
}

const article = (called: string): string => `${/^[aeiou]/.test(called) ? "an" : "a"} ${called}`;

function wordOf(name: string): string {
  const word = functionWord(name);
  return word.length <= 48 ? word : `${word.slice(0, 47)}…`;
}

function unique(list: readonly { name: string; at: Place }[]) {
  return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
}

/** The first row of each of the classes that the picture's steps ask for. */
function rowsByClass(
  rule: Rule,
  { pattern: index, steps }: Picture,
  own: readonly ClassId[],
): ReadonlyMap<ClassId, KernelRowNode> {
  const { pattern } = rule.states[index]!;
  const list = pattern.kind === "overlap" ? [pattern.first, pattern.second] : pattern.steps;
  const found = new Map<ClassId, KernelRowNode>();
  for (const [at, step] of list.entries()) {
    const row = steps[at]?.[0];
    if (row !== undefined && own.includes(step.class) && !found.has(step.class))
      found.set(step.class, row);
  }
  return found;
}

/**
 * What Inductor calls a kernel that it makes of others: their names are in it, so every word of a
 * rule may come back in one, and it is known though no list has it.
 */
function inductorNames(expr: ClassExpr): readonly string[] {
  return atomsOf(expr).flatMap(({ field, glob }) => {
    if (field !== "name") return [];
    const text = glob.replaceAll("*", "");
    if (!/^\w+$/.test(text)) return [];
    return text.startsWith("triton_") ? [text] : [`triton_poi_fused_${text}_0`];
  });
}

/** Places made of what the class's own patterns say, and one that says nothing to it. */
function placesFor(expr: ClassExpr, place: Place): readonly Place[] {
  return atomsOf(expr).flatMap(({ field, glob }): Place[] => {
    if (field !== "op" && field !== "scope" && field !== "frame") return [];
    const text = glob.replaceAll("*", "");
    const longer = glob.endsWith("*") ? [] : [`${text}${LONGER[field]}`];
    const behind = glob.startsWith("*") ? [] : [`outer.${text}`];
    return [text, ELSEWHERE[field], ...longer, ...behind].map((one) => ({
      ...place,
      [field]: one,
    }));
  });
}

const ELSEWHERE = {
  op: "aten::other",
  scope: "model.layers.0.other",
  frame: "other/module.py:1 forward",
} as const;

/** What makes another name of one. */
const LONGER = { op: "_out", scope: "Router", frame: "_reference" } as const;

type Atom = Extract<ClassExpr, { kind: "glob" }>;

function atomsOf(expr: ClassExpr): readonly Atom[] {
  switch (expr.kind) {
    case "any":
    case "all":
      return expr.of.flatMap(atomsOf);
    case "not":
      return atomsOf(expr.of);
    case "glob":
      return [expr];
    default:
      return [];
  }
}

function placeChange(row: KernelRowNode, at: Place): string {
  return sitesText(
    Object.fromEntries(
      (["op", "scope", "frame"] as const).map((field) => [
        field,
        at[field] === (row[field]?.text ?? null) ? null : at[field],
      ]),
    ) as unknown as Place,
  );
}

const sitesText = ({ op, scope, frame }: Place): string =>
  [
    op === null ? "" : ` op ${quote(op)}`,
    scope === null ? "" : ` scope ${quote(scope)}`,
    frame === null ? "" : ` frame ${quote(frame)}`,
  ].join("");
