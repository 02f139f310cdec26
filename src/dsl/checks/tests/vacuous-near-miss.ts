import { compileGlob, matchesGlob } from "../../../model/classes/glob.ts";
import type { ClassExpr, ClassId, RuleSet, TestKernel } from "../../../model/rule.ts";
import { demangledName, kindOfName, nameSpellings } from "../../../names/kernel-name.ts";
import { ruleCheck } from "../check.ts";
import { spanOf, stepsOf } from "../proofs/pattern-relations.ts";

/**
 * vacuous-near-miss. Kernels that no step asks for match nothing whatever the rule says. One near
 * miss of a like name keeps a class honest; where all are such, order, gaps and guards go untested.
 */
export const vacuousNearMisses = ruleCheck("vacuous-near-miss", function* (unit, { loaded }) {
  const { node, rule } = unit;
  // Where one kernel is the whole picture, every near miss is a kernel of a like name.
  if (rule.states.every(({ pattern }) => spanOf(pattern, "max") < 2)) return;
  const classes = new Set(
    rule.states.flatMap(({ pattern }) => stepsOf(pattern).map((step) => step.class)),
  );
  const misses = [...rule.tests.entries()].filter(([, { expect }]) => expect.match === null);
  const [first] = misses;
  if (first === undefined) return;
  const isNear = misses.some(([, { kernels }]) =>
    kernels.some((kernel) => [...classes].some((id) => mayBelong(loaded.ruleSet, id, kernel))),
  );
  if (isNear) return;
  yield {
    range: node.tests[first[0]]!.title.range,
    message: "no near miss holds a kernel that the rule asks for",
    help: "begin with the kernels of a test that matches, and change one thing: order, stream, gap, a fact",
  };
});

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
