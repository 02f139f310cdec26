import { compileGlob, matchesGlob } from "../../../model/classes/glob.ts";
import type {
  ClassExpr,
  ClassId,
  Rule,
  RuleSet,
  RuleTest,
  TestKernel,
} from "../../../model/rule.ts";
import { demangledName, kindOfName, nameSpellings } from "../../../names/kernel-name.ts";
import { nameWords } from "../../../names/name-words.ts";
import { ruleCheck } from "../check.ts";
import { spanOf, stepsOf } from "../proofs/pattern-relations.ts";

/**
 * vacuous-near-miss. Kernels that no step asks for, and that are not even called alike, match nothing
 * whatever the rule says. What a guard keeps out is near by its facts, whatever its kernels.
 */
export const vacuousNearMisses = ruleCheck("vacuous-near-miss", function* (unit, { loaded }) {
  const { node, rule } = unit;
  const steps = rule.states.flatMap(({ pattern }) => stepsOf(pattern));
  const classes = [...new Set(steps.map((step) => step.class))];
  const isOne = rule.states.every(({ pattern }) => spanOf(pattern, "max") < 2);
  // Tests of one rule vary few kernels: each is asked about once.
  const known = new Map<string, boolean>();
  const isAsked = (kernel: TestKernel): boolean => {
    const { name, op, scope, frame } = kernel;
    const key = JSON.stringify([name, op, scope, frame]);
    const answer = known.get(key) ?? classes.some((id) => mayBelong(loaded.ruleSet, id, kernel));
    known.set(key, answer);
    return answer;
  };
  const asked = ({ kernels }: RuleTest): boolean => kernels.some(isAsked);
  const misses = rule.tests.filter(({ expect }) => expect.match === null);
  // A like name keeps a class honest; where all are such, order, gaps and guards go untested.
  const isNearOnce = isOne || misses.some(asked);
  let like: ReadonlySet<string> | null = null;
  for (const [index, test] of rule.tests.entries()) {
    if (test.expect.match !== null || test.expect.because === "guard" || asked(test)) continue;
    like ??= wordsOfMatches(rule);
    const words = like;
    const isLike = test.kernels.some(({ name }) => wordsOf(name).some((word) => words.has(word)));
    if (isNearOnce && isLike) continue;
    yield {
      range: node.tests[index]!.title.range,
      message: isLike
        ? "no near miss holds a kernel that the rule asks for"
        : "this near miss holds no kernel that the rule asks for, nor one called alike",
      help: 'vary a test that matches: test "…" like "…" { change "*norm*" after 2ms … }',
    };
  }
});

function wordsOfMatches({ tests }: Rule): ReadonlySet<string> {
  const matches = tests.filter(({ expect }) => expect.match !== null);
  const names = new Set(matches.flatMap(({ kernels }) => kernels.map(({ name }) => name)));
  return new Set([...names].flatMap(wordsOf));
}

/** Letters of a word that tells kernels apart. */
const LEAST_LETTERS = 3;
/** Words that stand in names of all kinds. */
const COMMON =
  /^(?:void|kernel\w*|impl|float|bool|unsigned|at|native|namespace|anonymous|triton|fused)$/;

function wordsOf(name: string): readonly string[] {
  const { own, inner } = nameWords(demangledName(name));
  return [...own, ...inner].filter((word) => word.length >= LEAST_LETTERS && !COMMON.test(word));
}

/** False where the class cannot hold for the kernel; what a name does not tell may hold. */
function mayBelong(ruleSet: Pick<RuleSet, "classes">, id: ClassId, kernel: TestKernel): boolean {
  const { name } = kernel;
  const texts: Partial<Record<string, readonly string[]>> = {
    name: nameSpellings({ raw: name, demangled: demangledName(name) }),
    op: kernel.op === null ? [] : [kernel.op],
    scope: kernel.scope === null ? [] : [kernel.scope],
    frame: kernel.frame === null ? [] : [kernel.frame],
    kind: [kindOfName(name)],
  };
  /** Null: the vocabulary decides, which a name does not. */
  const truth = (expr: ClassExpr): boolean | null => {
    switch (expr.kind) {
      case "class":
        return truth(ruleSet.classes[expr.class]!.expr);
      case "glob": {
        const glob = compileGlob(expr.glob);
        return texts[expr.field]?.some((text) => matchesGlob(glob, text)) ?? null;
      }
      case "not": {
        const of = truth(expr.of);
        return of === null ? null : !of;
      }
      default: {
        const ends = expr.kind === "any";
        const parts = expr.of.map(truth);
        if (parts.includes(ends)) return ends;
        return parts.includes(null) ? null : !ends;
      }
    }
  };
  return truth({ kind: "class", class: id }) !== false;
}
