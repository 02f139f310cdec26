import { compileGlob, matchesGlob } from "../../model/classes/glob.ts";
import type { WorkExpr, WorkModel } from "../../model/work.ts";

/** A model ready to be asked. */
export interface ReadyModel {
  readonly model: WorkModel;
  /** Whether its figures differ from step to step though the arguments do not. */
  readonly asksStep: boolean;
  /** Whether it looks at calls inside the call. */
  readonly asksInner: boolean;
  /** Whether it looks at calls around the call. */
  readonly asksOuter: boolean;
  /** Whether it counts the experts that evenly chosen ones would be. */
  readonly asksExperts: boolean;
  fitsKernel(name: string): boolean;
}

/** Models by op name, the most special first: in certain calls, of certain kernels, exact names, then by id. */
export class ModelTable {
  readonly #models: readonly (ReadyModel & { readonly exact: ReadonlySet<string> })[];
  readonly #known = new Map<string, readonly ReadyModel[]>();
  readonly #globs: ReadonlyMap<WorkModel, (op: string) => boolean>;

  constructor(works: readonly WorkModel[]) {
    this.#models = works.map(ready);
    this.#globs = new Map(works.map((work) => [work, anyGlob(work.ops)]));
  }

  of(op: string): readonly ReadyModel[] {
    const known = this.#known.get(op);
    if (known !== undefined) return known;
    const found = this.#models
      .filter(({ model }) => this.#globs.get(model)!(op))
      .sort((a, b) => rank(b, op) - rank(a, op));
    this.#known.set(op, found);
    return found;
  }
}

type Ranked = ReadyModel & { readonly exact: ReadonlySet<string> };
const rank = ({ model, asksOuter, exact }: Ranked, op: string) =>
  Number(asksOuter) * 4 + Number(model.kernels.length > 0) * 2 + Number(exact.has(op));

function ready(model: WorkModel) {
  const { where, lets, flops, rate, reads, writes, links } = model;
  const all = [
    ...where,
    ...lets.map(({ value }) => value),
    flops,
    rate?.type,
    reads,
    writes,
    links,
  ];
  const parts = all.flatMap((each) => (each == null ? [] : [...walk(each)]));
  return {
    model,
    asksStep: parts.some(({ kind }) => kind === "step"),
    asksInner: parts.some((part) => part.kind === "call" && part.fn === "inner"),
    asksExperts: parts.some((part) => part.kind === "call" && part.fn === "experts"),
    asksOuter: parts.some((part) => part.kind === "call" && part.fn === "outer"),
    fitsKernel: model.kernels.length === 0 ? () => true : anyGlob(model.kernels),
    exact: new Set(model.ops),
  };
}

function anyGlob(globs: readonly string[]): (text: string) => boolean {
  const compiled = globs.map(compileGlob);
  return (text) => compiled.some((glob) => matchesGlob(glob, text));
}

function* walk(expr: WorkExpr): Generator<WorkExpr> {
  yield expr;
  switch (expr.kind) {
    case "input":
      yield* walk(expr.index);
      return;
    case "field":
    case "not":
      yield* walk(expr.of);
      return;
    case "at":
      yield* walk(expr.of);
      yield* walk(expr.index);
      return;
    case "call":
      for (const arg of expr.args) yield* walk(arg);
      return;
    case "binary":
      yield* walk(expr.left);
      yield* walk(expr.right);
      return;
    case "if":
      yield* walk(expr.test);
      yield* walk(expr.then);
      yield* walk(expr.otherwise);
  }
}
