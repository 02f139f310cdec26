import type {
  ExplainedGuard,
  ExplainedKernel,
  ExplainedPattern,
  RuleInStage,
} from "../../../model/contracts/rule-explanation.ts";
import type { KernelGraph } from "../../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../../model/trace/trace.ts";
import { type Row, toUs } from "../../../model/trace/units.ts";
import type { GuardReading, PatternReading, RuleReading } from "./explain-rule.ts";

/** A rule's reading of one stage as `rules explain` prints it. */
export function ruleInStage(reading: RuleReading, graph: KernelGraph): RuleInStage {
  const { stage, outcome, failure, guards, patterns } = reading;
  return {
    path: graph.trace.origin.path,
    stage,
    state: outcome?.state ?? null,
    underlying: outcome?.underlying ?? null,
    blockedBy: outcome?.blockedBy ?? null,
    failure,
    assuming: outcome?.assuming ?? [],
    counts: outcome?.counts ?? null,
    guards: guards.map(explainedGuard),
    patterns: patterns.map((pattern) => explainedPattern(pattern, graph)),
  };
}

export function explainedGuard({ text, line, truth, fact }: GuardReading): ExplainedGuard {
  return { text, line, truth, value: fact?.value ?? null, from: fact?.from ?? null };
}

export function explainedPattern(pattern: PatternReading, graph: KernelGraph): ExplainedPattern {
  const { state, line, steps, stops, found, counted, foreign, where, repeat } = pattern;
  const conditions = where.length === 0 ? "" : ` where ${where.join(" and ")}`;
  return {
    state,
    line,
    text: `${pattern.text}${conditions}`,
    repeatMin: repeat.min,
    foreign,
    steps: steps.map(({ text, kernels, names }) => ({
      step: text,
      kernels,
      names: names.map(({ name, launches }) => ({ kernel: name, launches })),
    })),
    found,
    counted,
    nearest: stops.map(({ reached, wanted, saw, times, window, line: at }) => ({
      reached,
      line: at,
      wanted,
      saw,
      times,
      kernels: window.map(({ row, step }) =>
        explainedKernel(graph, row, step === null ? null : (steps[step]?.name ?? null)),
      ),
    })),
  };
}

export function explainedKernel(
  { trace, sites, siteOf }: KernelGraph,
  row: Row,
  step: string | null,
): ExplainedKernel {
  const { gpu, streams } = trace;
  return {
    step,
    kernel: kernelNameAt(trace, row).short,
    startUs: toUs(gpu.start[row]!),
    us: toUs(gpu.duration[row]!),
    stream: streams[gpu.stream[row]!]!.stream,
    location: sites[siteOf[row]!]!.location,
  };
}
