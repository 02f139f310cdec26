import type { Rule, StatePattern } from "../../../model/rule.ts";
import type { Check, KnownKernels, Remark, RuleUnit } from "../check.ts";
import { type Bits, meet, noBits, union } from "../proofs/bits.ts";
import {
  canMeet,
  closedValues,
  type GuardSpace,
  guardSpace,
  shareValues,
} from "../proofs/guard-space.ts";
import { meetingOf, stepsOf } from "../proofs/pattern-relations.ts";
import { keywordOf } from "../states/states.ts";
import { subsumedBy } from "./subsumption.ts";

/**
 * undeclared-overlap. What is shown as unfused, or as fused, by both rules on the same kernels. A fusion and an
 * overlap are news of different kinds and stand beside each other.
 */
export const undeclaredOverlaps: Check = {
  code: "undeclared-overlap",
  *run({ rules, known }) {
    if (known === null) return;
    const subsumed = subsumedBy(rules);
    const sides = rules
      .filter(({ rule }) => rule.status !== "deprecated")
      .map((unit) => sideOf(unit, known));
    for (const [index, later] of sides.entries())
      for (let i = 0; i < index; i++) {
        const earlier = sides[i]!;
        if (!mayMeet(later, earlier) || isDeclared(later.unit, earlier.unit, subsumed)) continue;
        const found = firstMeeting(later.unit, earlier.unit, known);
        if (found !== null) yield found;
      }
  },
};

/** A rule with what is asked about it again and again. */
interface Side {
  readonly unit: RuleUnit;
  readonly space: GuardSpace;
  readonly values: readonly number[];
  readonly fused: Reach;
  readonly missed: Reach;
}

/** Kernels that steps may hold, and their categories, one bit each. */
interface Reach {
  readonly kernels: Bits;
  readonly categories: number;
}

function sideOf(unit: RuleUnit, known: KnownKernels): Side {
  const space = guardSpace(unit.rule.guards);
  return {
    unit,
    space,
    values: closedValues(space),
    fused: reachOf(unit.rule, "fused", known),
    missed: reachOf(unit.rule, "missed", known),
  };
}

function reachOf({ states }: Rule, claim: Claim, { classes }: KnownKernels): Reach {
  const kernels = states
    .filter((state) => claimOf(state) === claim)
    .flatMap(({ pattern }) => stepsOf(pattern))
    .reduce((sum, step) => union(sum, classes.of(step.class).may), noBits(classes.size));
  return { kernels, categories: classes.categoriesOf(kernels) };
}

const reachesMeet = (a: Reach, b: Reach): boolean =>
  (a.categories & b.categories) !== 0 && meet(a.kernels, b.kernels);

/** The cheap questions first: nearly all pairs end here. */
function mayMeet(a: Side, b: Side): boolean {
  return (
    a.unit.rule.kind === b.unit.rule.kind &&
    shareValues(a.values, b.values) &&
    (reachesMeet(a.fused, b.fused) || reachesMeet(a.missed, b.missed)) &&
    canMeet(a.space, b.space)
  );
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
