import { expect, test } from "vitest";
import { decideClasses } from "../../../src/engine/match/classes/class-table.ts";
import { findStage } from "../../../src/engine/match/match-stage.ts";
import type { GraphKernel } from "../../../src/engine/rule-tests/test-graph.ts";
import type { ChainPattern, Condition, Pattern, StatePattern } from "../../../src/model/rule.ts";
import { graphOf, makeKernel, makeLink, Rules, state } from "./make.ts";
import { referenceOccurrences } from "./reference.ts";

/** Small, fast, and the same on every machine (mulberry32). */
function randomFrom(seed: number) {
  let a = seed;
  const next = (): number => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    below,
    chance: (p: number) => next() < p,
    pick: <T>(of: readonly T[]): T => of[below(of.length)]!,
  };
}
type Random = ReturnType<typeof randomFrom>;

/** Names overlap on purpose: "a*" and "*1" share a1. */
const NAMES = ["a1", "a2", "b1", "b2", "c1", "d2"];
const GLOBS = ["a*", "b*", "c*", "*1", "a1", "*2"];

function randomStep(random: Random, rules: Rules, index: number) {
  const [min, max] = random.pick([
    [1, 1],
    [1, 1],
    [1, 1],
    [0, 1],
    [1, 2],
    [0, 2],
    [2, 3],
  ] as const);
  return rules.step(random.pick(GLOBS), { min, max, capture: `k${index}` });
}

function randomChain(random: Random, rules: Rules): ChainPattern {
  const count = 1 + random.below(4);
  const steps = Array.from({ length: count }, (_, i) => randomStep(random, rules, i));
  const links = steps.slice(1).map(() =>
    makeLink({
      skip: random.pick([0, 0, 1, 2]),
      gap: random.pick([null, null, 1000, 3000]),
      past: random.chance(0.25) ? [rules.cls(random.pick(GLOBS))] : [],
      without: random.chance(0.2) ? [rules.cls(random.pick(GLOBS))] : [],
    }),
  );
  return { kind: "chain", steps, links };
}

function randomPattern(random: Random, rules: Rules): Pattern {
  const kind = random.below(10);
  if (kind < 7) return randomChain(random, rules);
  const steps = [0, 1, 2].slice(0, 2 + random.below(2)).map((i) => randomStep(random, rules, i));
  if (kind < 9) return { kind: "any-order", steps, within: 2 + random.below(5) };
  const [first, second] = steps as [(typeof steps)[0], (typeof steps)[0]];
  return { kind: "overlap", first: first!, second: second!, minShare: random.pick([0, 0.2, 0.5]) };
}

function randomWhere(random: Random, pattern: Pattern): Condition[] {
  const count = pattern.kind === "overlap" ? 2 : pattern.steps.length;
  if (count < 2 || random.chance(0.7)) return [];
  const capture = (): string => `k${random.below(count)}`;
  const field = random.pick(["scope", "op", "name", "layer"] as const);
  return [
    {
      left: { capture: capture(), field },
      right: { capture: capture(), field },
      equal: random.chance(0.6),
    },
  ];
}

function randomState(random: Random, rules: Rules): StatePattern {
  let pattern = randomPattern(random, rules);
  while (pattern.kind === "chain" && pattern.steps.every((step) => step.max === 0))
    pattern = randomPattern(random, rules);
  return state(random.pick(["active", "partial", "split"]), pattern, {
    where: randomWhere(random, pattern),
    min: random.pick([1, 1, 1, 2]),
  });
}

function randomKernels(random: Random): GraphKernel[] {
  const clocks = [0, 0, 0];
  let step = 0;
  return Array.from({ length: 4 + random.below(16) }, (_, i) => {
    const lane = random.pick([0, 0, 0, 1, 2]);
    const start = Math.max(0, clocks[lane]! + random.pick([-500, 0, 0, 1000, 1500, 4000]));
    const duration = random.pick([0, 1000, 2000, 5000]);
    clocks[lane] = start + duration;
    if (random.chance(0.1)) step++;
    return makeKernel(random.pick(NAMES), start, {
      stream: `s${lane}`,
      device: lane === 2 ? 1 : 0,
      duration,
      step,
      scope: random.pick([null, "x", "y"]),
      op: random.pick([null, "p"]),
      layer: random.pick([-1, Math.floor(i / 4)]),
    });
  });
}

/** Occurrences in agreement; the first disagreement fails the test with its seed. */
function compare(seed: number): number {
  const random = randomFrom(seed);
  const rules = new Rules();
  for (let r = 0; r <= random.below(3); r++)
    rules.rule(
      `r${r}`,
      Array.from({ length: 1 + random.below(3) }, () => randomState(random, rules)),
    );
  const graph = graphOf(rules, randomKernels(random));
  const { set } = rules;
  const stage = graph.stages[0]!;
  const found = findStage(set.rules, decideClasses(set, graph), graph, stage);
  if (found.failures.length > 0) expect({ seed, failures: found.failures }).toBeNull();
  let matched = 0;
  for (const rule of set.rules) {
    const wanted = referenceOccurrences(set, rule, graph, stage);
    matched += wanted.length;
    const got = found.findings.get(rule.id)!.occurrences;
    if (JSON.stringify(got) !== JSON.stringify(wanted))
      expect({ seed, rule: rule.id, got }).toEqual({ seed, rule: rule.id, got: wanted });
  }
  return matched;
}

const BATCH = 4000;

// 20,000 in five parts, so that a busy machine still sees each of them end.
test.each([0, 1, 2, 3, 4])(
  "the fast matcher finds what the reference finds: random rules and traces, part %i",
  (part) => {
    let matched = 0;
    for (let seed = part * BATCH + 1; seed <= (part + 1) * BATCH; seed++) matched += compare(seed);
    // The test would prove nothing if random rules matched nothing.
    expect(matched).toBeGreaterThan(BATCH);
  },
);
