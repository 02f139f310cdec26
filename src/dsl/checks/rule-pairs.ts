import type { Rule, StatePattern } from "../../model/rule.ts";
import { type Bits, meet, noBits, union } from "./bits.ts";
import { type Check, type KnownKernels, type Remark, type RuleUnit, ruleCheck } from "./check.ts";
import { canMeet, coversGuards, type GuardSpace, guardSpace } from "./guard-space.ts";
import { alwaysTakes, meetingOf, spanOf, stepsOf } from "./pattern-relations.ts";
import { keywordOf } from "./states.ts";

/** F031. The same question asked twice gives every finding twice. */
export const twinRules: Check = {
  code: "F031",
  *run({ rules }) {
    const first = new Map<string, RuleUnit>();
    for (const unit of rules) {
      const key = languageOf(unit);
      const twin = first.get(key);
      if (twin === undefined) {
        first.set(key, unit);
        continue;
      }
      yield {
        file: unit.file.file,
        rule: unit.rule.id,
        range: unit.node.id.range,
        message: `rule \`${twin.rule.id}\` has the same status, guards and patterns`,
        help: "keep one of them, with the sources of both",
        related: [{ file: twin.file.file, range: twin.node.id.range, message: "the other rule" }],
      };
    }
  },
};

/** Everything that decides what a rule matches, without places and names of captures. */
function languageOf({ rule }: RuleUnit): string {
  const { status, kind, guards, states } = rule;
  const captures = new Map<string, string>();
  return JSON.stringify({ status, kind, guards, states }, (key, value: unknown) => {
    if (key === "line") return undefined;
    if (key !== "capture" || typeof value !== "string") return value;
    if (!captures.has(value)) captures.set(value, `#${captures.size}`);
    return captures.get(value);
  });
}

/** Rules each rule subsumes, directly and through others. */
function subsumedBy(rules: readonly RuleUnit[]): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map(rules.map(({ rule }) => [rule.id, rule.subsumes]));
  const reach = new Map<string, Set<string>>();
  const visit = (id: string): Set<string> => {
    const known = reach.get(id);
    if (known !== undefined) return known;
    const all = new Set<string>();
    reach.set(id, all);
    for (const lower of direct.get(id) ?? []) {
      all.add(lower);
      for (const one of visit(lower)) all.add(one);
    }
    return all;
  };
  for (const { rule } of rules) visit(rule.id);
  return reach;
}

/** F032. */
export const shadowedRules: Check = {
  code: "F032",
  *run({ rules, known }) {
    if (known === null) return;
    const subsumed = subsumedBy(rules);
    const spaces = spacesOf(rules);
    for (const lower of rules)
      for (const upper of rules) {
        if (subsumed.get(upper.rule.id)?.has(lower.rule.id) !== true) continue;
        if (!isAlwaysHidden(lower, upper, spaces, known)) continue;
        yield {
          file: lower.file.file,
          rule: lower.rule.id,
          range: lower.node.id.range,
          message: `the rule is never shown: wherever it matches, \`${upper.rule.id}\` matches and subsumes it`,
          help: "narrow the other rule, or remove this one",
          related: [
            { file: upper.file.file, range: upper.node.id.range, message: "the rule above it" },
          ],
        };
        break;
      }
  },
};

function isAlwaysHidden(
  { rule: lower }: RuleUnit,
  { rule: upper }: RuleUnit,
  spaces: ReadonlyMap<string, GuardSpace>,
  { classes }: KnownKernels,
): boolean {
  return (
    upper.status !== "deprecated" &&
    upper.reportShare <= lower.reportShare &&
    coversGuards(spaces.get(upper.id)!, spaces.get(lower.id)!) &&
    lower.states.every((state) => upper.states.some((other) => alwaysTakes(other, state, classes)))
  );
}

/**
 * F033. What is shown as unfused, or as fused, by both rules on the same kernels. A fusion and an
 * overlap are news of different kinds and stand beside each other.
 */
export const undeclaredOverlaps: Check = {
  code: "F033",
  *run({ rules, known }) {
    if (known === null) return;
    const subsumed = subsumedBy(rules);
    const spaces = spacesOf(rules);
    const live = rules.filter(({ rule }) => rule.status !== "deprecated");
    const reaches = live.map(({ rule }) => ({
      fused: reachOf(rule, "fused", known),
      missed: reachOf(rule, "missed", known),
    }));
    for (const [index, later] of live.entries())
      for (const [at, earlier] of live.slice(0, index).entries()) {
        if (later.rule.kind !== earlier.rule.kind) continue;
        const [mine, theirs] = [reaches[index]!, reaches[at]!];
        if (!meet(mine.fused, theirs.fused) && !meet(mine.missed, theirs.missed)) continue;
        if (isDeclared(later, earlier, subsumed)) continue;
        if (!canMeet(spaces.get(later.rule.id)!, spaces.get(earlier.rule.id)!)) continue;
        const found = firstMeeting(later, earlier, known);
        if (found !== null) yield found;
      }
  },
};

/** All kernels that these steps of a rule may hold: rules that share none need no closer look. */
function reachOf({ states }: Rule, claim: Claim, { classes }: KnownKernels): Bits {
  return states
    .filter((state) => claimOf(state) === claim)
    .flatMap(({ pattern }) => stepsOf(pattern))
    .reduce((sum, step) => union(sum, classes.of(step.class).may), noBits(classes.size));
}

function isDeclared(
  { rule: a }: RuleUnit,
  { rule: b }: RuleUnit,
  subsumed: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  return (
    subsumed.get(a.id)!.has(b.id) ||
    subsumed.get(b.id)!.has(a.id) ||
    a.conflicts.includes(b.id) ||
    b.conflicts.includes(a.id)
  );
}

function firstMeeting(a: RuleUnit, b: RuleUnit, { meetings }: KnownKernels): Remark | null {
  for (const [i, mine] of a.rule.states.entries())
    for (const [j, theirs] of b.rule.states.entries()) {
      if (claimOf(mine) !== claimOf(theirs)) continue;
      const kernels = meetingOf(mine.pattern, theirs.pattern, meetings);
      if (kernels === null) continue;
      return {
        file: a.file.file,
        rule: a.rule.id,
        range: keywordOf(a.node.states[i]!),
        message: `\`${b.rule.id}\` can match the same kernels: ${kernels.map(clipped).join(" -> ")}`,
        help: `say which one wins: \`subsumes ${b.rule.id}\` here or \`subsumes ${a.rule.id}\` there, \`conflicts\` where both shall be shown, or guards that keep them apart`,
        related: [
          { file: b.file.file, range: keywordOf(b.node.states[j]!), message: "the other pattern" },
        ],
      };
    }
  return null;
}

type Claim = "fused" | "missed";

/** "Fused here" and "missed there" on one kernel are two pieces of news; twice the same is one too many. */
const claimOf = ({ state }: StatePattern): Claim => (state === "active" ? "fused" : "missed");

const LONGEST_NAME = 60;

const clipped = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;

function spacesOf(rules: readonly RuleUnit[]): ReadonlyMap<string, GuardSpace> {
  return new Map(rules.map(({ rule }) => [rule.id, guardSpace(rule.guards)]));
}

/** F034. The compiler cuts circles; what is left must lead from the larger rule to the smaller. */
export const subsumesSpan = ruleCheck("F034", function* ({ node, rule }, { rules }) {
  for (const word of node.subsumes?.values ?? []) {
    const lower = rules.find((unit) => unit.rule.id === word.text);
    if (lower === undefined) continue;
    const [most, least] = [spansOf(rule.states, "max"), spansOf(lower.rule.states, "min")];
    if (most.length === 0 || least.length === 0 || Math.max(...most) >= Math.min(...least))
      continue;
    yield {
      range: word.range,
      message: `\`${word.text}\` spans ${Math.min(...least)} kernels, this rule at most ${Math.max(...most)}`,
      help: "the rule of the larger fusion subsumes that of the smaller",
      related: [{ file: lower.file.file, range: lower.node.id.range, message: "the larger rule" }],
    };
  }
});

const spansOf = (states: readonly StatePattern[], bound: "min" | "max"): number[] =>
  states.filter(({ state }) => state === "split").map(({ pattern }) => spanOf(pattern, bound));
