import { createClassMatcher } from "../model/class-match.ts";
import type { Facts, StageFacts } from "../model/facts.ts";
import type { RuleOutcome } from "../model/finding.ts";
import { STAGE_TITLE } from "../model/framework.ts";
import type { KernelGraph, StageGraph } from "../model/kernel-graph.ts";
import type { Report } from "../model/report.ts";
import type { ChainPattern, Rule, RuleSet } from "../model/rule.ts";
import { percent, type Row } from "../model/units.ts";
import { checkGuards } from "./match/guards.ts";
import { fieldsOfSymbols } from "./match/kernel-fields.ts";
import type { Policy } from "./policy/policy.ts";
import { decided, PolicyEngine } from "./policy/policy-engine.ts";
import { alignSteps } from "./similarity/align-steps.ts";
import { createClassFits } from "./similarity/class-fit.ts";

/** One attributed trace with what the rules said about it. */
export interface SimilarityInput {
  readonly ruleSet: RuleSet;
  readonly graph: KernelGraph;
  readonly factsByStage: readonly StageFacts[];
  readonly outcomes: readonly RuleOutcome[];
}

/** Kernels of each stream that are looked at: several layers of any model, whatever the trace's length. */
const SAMPLE = 2048;
/** Scores below are not looked for: no policy would call less than half of a shape similar. */
const LEAST_SCORE = 0.5;
/** Unrelated kernels allowed for beyond the rule's own skips. */
const SLACK = 2;

/** A rule and the kernels that look like its pieces without being them. */
interface Candidate {
  readonly rule: Rule;
  readonly stage: StageGraph;
  readonly pattern: ChainPattern;
  readonly score: number;
  readonly sharePct: number;
  /** Steps that some kernel fits in full, by index. */
  readonly present: readonly number[];
  readonly windows: number;
}

/**
 * The one line after the tables: the rule whose shape comes nearest to kernels that fit no rule, and
 * how near. It looks at absent rules whose guards may hold, compares step by step in order, and
 * changes no table. Null when nothing comes near, or without a policy to say what near is.
 */
export async function similarityNote(
  inputs: readonly SimilarityInput[],
  policy: Policy | null,
): Promise<Report["similarity"]> {
  if (policy === null) return null;
  const engine = PolicyEngine.of(policy);
  const candidates = inputs.flatMap(candidatesOf).sort(nearestFirst);
  for (const candidate of candidates) {
    const { rule, stage, pattern, score, sharePct, present } = candidate;
    const facts = {
      rule: rule.id,
      stage: stage.stage,
      score,
      sharePct,
      present: present.length,
      steps: pattern.steps.length,
    };
    const level = decided(await engine.judge(facts), "level")?.params?.value;
    if (level === "high" || level === "medium" || level === "low")
      return { rule: rule.id, level, reason: reasonOf(candidate) };
  }
  return null;
}

function nearestFirst(a: Candidate, b: Candidate): number {
  return b.score - a.score || b.sharePct - a.sharePct || (a.rule.id < b.rule.id ? -1 : 1);
}

function reasonOf({ pattern, present, windows, sharePct, stage }: Candidate): string {
  const names = pattern.steps.map((step, index) => step.capture ?? `step ${index + 1}`);
  const there = names.filter((_, index) => present.includes(index)).join(", ");
  const lacking = names.filter((_, index) => !present.includes(index)).join(", ");
  const where = `${windows}x, ${sharePct.toFixed(1)}% of ${STAGE_TITLE[stage.stage]}`;
  return lacking === ""
    ? `all steps are there in order (${there}; ${where}), but not as close as the rule asks`
    : `${there} in order (${where}); not found as the rule names it: ${lacking}`;
}

function candidatesOf({ ruleSet, graph, factsByStage, outcomes }: SimilarityInput): Candidate[] {
  const fields = fieldsOfSymbols(graph);
  const fitsOf = createClassFits(ruleSet, createClassMatcher(ruleSet), fields);
  return graph.stages.flatMap((stage) => {
    const here = outcomes.filter((outcome) => outcome.stage === stage.stage);
    const absent = new Set(here.filter(({ state }) => state === "absent").map(({ rule }) => rule));
    const claimed = new Set(
      here.flatMap(({ occurrences }) => occurrences.flatMap(({ rows }) => rows.flat())),
    );
    const facts = factsByStage.find((entry) => entry.stage === stage.stage)?.facts ?? {};
    const lanes = sampledLanes(graph, stage);
    return ruleSet.rules
      .filter(
        (rule) => absent.has(rule.id) && rule.kind === "fusion" && rule.status !== "deprecated",
      )
      .flatMap((rule) =>
        splitChains(rule).flatMap((pattern) => {
          const fits = pattern.steps.map((step) => fitsOf(step.class));
          const guards = guardShare(rule, facts);
          if (mostPossible(fits) * guards < LEAST_SCORE) return [];
          const found = bestWindows(graph, pattern, fits, lanes, claimed);
          if (found === null) return [];
          const score = found.shape * guards;
          const { sharePct, present, windows } = found;
          return [{ rule, stage, pattern, score, sharePct, present, windows }];
        }),
      );
  });
}

/** Chains that could be looked for piece by piece. */
function splitChains(rule: Rule): readonly ChainPattern[] {
  return rule.states.flatMap(({ state, pattern }) =>
    state === "split" && pattern.kind === "chain" && pattern.steps.length > 1 ? [pattern] : [],
  );
}

/** Guards that hold count whole, unknown ones half. */
function guardShare(rule: Rule, facts: Facts): number {
  const { answers } = checkGuards(rule, facts);
  if (answers.length === 0) return 1;
  const unknown = answers.filter(({ truth }) => truth === "unknown").length;
  return 1 - unknown / 2 / answers.length;
}

function sampledLanes(graph: KernelGraph, stage: StageGraph): readonly (readonly Row[])[] {
  const lanes = graph.trace.streams.map((): Row[] => []);
  for (const row of stage.events) {
    const lane = lanes[graph.trace.gpu.stream[row]!]!;
    if (lane.length < SAMPLE) lane.push(row);
  }
  return lanes;
}

interface Windows {
  readonly shape: number;
  readonly sharePct: number;
  readonly present: readonly number[];
  readonly windows: number;
}

/** The shape there would be if the best kernel of every step stood in order. */
function mostPossible(fits: readonly Float64Array[]): number {
  const best = fits.map((step) => step.reduce((most, fit) => Math.max(most, fit), 0));
  return best.reduce((sum, fit) => sum + fit, 0) / fits.length;
}

/**
 * The most complete shape found and how much time its windows hold. A window begins at a kernel
 * that fits a step in full; kernels that a rule has claimed, or an earlier window, are not looked at.
 */
function bestWindows(
  graph: KernelGraph,
  pattern: ChainPattern,
  fits: readonly Float64Array[],
  lanes: readonly (readonly Row[])[],
  claimed: ReadonlySet<Row>,
): Windows | null {
  const { symbolOf } = graph;
  const align = createAligner(fits);
  const reach = pattern.links.reduce((sum, link) => sum + 1 + link.skip, SLACK + 1);
  const duration = (row: Row): number => graph.trace.gpu.duration[row]!;
  const groups = new Map<string, { aligned: Aligned; ns: number; windows: number }>();
  let sampledNs = 0;
  for (const lane of lanes) {
    sampledNs += lane.reduce((sum, row) => sum + duration(row), 0);
    const free = lane.filter((row) => !claimed.has(row));
    for (let at = 0; at < free.length; at++) {
      const symbol = symbolOf[free[at]!]!;
      if (!fits.some((step) => step[symbol] === 1)) continue;
      const first = Math.max(0, at - 1);
      const window = free.slice(first, at + reach);
      const aligned = align(window.map((row) => symbolOf[row]!));
      const group = groups.get(aligned.key) ?? { aligned, ns: 0, windows: 0 };
      group.ns += aligned.used.reduce((sum, kernel) => sum + duration(window[kernel]!), 0);
      group.windows++;
      groups.set(aligned.key, group);
      at = Math.max(at, first + aligned.used.at(-1)!);
    }
  }
  const ranked = [...groups.values()].sort(
    (a, b) => b.aligned.total - a.aligned.total || b.ns - a.ns,
  );
  const [best] = ranked;
  if (best === undefined) return null;
  return {
    shape: best.aligned.total / pattern.steps.length,
    sharePct: percent(best.ns, sampledNs),
    present: best.aligned.present,
    windows: best.windows,
  };
}

interface Aligned {
  readonly total: number;
  /** Steps that fit in full. */
  readonly present: readonly number[];
  /** Window indexes of the kernels used, ascending. */
  readonly used: readonly number[];
  /** Equal for alignments of one shape. */
  readonly key: string;
}

/** Layers repeat, so windows do: each sequence of symbols is aligned once. */
function createAligner(fits: readonly Float64Array[]): (symbols: readonly number[]) => Aligned {
  const known = new Map<string, Aligned>();
  return (symbols) => {
    const window = symbols.join();
    let aligned = known.get(window);
    if (aligned !== undefined) return aligned;
    const { total, kernels } = alignSteps(fits.map((step) => symbols.map((it) => step[it]!)));
    const present = kernels.flatMap((kernel, step) =>
      kernel >= 0 && fits[step]![symbols[kernel]!] === 1 ? [step] : [],
    );
    const used = kernels.filter((kernel) => kernel >= 0);
    aligned = { total, present, used, key: `${total.toFixed(3)}|${present.join()}` };
    known.set(window, aligned);
    return aligned;
  };
}
