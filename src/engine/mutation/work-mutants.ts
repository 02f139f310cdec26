import type { WorkExpr, WorkModel } from "../../model/work.ts";
import { workText } from "../../model/work-text.ts";
import { exprMutants } from "./expr-mutants.ts";
import { replaced } from "./mutant.ts";

/** A work model with one thing changed; good tests tell it from the model. */
export interface WorkMutant {
  /** What was changed: "writes: m * n -> m". */
  readonly change: string;
  readonly work: WorkModel;
  /** It differs in what must be known only, which an answer needs in any case: mostly said for the reader. */
  readonly asksKnown: boolean;
}

/** What a model answers with, in the order in which it is written. */
const FIGURES = ["flops", "reads", "writes", "links"] as const;

/**
 * Every mutant of one work model, in a fixed order: kernels and conditions, then lets, then figures.
 * Tests name no op and ask for no rate, so those stay as they are.
 */
export function workMutantsOf(work: WorkModel): readonly WorkMutant[] {
  const mutant = (change: string, more: Partial<WorkModel>, asksKnown = false): WorkMutant => ({
    change,
    work: { ...work, ...more },
    asksKnown,
  });
  const changes = (
    place: string,
    expr: WorkExpr,
    put: (to: WorkExpr) => Partial<WorkModel>,
  ): WorkMutant[] =>
    exprMutants(expr).map(({ from, to, whole }) => {
      const change = `${place}: ${workText(from, work)} -> ${workText(to, work)}`;
      return mutant(change, put(whole), isKnown(expr) || isKnown(from));
    });
  return [
    ...kernelMutants(work.kernels).map(([change, kernels]) => mutant(change, { kernels })),
    ...work.where.flatMap((condition, index) => {
      const put = (to: WorkExpr | null) => ({ where: replaced(work.where, index, to) });
      return [
        mutant(`drop where ${workText(condition, work)}`, put(null), isKnown(condition)),
        ...changes("where", condition, put),
      ];
    }),
    ...work.lets.flatMap((one, index) =>
      changes(`let ${one.name}`, one.value, (value) => ({
        lets: replaced(work.lets, index, { ...one, value }),
      })),
    ),
    ...FIGURES.flatMap((figure) => {
      const expr = work[figure];
      if (expr === null || (work.links !== null && isMemory(figure))) return [];
      const isNothing = expr.kind === "number" && expr.value === 0;
      const none = mutant(`no ${figure}`, { [figure]: { kind: "number", value: 0 } });
      return [
        ...(isNothing ? [] : [none]),
        ...changes(figure, expr, (value) => ({ [figure]: value })),
      ];
    }),
  ];
}

function isKnown(expr: WorkExpr): boolean {
  if (expr.kind === "call") return expr.fn === "known";
  return expr.kind === "binary" && expr.op === "and" && (isKnown(expr.left) || isKnown(expr.right));
}

/** A collective is told by its links alone. */
const isMemory = (figure: (typeof FIGURES)[number]): boolean =>
  figure === "reads" || figure === "writes";

/** All kernels instead of those that are meant, and each way to name them left out. */
function kernelMutants(
  kernels: readonly string[],
): (readonly [change: string, to: readonly string[]])[] {
  if (kernels.length === 0) return [];
  const each = kernels.map((glob, index) => {
    const left = replaced(kernels, index, null);
    return [`drop kernel "${glob}"`, left] as const;
  });
  return [["any kernel", []], ...(kernels.length < 2 ? [] : each)];
}
