import type { RuleNode } from "../../../dsl/ast.ts";
import type { KnownKernels } from "../../../dsl/checks/check.ts";
import { membersOf } from "../../../dsl/checks/proofs/bits.ts";
import type { Mutant } from "../../../engine/mutation/mutant.ts";
import { mutantsOf } from "../../../engine/mutation/mutants.ts";
import { holder } from "../../../engine/mutation/name-holder.ts";
import { TestBench } from "../../../engine/mutation/test-bench.ts";
import { expectationOf } from "../../../engine/rule-tests/expectation.ts";
import type { ClassId, Rule, RuleSet, RuleTest } from "../../../model/rule.ts";
import { classDrafts } from "./class-drafts.ts";
import { compileDrafts, type Draft, draftText } from "./draft.ts";
import { guardDrafts } from "./guard-drafts.ts";
import { bystander, namesByLength } from "./known-names.ts";
import { type Picture, picturesOf } from "./picture.ts";
import { groupDrafts, overlapDrafts, pieceDrafts, shareDrafts } from "./piece-drafts.ts";
import { plainDrafts } from "./plain-drafts.ts";
import { timeDrafts } from "./time-drafts.ts";

/** A test that notices what no test of the rule notices yet. */
interface Suggestion {
  readonly title: string;
  /** Formatted as in a rule, to be pasted before its last brace. */
  readonly text: string;
  /** Changes to the rule that it notices first. */
  readonly notices: readonly string[];
}

export interface Suggestions {
  readonly tests: readonly Suggestion[];
  /** Changes that none of our tests notices: the changed part may do nothing. */
  readonly left: readonly string[];
}

/**
 * Tests that tell a rule from its mutants, those that tell most in the fewest lines first. What
 * they expect is what the rule answers today: whoever pastes one has read whether it should.
 */
export function suggestTests(
  ruleSet: RuleSet,
  rule: Rule,
  node: RuleNode,
  known: KnownKernels | null,
): Suggestions {
  const bench = new TestBench(ruleSet, rule);
  const mutants = bench.survivors(mutantsOf(ruleSet, rule), rule.tests);
  if (mutants.length === 0) return { tests: [], left: [] };
  const drafts = allDrafts(ruleSet, rule, node, known, bench, mutants);
  const titles = new Set(rule.tests.map(({ title }) => title));
  const candidates = compileDrafts(node, titled(drafts, titles)).flatMap(({ draft, test }) => {
    const outcome = bench.answer(test);
    if (outcome === undefined) return [];
    const said: RuleTest = { ...test, expect: expectationOf(outcome) };
    if (said.expect.match === null && said.expect.because === "guard" && !isAboutFacts(draft))
      return [];
    const noticed = mutants.filter((mutant) => bench.notices(said, mutant));
    return noticed.length === 0 ? [] : [{ draft, said, noticed: new Set(noticed) }];
  });
  const left = new Set(mutants);
  const tests: Suggestion[] = [];
  for (;;) {
    const best = candidates.reduce<{ one: (typeof candidates)[number]; worth: number } | null>(
      (top, one) => {
        const worth = [...one.noticed].filter((it) => left.has(it)).length / costOf(one.draft);
        return worth > (top?.worth ?? 0) ? { one, worth } : top;
      },
      null,
    );
    if (best === null) break;
    const { draft, said, noticed } = best.one;
    const notices = [...noticed].filter((mutant) => left.has(mutant));
    for (const mutant of notices) left.delete(mutant);
    tests.push({
      title: draft.title,
      text: draftText(draft, said.expect),
      notices: notices.map(({ change }) => change),
    });
  }
  return { tests, left: [...left].map(({ change }) => change) };
}

const isAboutFacts = ({ lines }: Draft): boolean => lines[0]?.startsWith("given") === true;

/** Head, end and what is expected are read as well. */
const costOf = ({ lines }: Draft): number => 3 + lines.length;

/** Pictures varied for each pattern: the shortest tests that show it. */
const MOST_PICTURES = 3;

function allDrafts(
  ruleSet: RuleSet,
  rule: Rule,
  node: RuleNode,
  known: KnownKernels | null,
  bench: TestBench,
  mutants: readonly Mutant[],
): readonly Draft[] {
  const all = picturesOf(rule, node, bench);
  const pictures = rule.states.flatMap((_, index) =>
    all.filter((one) => one.pattern === index).slice(0, MOST_PICTURES),
  );
  const other = bystander(rule, bench, known?.classes.dictionary ?? null);
  const example = exampleIn(known);
  const holds = holder(ruleSet);
  const names = known === null ? [] : namesByLength(known.classes.dictionary);
  const shortest = all.slice(0, MOST_PICTURES);
  return [
    ...shortest.flatMap((picture) => guardDrafts(rule, picture)),
    ...pictures.flatMap((picture: Picture) => [
      ...timeDrafts(ruleSet, rule, picture, other, holds),
      ...pieceDrafts(ruleSet, rule, picture, example),
      ...groupDrafts(rule, picture, other),
      ...overlapDrafts(rule, picture),
      ...shareDrafts(rule, picture, other),
    ]),
    ...classDrafts(ruleSet, rule, pictures, mutants, names),
    ...plainDrafts(rule, node, all, { holds, example, other }),
  ];
}

function exampleIn(known: KnownKernels | null): (id: ClassId) => string | null {
  return (id) => {
    if (known === null) return null;
    const { classes } = known;
    const names = [...membersOf(classes.of(id).must)].map(
      (at) => classes.dictionary.kernels[at]!.spellings[0]!,
    );
    return names.reduce<string | null>(
      (best, name) => (best === null || name.length < best.length ? name : best),
      null,
    );
  };
}

/** Drafts under titles of their own: where two say the same, the base tells them apart. */
function titled(drafts: readonly Draft[], taken: ReadonlySet<string>): readonly Draft[] {
  const used = new Set(taken);
  return drafts.flatMap((draft) => {
    const more = draft.like === null ? [] : [`${draft.title} (${draft.like})`];
    const title = [draft.title, ...more].find((one) => !used.has(one));
    if (title === undefined) return [];
    used.add(title);
    return [{ ...draft, title }];
  });
}
