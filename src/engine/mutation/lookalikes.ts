import { createClassMatcher } from "../../model/classes/class-match.ts";
import type { KernelFields } from "../../model/facts.ts";
import type { ClassExpr, ClassId, RuleSet, TestKernel } from "../../model/rule.ts";
import { GPU_KIND } from "../../model/trace.ts";
import { kernelName } from "../../names/kernel-name.ts";
import { symbolFields } from "../attribution/symbol-fields.ts";

type Atom = Extract<ClassExpr, { kind: "glob" }>;

/**
 * Kernels that a rule's own classes tell from the ones in a test only by one atom: each alternative
 * in turn instead of or after what is written, with a word on the sides it keeps closed.
 */
export function lookalikes(
  ruleSet: Pick<RuleSet, "classes">,
  own: readonly ClassId[],
  kernels: readonly TestKernel[],
): readonly (readonly [change: string, index: number, kernel: TestKernel])[] {
  const matcher = createClassMatcher(ruleSet);
  const atoms = own.flatMap((id) => atomsOf(ruleSet.classes[id]!.expr));
  const shapes = kernels.map(say);
  return kernels.flatMap((kernel, index) => {
    // Turns of a repeat look the same: the first stands for all.
    if (shapes.indexOf(say(kernel)) < index) return [];
    if (!own.some((id) => matcher.matches(id, fieldsOf(kernel)))) return [];
    const variants = [
      { ...kernel, name: `zz${kernel.name}` },
      { ...kernel, name: `${kernel.name}zz` },
      ...atoms.flatMap((atom) => withAtom(kernel, atom)),
    ];
    return variants.map(
      (variant) => [`kernel ${index} as ${say(variant)}`, index, variant] as const,
    );
  });
}

/** A kernel of the class, made from the first alternative that will do; null when none does. */
export function exampleOf(
  ruleSet: Pick<RuleSet, "classes">,
  id: ClassId,
  like: TestKernel,
): TestKernel | null {
  const matcher = createClassMatcher(ruleSet);
  const plain = { ...like, op: null, scope: null, frame: null };
  const made = atomsOf(expanded(ruleSet, id)).flatMap((atom) => withAtom(plain, atom));
  return made.find((kernel) => matcher.matches(id, fieldsOf(kernel))) ?? null;
}

/** The class without references to others. */
function expanded(ruleSet: Pick<RuleSet, "classes">, id: ClassId): ClassExpr {
  const expand = (expr: ClassExpr): ClassExpr => {
    if (expr.kind === "class") return expanded(ruleSet, expr.class);
    if (expr.kind === "any" || expr.kind === "all") return { ...expr, of: expr.of.map(expand) };
    return expr.kind === "not" ? { ...expr, of: expand(expr.of) } : expr;
  };
  return expand(ruleSet.classes[id]!.expr);
}

function say({ name, op, scope }: TestKernel): string {
  return [name, op === null ? "" : `op ${op}`, scope === null ? "" : `scope ${scope}`]
    .filter((part) => part !== "")
    .join(", ");
}

function atomsOf(expr: ClassExpr): readonly Atom[] {
  switch (expr.kind) {
    case "any":
    case "all":
      return expr.of.flatMap(atomsOf);
    case "not":
      return atomsOf(expr.of);
    case "glob":
      return [expr];
    default:
      return [];
  }
}

/**
 * The kernel with the least text the atom's glob takes, with that text behind its own, and with a
 * word on the sides that the glob keeps closed.
 */
function withAtom(kernel: TestKernel, { field, glob }: Atom): readonly TestKernel[] {
  const text = glob.replaceAll("*", "");
  if (field !== "name" && field !== "op" && field !== "scope" && field !== "frame") return [];
  const own = kernel[field];
  return [
    text,
    ...(own === null ? [] : [`${own}${text}`]),
    ...(glob.startsWith("*") ? [] : [`zz${text}`]),
    ...(glob.endsWith("*") ? [] : [`${text}zz`]),
  ].map((changed) => ({ ...kernel, [field]: changed }));
}

function fieldsOf({ name, op, scope, frame }: TestKernel): KernelFields {
  return symbolFields(kernelName(name), GPU_KIND.kernel, {
    location: frame,
    fn: null,
    module: scope,
    modulePath: scope,
    cpuOp: op,
    topOp: op,
    shapes: null,
    types: null,
    stack: [],
  });
}
