import type { Step } from "../../model/trace/kernel-graph.ts";
import { type Trace, text } from "../../model/trace/trace.ts";
import type { StepField } from "../../model/work.ts";

type StepSums = Partial<Record<StepField, number>>;

/**
 * `context_2(sq96sk480sqsq4608sqsk23040)_generation_3(…)`: per kind of request their number, and in
 * brackets the sums over them of query tokens, key tokens, squares and products. Older recorders
 * write query tokens and their squares alone: `context_1(888_788544)_generation_0(0)`.
 */
const SUMS = /context_(\d+)(?:\(([^)]*)\))?_generation_(\d+)(?:\(([^)]*)\))?/;

/** What the annotations around a step carry, per step. */
export function stepSums(trace: Trace, steps: readonly Step[]): readonly StepSums[] {
  const told = annotationsWithSums(trace);
  const ranks = trace.metadata.distributed?.worldSize ?? null;
  return steps.map((step) => {
    const sums = told.find(({ start, end }) => start < step.cpuEnd && end > step.cpuStart)?.sums;
    const { batchSize, tokens } = step;
    return {
      ...(ranks === null ? {} : { ranks }),
      ...(batchSize === null ? {} : { requests: batchSize }),
      ...(tokens === null ? {} : { tokens }),
      ...sums,
    };
  });
}

function annotationsWithSums({ annotations, ...trace }: Trace) {
  const sumsOf = new Map<number, StepSums | null>();
  const found: { start: number; end: number; sums: StepSums }[] = [];
  for (let row = 0; row < annotations.count; row++) {
    if (annotations.onGpu[row] === 1) continue;
    const name = annotations.name[row]!;
    let sums = sumsOf.get(name);
    if (sums === undefined) {
      sums = sumsIn(text({ annotations, ...trace }, name));
      sumsOf.set(name, sums);
    }
    if (sums === null) continue;
    const start = annotations.start[row]!;
    found.push({ start, end: start + annotations.duration[row]!, sums });
  }
  return found;
}

/** The sums an annotation carries, null for any other text. */
export function sumsIn(label: string): StepSums | null {
  const found = SUMS.exec(label);
  if (found === null) return null;
  const [, contexts, inContext = "", generations, inGeneration = ""] = found;
  const context = kindSums(inContext, Number(contexts));
  const generation = kindSums(inGeneration, Number(generations));
  const tokens =
    context.queries === null || generation.queries === null
      ? null
      : context.queries + generation.queries;
  const sums: Partial<Record<StepField, number | null>> = {
    requests: Number(contexts) + Number(generations),
    tokens,
    context_queries: context.queries,
    context_keys: context.keys,
    context_pairs: context.pairs,
    context_squares: context.squares,
    generation_queries: generation.queries,
    generation_keys: generation.keys,
    generation_pairs: generation.pairs,
  };
  return Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== null));
}

function kindSums(inside: string, count: number) {
  const named = (key: string): number | null => {
    const digits = new RegExp(`(?:^|\\d)${key}(\\d+)(?!\\d)`).exec(inside)?.[1];
    return digits === undefined ? null : Number(digits);
  };
  if (count === 0) return { queries: 0, keys: 0, pairs: 0, squares: 0 };
  const plain = /^(\d+)(?:_(\d+))?$/.exec(inside);
  if (plain === null)
    return {
      queries: named("sq"),
      keys: named("sk"),
      pairs: named("sqsk"),
      squares: named("sqsq"),
    };
  const squares = plain[2] === undefined ? null : Number(plain[2]);
  return { queries: Number(plain[1]), keys: null, pairs: null, squares };
}
