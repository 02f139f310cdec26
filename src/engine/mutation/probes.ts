import { FACTS, type FactName, type FactValue } from "../../model/facts.ts";
import type { Guard, Link, Rule, RuleSet, RuleTest, TestKernel } from "../../model/rule.ts";
import { ownClasses } from "./class-mutants.ts";
import { exampleOf, lookalikes } from "./lookalikes.ts";
import { overlapProbes } from "./overlap-probes.ts";
import { idleBefore, insertBefore, NEUTRAL, retimed } from "./timing.ts";

/** A test derived from one of the rule's own: the same kernels with one thing at a boundary. */
export interface Probe {
  /** Title of the test it comes from. */
  readonly from: string;
  /** What was changed: "6us idle before kernel 2", "tp 1". */
  readonly change: string;
  readonly given: RuleTest["given"];
  readonly kernels: readonly TestKernel[];
}

/** Kernels of a test that are varied one by one, at most. */
const MOST_VARIED = 16;

/** How many kernels to vary: those up to the second turn of a repeat, whose first kernel still counts. */
function variedOf(kernels: readonly TestKernel[]): number {
  const turns = [...new Set(kernels.map(({ layer }) => layer).filter((layer) => layer >= 0))];
  const second = kernels.findIndex(({ layer }) => layer === turns[1]);
  return Math.min(MOST_VARIED, second < 0 ? kernels.length : second + 1);
}

/**
 * Probes on both sides of every number and choice a rule writes down: its guards, gaps, skips,
 * windows, repeats, conditions and names. They say nothing by themselves; what the rule answers to
 * them is its behaviour at its own borders.
 */
export function probesOf(ruleSet: Pick<RuleSet, "classes">, rule: Rule): readonly Probe[] {
  const bases = rule.tests.filter(({ expect }) => expect.match !== null);
  return bases.flatMap((base) => {
    const probe = (change: string, kernels: readonly TestKernel[], given = base.given): Probe => ({
      from: base.title,
      change,
      given,
      kernels,
    });
    return [
      ...rule.guards.flatMap((guard) =>
        boundaryValues(guard).map((value) =>
          probe(
            `${guard.fact} ${value ?? "unknown"}`,
            base.kernels,
            withFact(base.given, guard.fact, value),
          ),
        ),
      ),
      ...timingChanges(rule, base.kernels).map(([change, kernels]) => probe(change, kernels)),
      ...betweenChanges(ruleSet, rule, base.kernels).map(([change, kernels]) =>
        probe(change, kernels),
      ),
      ...kernelChanges(base.kernels).map(([change, kernels]) => probe(change, kernels)),
      ...lookalikes(
        ruleSet,
        ownClasses(ruleSet, rule),
        base.kernels.slice(0, variedOf(base.kernels)),
      ).map(([change, index, kernel]) => probe(change, base.kernels.with(index, kernel))),
      ...overlapProbes(rule, base.kernels).map(([change, kernels]) => probe(change, kernels)),
      ...shareProbe(rule, base.kernels).map(([change, kernels]) => probe(change, kernels)),
    ];
  });
}

type Changed = readonly [change: string, kernels: readonly TestKernel[]];

function withFact(
  given: RuleTest["given"],
  fact: FactName,
  value: FactValue | null,
): RuleTest["given"] {
  const others = given.filter((entry) => entry.fact !== fact);
  return value === null ? others : [...others, { fact, value }];
}

/** Values on either side of a guard, and no value at all. */
function boundaryValues(guard: Guard): readonly (FactValue | null)[] {
  switch (guard.op) {
    case "in":
      return [...guard.values, foreignValue(guard.fact, guard.values), null];
    case "like":
      return [
        ...[...guard.globs, ...guard.except].map((glob) => glob.replaceAll("*", "")),
        "zz",
        null,
      ];
    default:
      return typeof guard.value === "number"
        ? [guard.value - 1, guard.value, guard.value + 1, null]
        : [guard.value, ...ARCHS, null];
  }
}

const ARCHS = ["sm80", "sm90", "sm100", "gfx942", "gfx950"];

function foreignValue(fact: FactName, values: readonly FactValue[]): FactValue {
  const { type, values: known } = FACTS[fact];
  if (type === "int") return Math.max(...values.map(Number)) + 1;
  const other = (known ?? ARCHS).find((value) => !values.includes(value));
  return other ?? "zz";
}

/** Idle time and unrelated kernels at and just past what the links allow, before each kernel. */
function timingChanges(rule: Rule, kernels: readonly TestKernel[]): readonly Changed[] {
  const links = linksOf(rule);
  const gaps = distinct(links.flatMap(({ gap }) => (gap === null ? [] : [gap])));
  const counts = distinct([
    ...links.flatMap(({ skip }) => [skip, skip + 1]),
    ...windowsOf(rule).flatMap((room) => [room, room + 1]),
  ]).filter((count) => count > 0);
  return kernels.slice(1, variedOf(kernels)).flatMap((_, at): Changed[] => {
    const index = at + 1;
    return [
      ...gaps.flatMap((gap): Changed[] => [
        [`${gap}ns idle before kernel ${index}`, idleBefore(kernels, index, gap)],
        [`${gap + 1}ns idle before kernel ${index}`, idleBefore(kernels, index, gap + 1)],
      ]),
      ...counts.map(
        (count): Changed => [
          `${count} kernels more before kernel ${index}`,
          insertBefore(kernels, index, count),
        ],
      ),
    ];
  });
}

/** A kernel of each class that links forbid or let past, before each kernel. */
function betweenChanges(
  ruleSet: Pick<RuleSet, "classes">,
  rule: Rule,
  kernels: readonly TestKernel[],
): readonly Changed[] {
  const named = linksOf(rule).flatMap(({ past, without }) => [...past, ...without]);
  return distinct(named).flatMap((id) =>
    kernels.slice(1, variedOf(kernels)).flatMap((kernel, at): Changed[] => {
      const example = exampleOf(ruleSet, id, kernel);
      if (example === null) return [];
      const list = insertBefore(kernels, at + 1, 1);
      const { name, op, scope, frame } = example;
      const placed = list.with(at + 1, { ...list[at + 1]!, name, op, scope, frame });
      return [[`${ruleSet.classes[id]!.name} before kernel ${at + 1}`, placed]];
    }),
  );
}

/** Kernels that fit between two steps of a group before its window is full. */
function windowsOf(rule: Rule): readonly number[] {
  return rule.states.flatMap(({ pattern }) =>
    pattern.kind === "any-order" ? [Math.max(0, pattern.within - pattern.steps.length)] : [],
  );
}

function linksOf(rule: Rule): readonly Link[] {
  return rule.states.flatMap(({ pattern }) => (pattern.kind === "chain" ? pattern.links : []));
}

/** Every kernel left out, swapped with the next, said twice, moved, placed elsewhere; every beginning. */
function kernelChanges(kernels: readonly TestKernel[]): readonly Changed[] {
  return [
    ...kernels.slice(0, variedOf(kernels)).flatMap((kernel, i): Changed[] => {
      const next = kernels[i + 1];
      return [
        [`without kernel ${i}`, kernels.filter((_, at) => at !== i)],
        [`kernel ${i} twice`, retimed(kernels.toSpliced(i, 0, kernel))],
        [`kernel ${i} on another stream`, kernels.with(i, { ...kernel, stream: "probe" })],
        [`kernel ${i} in another scope`, kernels.with(i, { ...kernel, scope: "probe" })],
        [`kernel ${i} of another op`, kernels.with(i, { ...kernel, op: "probe" })],
        [`kernel ${i} in another layer`, kernels.with(i, { ...kernel, layer: kernel.layer + 1 })],
        [`kernel ${i} replaced`, kernels.with(i, { ...kernel, ...NEUTRAL })],
        ...(next === undefined
          ? []
          : [[`kernels ${i} and ${i + 1} swapped`, swapped(kernels, i)] as const]),
      ];
    }),
    ...kernels.map((_, i): Changed => [`first ${i + 1} kernels`, kernels.slice(0, i + 1)]),
    ["all twice", twice(kernels)],
  ];
}

/** Neighbours change places and keep the times of the places. */
function swapped(kernels: readonly TestKernel[], index: number): readonly TestKernel[] {
  const a = kernels[index]!;
  const b = kernels[index + 1]!;
  return kernels.with(index, { ...b, start: a.start }).with(index + 1, {
    ...a,
    start: a.start + b.duration + Math.max(0, b.start - a.start - a.duration),
  });
}

function twice(kernels: readonly TestKernel[]): readonly TestKernel[] {
  const end = Math.max(...kernels.map(({ start, duration }) => start + duration));
  return [...kernels, ...kernels.map((it) => ({ ...it, start: it.start + end }))];
}

/** As much unrelated time as leaves the rule half, and twice, the share it reports from. */
function shareProbe(rule: Rule, kernels: readonly TestKernel[]): readonly Changed[] {
  if (rule.reportShare === 0) return [];
  const busy = kernels.reduce((sum, { duration }) => sum + duration, 0);
  const end = Math.max(...kernels.map(({ start, duration }) => start + duration));
  return [0.25, 0.5, 0.75, 1.5, 3, 6].map((factor): Changed => {
    const duration = Math.ceil(busy / (factor * rule.reportShare));
    const filler = { ...kernels[0]!, ...NEUTRAL, start: end, duration, stream: "probe" };
    return [`${duration}ns of other work`, [...kernels, filler]];
  });
}

function distinct(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
