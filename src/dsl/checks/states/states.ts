import type { SourceRange } from "../../../model/diagnostic.ts";
import type { PatternStep, StatePattern } from "../../../model/rule.ts";
import type { StateNode } from "../../ast.ts";
import { stepsOf as stepNodesOf } from "../../compile/compile-state.ts";
import {
  type CheckContext,
  type KnownKernels,
  type Remark,
  type RuleUnit,
  ruleCheck,
} from "../check.ts";
import { intersection, membersOf } from "../proofs/bits.ts";
import { alwaysTakes, stepsOf } from "../proofs/pattern-relations.ts";

/** Kernels are given to the patterns in this order, within a state in the order they are written. */
const TURN = { active: 0, partial: 1, split: 2 } as const;

/** unreachable-state. A pattern that never gets a kernel, and a clause that never has anything to do. */
export const unreachable = ruleCheck("unreachable-state", function* (unit, context) {
  yield* hiddenStates(unit, context);
  for (const { pattern } of unit.node.states)
    if (pattern.kind === "chain")
      for (const link of pattern.links) {
        const between = link.skip !== null && link.skip.value > 0;
        if (between || link.past.length > 0 || link.without.length === 0) continue;
        yield {
          range: link.without[0]!.range,
          message: "no kernel may stand between these steps, so `without` forbids nothing",
          help: "allow some with `skip` or `past`, or remove `without`",
        };
      }
});

function* hiddenStates(
  { node, rule, file }: RuleUnit,
  { known }: CheckContext,
): Generator<Omit<Remark, "file" | "rule">> {
  if (known === null) return;
  const turns = rule.states
    .map((state, index) => ({ state, node: node.states[index]! }))
    .sort((a, b) => TURN[a.state.state] - TURN[b.state.state]);
  for (const [turn, later] of turns.entries()) {
    const earlier = turns
      .slice(0, turn)
      .find((one) => alwaysTakes(one.state, later.state, known.classes));
    // An `active` that takes the pieces of the split is active-in-split's, which says it better.
    if (earlier === undefined || (isProof(earlier.state) && later.state.state === "split"))
      continue;
    yield {
      range: keywordOf(later.node),
      message: `\`${later.state.state}\` is never reached: an earlier pattern takes its kernels`,
      help: "patterns get their kernels in the order active, partial, split",
      related: [{ file: file.file, range: keywordOf(earlier.node), message: "this one" }],
    };
  }
}

/** active-in-split. */
export const activeInSplit = ruleCheck(
  "active-in-split",
  function* ({ node, rule, file }, { known }) {
    for (const [a, active] of rule.states.entries()) {
      if (!isProof(active)) continue;
      const proof = stepsOf(active.pattern)[0]!;
      const found = firstShared(proof, rule.states, node.states, known);
      if (found === null) continue;
      const [proofNode] = stepNodesOf(node.states[a]!);
      yield {
        range: proofNode!.class.range,
        message: `the proof of \`active\` is also a piece of \`split\`: ${found.what}`,
        help: "an unfused trace would read as fused; keep only kernels that do the whole job",
        related: [{ file: file.file, range: found.range, message: "the piece" }],
      };
    }
  },
);

/** One kernel that proves the fused path by itself. */
function isProof({ state, pattern }: StatePattern): boolean {
  return state === "active" && pattern.kind === "chain" && pattern.steps.length === 1;
}

function firstShared(
  proof: PatternStep,
  states: readonly StatePattern[],
  nodes: readonly StateNode[],
  known: KnownKernels | null,
): { readonly what: string; readonly range: SourceRange } | null {
  for (const [index, { state, pattern }] of states.entries()) {
    if (state !== "split") continue;
    for (const [at, step] of stepsOf(pattern).entries()) {
      const { range } = stepNodesOf(nodes[index]!)[at]!.class;
      if (step.class === proof.class) return { what: "the same class", range };
      const name = known === null ? null : certainlyShared(known, proof, step);
      if (name !== null) return { what: `kernel ${name}`, range };
    }
  }
  return null;
}

function certainlyShared({ classes }: KnownKernels, a: PatternStep, b: PatternStep): string | null {
  const [first] = membersOf(intersection(classes.of(a.class).must, classes.of(b.class).must));
  return first === undefined ? null : classes.dictionary.kernels[first]!.spellings[0]!;
}

export function keywordOf({ range, state }: StateNode): SourceRange {
  return { ...range, end: range.start + state.length };
}
