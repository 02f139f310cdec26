import type { PatternStep, Rule } from "../../../model/rule.ts";
import { type KnownKernels, ruleCheck } from "../check.ts";
import { type Bits, membersOf, noBits, union } from "../proofs/bits.ts";
import { stepsOf } from "../proofs/pattern-relations.ts";
import { keywordOf } from "./states.ts";

/** Work that is most of a chain's time wherever it occurs, by category. */
const HEAVY: ReadonlySet<string> = new Set([
  "gemm",
  "moe-gemm",
  "attention",
  "linear-attention",
  "communication",
  "dispatch-combine",
]);

/**
 * unsaid-saving. Without `saves` all steps but the longest are taken to go: one kernel must still do
 * the longest piece of work. That is wrong where the fused path does that piece in another way (no
 * sort, no scores written out), and where several pieces stay that no kernel does away with.
 */
export const unsaidSavings = ruleCheck("unsaid-saving", function* ({ node, rule }, { known }) {
  if (known === null || rule.kind !== "fusion" || rule.saves !== null) return;
  const fused = kernelsOf(
    rule.states
      .filter(({ state }) => state === "active")
      .flatMap(({ pattern }) => stepsOf(pattern)),
    known,
  );
  const isKnown = [...membersOf(fused)].length > 0;
  for (const [index, { state, pattern }] of rule.states.entries()) {
    if (state === "active") continue;
    const why = faultOf(stepsOf(pattern), isKnown ? fused : null, known);
    if (why === null) continue;
    yield {
      range: keywordOf(node.states[index]!),
      message: why,
      help: `name the steps that the fused kernel swallows: \`saves ${exampleOf(rule)}\``,
    };
  }
});

/** What is wrong with keeping the longest step, null where nothing is. */
function faultOf(
  steps: readonly PatternStep[],
  fused: Bits | null,
  known: KnownKernels,
): string | null {
  const heavy = steps.filter(
    ({ min, class: step }) => min > 0 && onlyOf(known.classes.of(step).may, known, HEAVY),
  );
  if (heavy.length > 1)
    return `${heavy.map(captureOf).join(" and ")} are the work of the chain: only one of them would be taken to stay`;
  if (fused === null) return null;
  const done = categoriesOf(fused, known);
  const other = heavy.find(({ class: step }) =>
    [...categoriesOf(known.classes.of(step).may, known)].every((category) => !done.has(category)),
  );
  const sort = namesAny(fused, known, SORT)
    ? undefined
    : steps.find(({ class: step }) => namesAny(known.classes.of(step).may, known, SORT));
  const gone = other ?? sort;
  return gone === undefined
    ? null
    : `the fused kernel has no ${captureOf(gone)}, which may be the longest step and would be taken to stay`;
}

const SORT = /sort/i;

function captureOf({ capture }: PatternStep): string {
  return `\`${capture ?? "a step"}\``;
}

function exampleOf({ states }: Rule): string {
  const captures = states
    .filter(({ state }) => state !== "active")
    .flatMap(({ pattern }) => stepsOf(pattern))
    .flatMap(({ capture }) => capture ?? []);
  return captures[0] ?? "STEP";
}

function kernelsOf(steps: readonly PatternStep[], { classes }: KnownKernels): Bits {
  return steps.reduce((sum, step) => union(sum, classes.of(step.class).may), noBits(classes.size));
}

function categoriesOf(kernels: Bits, { classes }: KnownKernels): ReadonlySet<string> {
  return new Set(
    [...membersOf(kernels)].map((member) => classes.dictionary.kernels[member]!.category),
  );
}

function onlyOf(kernels: Bits, known: KnownKernels, wanted: ReadonlySet<string>): boolean {
  const found = [...categoriesOf(kernels, known)];
  return found.length > 0 && found.every((category) => wanted.has(category));
}

function namesAny(kernels: Bits, { classes }: KnownKernels, words: RegExp): boolean {
  return [...membersOf(kernels)].some((member) =>
    words.test(classes.dictionary.kernels[member]!.spellings[0]!),
  );
}
