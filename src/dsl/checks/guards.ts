import type { ClassId, Guard, PatternStep, Rule } from "../../model/rule.ts";
import { stepsOf as stepNodesOf } from "../compile/compile-state.ts";
import { type KnownKernels, ruleCheck } from "./check.ts";
import { membersOf } from "./proofs/bits.ts";
import type { DictionaryKernel } from "./proofs/dictionary.ts";
import { guardSpace, impossibleFact } from "./proofs/guard-space.ts";
import { stepsOf } from "./proofs/pattern-relations.ts";
import { keywordOf } from "./states/states.ts";

/** contradictory-guards. At the last guard about the fact: with it nothing is left. */
export const contradictoryGuards = ruleCheck(
  "contradictory-guards",
  function* ({ node, rule, file }) {
    const fact = impossibleFact(guardSpace(rule.guards));
    if (fact === null) return;
    const guards = node.when?.values ?? [];
    const about = guards.filter((guard) => guard.fact.text === fact);
    const last = about.at(-1)!;
    const others = guards.filter(
      (guard) => guard !== last && (guard.fact.text === fact || fact === "arch"),
    );
    const vendor = others.find((guard) => guard.fact.text === "vendor");
    const rival = about.length > 1 ? about[0]! : vendor;
    yield {
      range: last.range,
      message: `no trace fulfils this guard: nothing is left for \`${fact}\``,
      help: "all guards of `when` must hold at once",
      ...(rival === undefined || rival === last
        ? {}
        : { related: [{ file: file.file, range: rival.range, message: "together with this" }] }),
    };
  },
);

const asksFor = ({ guards }: Rule, facts: readonly Guard["fact"][]): boolean =>
  guards.some(({ fact }) => facts.includes(fact));

function kernelsOf({ classes }: KnownKernels, id: ClassId): DictionaryKernel[] {
  return [...membersOf(classes.of(id).may)].map((member) => classes.dictionary.kernels[member]!);
}

/**
 * vendor-guard. A fused kernel of one vendor, and pieces that run on any: on the other vendor's GPU the
 * rule would miss what cannot be had there.
 */
export const vendorGuards = ruleCheck("vendor-guard", function* ({ node, rule }, { known }) {
  if (known === null || asksFor(rule, ["vendor", "arch"])) return;
  const stepsIn = (wanted: string) =>
    rule.states
      .filter(({ state }) => (state === "active") === (wanted === "active"))
      .flatMap(({ pattern }) => stepsOf(pattern));
  const proofs = stepsIn("active").flatMap((step) => kernelsOf(known, step.class));
  const vendors = new Set(proofs.map(({ vendor }) => vendor));
  const [vendor] = vendors;
  if (vendors.size !== 1 || vendor === undefined || vendor === "any") return;
  const pieces = stepsIn("split");
  const bound = pieces.some((step) => {
    const kernels = kernelsOf(known, step.class);
    return kernels.length > 0 && kernels.every((kernel) => kernel.vendor === vendor);
  });
  if (bound || pieces.length === 0) return;
  const split = node.states.find(({ state }) => state !== "active")!;
  yield {
    range: keywordOf(split),
    message: `the fused kernel exists on ${vendor} only, the pieces run elsewhere too`,
    help: `add the guard: vendor = ${vendor}`,
  };
});

const QUANT_WORDS = /(?:^|[^a-z])(?:\w*fp8|\w*fp4|int8|int4|quant\w*|awq|gptq)(?=$|[^a-z])/i;

/** quant-guard. A piece that quantises is proof enough. */
export const quantGuards = ruleCheck("quant-guard", function* ({ node, rule }, { known }) {
  if (asksFor(rule, ["quant", "dtype", "kv_dtype"])) return;
  const word = [rule.id, rule.title].map((text) => QUANT_WORDS.exec(text)?.[0].trim());
  const found = word.find((it) => it !== undefined);
  const split = rule.states.filter(({ state }) => state === "split");
  if (found === undefined || split.length === 0) return;
  const isProven = split.every(({ pattern }) =>
    stepsOf(pattern).some((step) => known !== null && quantises(known, step)),
  );
  if (isProven) return;
  yield {
    range: node.id.range,
    message: "the rule is about quantised models and asks for no `quant`",
    help: "add a guard such as quant in [fp8] or kv_dtype = fp8, or a piece that only such models run",
  };
});

function quantises(known: KnownKernels, step: PatternStep): boolean {
  const kernels = kernelsOf(known, step.class);
  return (
    step.min > 0 &&
    kernels.length > 0 &&
    kernels.every(
      ({ category, spellings }) =>
        category === "quantize" || spellings.some((it) => NAMES.test(it)),
    )
  );
}

const NAMES = /fp8|f8|fp4|f4|mx|int8|i8|int4|quant|scaled|awq|gptq|e4m3|e2m1/i;

const COMMUNICATION: readonly string[] = ["communication", "dispatch-combine"];

/** parallel-guard. */
export const parallelGuards = ruleCheck("parallel-guard", function* ({ node, rule }, { known }) {
  if (known === null || asksFor(rule, ["tp", "attn_tp", "ep", "pp", "dp"])) return;
  for (const [index, { pattern }] of rule.states.entries())
    for (const [at, step] of stepsOf(pattern).entries()) {
      const kernels = kernelsOf(known, step.class);
      if (kernels.length === 0) continue;
      if (!kernels.every(({ category }) => COMMUNICATION.includes(category))) continue;
      yield {
        range: stepNodesOf(node.states[index]!)[at]!.class.range,
        message: "this step communicates, and the rule does not say between how many GPUs",
        help: "add a guard such as tp >= 2 or ep >= 2",
      };
      return;
    }
});
