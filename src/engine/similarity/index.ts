import { compareText } from "../../base/compare-text.ts";
import { decisionsOf } from "../../model/classes/class-decisions.ts";
import type { Report } from "../../model/contracts/report.ts";
import type { Facts, KernelFields, StageFacts } from "../../model/facts.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import type { ChainPattern, Rule, RuleSet } from "../../model/rule.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { type Nanoseconds, percent, type Row } from "../../model/trace/units.ts";
import { fieldsOfSymbols } from "../match/classes/kernel-fields.ts";
import { checkGuards } from "../match/verdicts/guards.ts";
import type { Policy } from "../policy/policy.ts";
import { decided, PolicyEngine } from "../policy/policy-engine.ts";
import { alignSteps } from "./align-steps.ts";
import { createClassFits } from "./class-fit.ts";

/** One attributed trace with what the rules said about it. */
interface SimilarityInput {
  readonly ruleSet: RuleSet;
  readonly graph: KernelGraph;
  readonly factsByStage: readonly StageFacts[];
  readonly outcomes: readonly RuleOutcome[];
}

/** Kernels of each stream that are looked at: several layers of any model, whatever the trace's length. */
const SAMPLE = 2048;
/** Kernels looked at, the most launched ones; traces have hundreds. */
const MOST_SYMBOLS = 4096;
/** Scores below are not looked for: no policy would call less than half of a shape similar. */
const LEAST_SCORE = 0.5;
/** Weight of a step that at most one kernel in twenty fits. */
const MOST_WEIGHT = Math.log(20);
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
  /** The one guard that is false, in words; null where the pattern is what stopped the rule. */
  readonly guard: string | null;
}

/** Of a pair alone half is always somewhere: a shape has three steps, or all of it is there and a guard is false. */
const LEAST_SHAPE = 3;

/**
 * The one line after the tables: the rule whose shape comes nearest to kernels that fit no rule, and
 * how near. It looks at rules that are absent and at those that one false guard stopped, asks for
 * their whole shape (every step has a kernel that is it or is of its kind), in order, and changes no
 * table. Null when nothing comes near, or without a policy to say what near is.
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
  return b.score - a.score || b.sharePct - a.sharePct || compareText(a.rule.id, b.rule.id);
}

function reasonOf({ pattern, present, windows, sharePct, stage, guard }: Candidate): string {
  const names = pattern.steps.map((step, index) => step.capture ?? `step ${index + 1}`);
  const there = names.filter((_, index) => present.includes(index)).join(", ");
  const lacking = names.filter((_, index) => !present.includes(index)).join(", ");
  const where = `${windows}x, ${sharePct.toFixed(1)}% of ${STAGE_TITLE[stage.stage]}`;
  if (guard !== null && lacking === "")
    return `all steps are there in order (${there}; ${where}), but ${guard}`;
  return lacking === ""
    ? `all steps are there in order (${there}; ${where}), but not as close as the rule asks`
    : `${there} in order (${where}); not found as the rule names it: ${lacking}`;
}

function candidatesOf({ ruleSet, graph, factsByStage, outcomes }: SimilarityInput): Candidate[] {
  const looked = mostLaunched(graph);
  const fitsOf = createClassFits(ruleSet, decisionsOf(ruleSet), looked.fields);
  return graph.stages.flatMap((stage) => {
    const here = outcomes.filter((outcome) => outcome.stage === stage.stage);
    const stateOf = new Map(here.map(({ rule, state }) => [rule, state]));
    const claimed = claimedRows(graph, here);
    const facts = factsByStage.find((entry) => entry.stage === stage.stage)?.facts ?? {};
    const lanes = sampledLanes(graph, stage, claimed);
    const launches = launchesOf(graph, stage, looked);
    return ruleSet.rules
      .filter((rule) => rule.kind === "fusion" && rule.status !== "deprecated")
      .flatMap((rule) => {
        const state = stateOf.get(rule.id);
        const guard = state === "not-applicable" ? oneFalseGuard(rule, facts) : null;
        return state === "absent" || guard !== null ? [{ rule, guard }] : [];
      })
      .flatMap(({ rule, guard }) =>
        splitChains(rule).flatMap((pattern) => {
          const steps = pattern.steps.map((step): ShapeStep => {
            const fits = fitsOf(step.class);
            return { fits, weight: weightOf(fits, launches), isOptional: step.min === 0 };
          });
          const required = steps.filter(({ isOptional }) => !isOptional).length;
          if (guard === null && required < LEAST_SHAPE) return [];
          const guards = guardShare(rule, facts);
          if (mostPossible(steps) * guards < LEAST_SCORE) return [];
          const found = bestWindows(graph, looked, pattern, steps, lanes);
          if (found === null || found.placed < required) return [];
          if (guard !== null && found.present.length < required) return [];
          const score = found.shape * guards;
          const { sharePct, present, windows } = found;
          return [{ rule, stage, pattern, score, sharePct, present, windows, guard }];
        }),
      );
  });
}

/** A step as it is compared: how well each kernel looked at fits it, and how much it tells. */
interface ShapeStep {
  readonly fits: Float64Array;
  readonly weight: number;
  readonly isOptional: boolean;
}

/** The kernels looked at, numbered from 0, and one number more for all the others. */
interface Looked {
  /** What classes may see of each; null of the others, which fit nothing. */
  readonly fields: readonly (KernelFields | null)[];
  /** By symbol. */
  readonly numberOf: Uint32Array;
}

function mostLaunched(graph: KernelGraph): Looked {
  const all = fieldsOfSymbols(graph);
  const launches = new Uint32Array(all.length);
  for (const symbol of graph.symbolOf) launches[symbol]!++;
  const order = [...launches.keys()];
  if (order.length > MOST_SYMBOLS)
    order.sort((a, b) => launches[b]! - launches[a]! || a - b).splice(MOST_SYMBOLS);
  const numberOf = new Uint32Array(all.length).fill(order.length);
  for (const [number, symbol] of order.entries()) numberOf[symbol] = number;
  return { fields: [...order.map((symbol) => all[symbol]!), null], numberOf };
}

/** Launches in a stage per kernel looked at. */
function launchesOf(graph: KernelGraph, stage: StageGraph, looked: Looked): Uint32Array {
  const launches = new Uint32Array(looked.fields.length);
  for (let entry = 0; entry < stage.events.length; entry++)
    launches[looked.numberOf[graph.symbolOf[stage.events[entry]!]!]!]!++;
  return launches;
}

/**
 * What every layer is full of says little: a step weighs less the more of the stage's kernels fit it
 * (the logarithm of their share), and a step that nothing fits weighs most.
 */
function weightOf(fits: Float64Array, launches: Uint32Array): number {
  let all = 0;
  let fitting = 0;
  for (let symbol = 0; symbol < launches.length; symbol++) {
    all += launches[symbol]!;
    if (fits[symbol] === 1) fitting += launches[symbol]!;
  }
  return fitting === 0 ? MOST_WEIGHT : Math.min(MOST_WEIGHT, Math.log(all / fitting));
}

/** Chains that could be looked for piece by piece. */
function splitChains(rule: Rule): readonly ChainPattern[] {
  return rule.states.flatMap(({ state, pattern }) =>
    state === "split" && pattern.kind === "chain" && pattern.steps.length > 1 ? [pattern] : [],
  );
}

/** The guard that alone keeps a rule from this trace, in words; null where several do. What is of another engine is not near. */
function oneFalseGuard(rule: Rule, facts: Facts): string | null {
  const wrong = checkGuards(rule, facts).answers.filter(({ truth }) => truth === "false");
  const [only] = wrong;
  if (wrong.length !== 1 || only === undefined || only.guard.fact === "framework") return null;
  const { fact } = only.guard;
  return `its guard on ${fact} does not hold (${fact} is ${facts[fact]?.value ?? "unknown"})`;
}

/** Guards that hold count whole, unknown ones half. */
function guardShare(rule: Rule, facts: Facts): number {
  const { answers } = checkGuards(rule, facts);
  if (answers.length === 0) return 1;
  const unknown = answers.filter(({ truth }) => truth === "unknown").length;
  return 1 - unknown / 2 / answers.length;
}

/** One flag per GPU row: 1 for kernels that some rule holds. */
function claimedRows(graph: KernelGraph, outcomes: readonly RuleOutcome[]): Uint8Array {
  const claimed = new Uint8Array(graph.trace.gpu.count);
  for (const { occurrences } of outcomes)
    for (const { rows } of occurrences)
      for (const step of rows) for (const row of step) claimed[row] = 1;
  return claimed;
}

/** The first kernels of one stream. */
interface SampledLane {
  /** Those that no rule holds. */
  readonly free: readonly Row[];
  /** Time of all of them. */
  readonly ns: Nanoseconds;
}

function sampledLanes(
  graph: KernelGraph,
  stage: StageGraph,
  claimed: Uint8Array,
): readonly SampledLane[] {
  const { gpu, streams } = graph.trace;
  const lanes = streams.map((): Row[] => []);
  for (let entry = 0; entry < stage.events.length; entry++) {
    const row = stage.events[entry]!;
    const lane = lanes[gpu.stream[row]!]!;
    if (lane.length < SAMPLE) lane.push(row);
  }
  return lanes.map((lane) => ({
    free: lane.filter((row) => claimed[row] === 0),
    ns: lane.reduce((sum, row) => sum + gpu.duration[row]!, 0),
  }));
}

interface Windows {
  readonly shape: number;
  /** Steps that must be there and have a kernel, of the step's own or of its kind. */
  readonly placed: number;
  readonly sharePct: number;
  readonly present: readonly number[];
  readonly windows: number;
}

/** The shape there would be if the best kernel of every step stood in order. */
function mostPossible(steps: readonly ShapeStep[]): number {
  const best = steps.map(({ fits }) => fits.reduce((most, fit) => Math.max(most, fit), 0));
  return shapeOf(steps, best);
}

/** Weighted share of the steps that are there; an optional step that is not there is not asked for. */
function shapeOf(steps: readonly ShapeStep[], fits: readonly number[]): number {
  const asked = steps.map(({ weight, isOptional }, i) =>
    isOptional && fits[i] === 0 ? 0 : weight,
  );
  const whole = asked.reduce((sum, weight) => sum + weight, 0);
  return whole === 0 ? 0 : asked.reduce((sum, weight, i) => sum + weight * fits[i]!, 0) / whole;
}

/**
 * The most complete shape found and how much time its windows hold. A window begins at a kernel
 * that fits a step in full; kernels that a rule has claimed, or an earlier window, are not looked at.
 */
function bestWindows(
  graph: KernelGraph,
  { numberOf }: Looked,
  pattern: ChainPattern,
  steps: readonly ShapeStep[],
  lanes: readonly SampledLane[],
): Windows | null {
  const numberAt = (row: Row): number => numberOf[graph.symbolOf[row]!]!;
  const align = createAligner(steps);
  const reach = pattern.links.reduce((sum, link) => sum + 1 + link.skip, SLACK + 1);
  const duration = (row: Row): number => graph.trace.gpu.duration[row]!;
  const groups = new Map<string, { aligned: Aligned; ns: number; windows: number }>();
  let sampledNs = 0;
  for (const { free, ns } of lanes) {
    sampledNs += ns;
    for (let at = 0; at < free.length; at++) {
      const kernel = numberAt(free[at]!);
      if (!steps.some(({ fits }) => fits[kernel] === 1)) continue;
      const first = Math.max(0, at - 1);
      const window = free.slice(first, at + reach);
      const aligned = align(window.map(numberAt));
      const group = groups.get(aligned.key) ?? { aligned, ns: 0, windows: 0 };
      group.ns += aligned.used.reduce((sum, kernel) => sum + duration(window[kernel]!), 0);
      group.windows++;
      groups.set(aligned.key, group);
      at = Math.max(at, first + aligned.used.at(-1)!);
    }
  }
  const [best] = [...groups.values()].sort(
    (a, b) => b.aligned.shape - a.aligned.shape || b.ns - a.ns,
  );
  if (best === undefined) return null;
  const { shape, present, placed } = best.aligned;
  return { shape, placed, sharePct: percent(best.ns, sampledNs), present, windows: best.windows };
}

interface Aligned {
  readonly shape: number;
  readonly placed: number;
  /** Steps that fit in full. */
  readonly present: readonly number[];
  /** Window indexes of the kernels used, ascending. */
  readonly used: readonly number[];
  /** Equal for alignments of one shape. */
  readonly key: string;
}

/** Layers repeat, so windows do: each sequence of symbols is aligned once. */
function createAligner(steps: readonly ShapeStep[]): (symbols: readonly number[]) => Aligned {
  const known = new Map<string, Aligned>();
  return (symbols) => {
    const window = symbols.join();
    let aligned = known.get(window);
    if (aligned !== undefined) return aligned;
    const kernels = alignSteps(
      steps.map(({ fits, weight }) => symbols.map((symbol) => weight * fits[symbol]!)),
    );
    const fits = kernels.map((kernel, i) => (kernel < 0 ? 0 : steps[i]!.fits[symbols[kernel]!]!));
    const present = fits.flatMap((fit, i) => (fit === 1 ? [i] : []));
    const shape = shapeOf(steps, fits);
    const placed = steps.filter(({ isOptional }, i) => !isOptional && fits[i]! > 0).length;
    const used = kernels.filter((kernel) => kernel >= 0);
    aligned = { shape, placed, present, used, key: `${shape.toFixed(3)}|${present.join()}` };
    known.set(window, aligned);
    return aligned;
  };
}
