import { compareText } from "../base/compare-text.ts";
import type { DiffWarning } from "../model/contracts/diff.ts";
import { healthTitle } from "../model/contracts/health.ts";
import type { Report, StageReport } from "../model/contracts/report.ts";
import { STAGE_TITLE, STAGES, type StageName } from "../model/framework.ts";

/** What differs in the heads of the reports, or is wrong with either. */
export function doubtsOf(before: Report, after: Report): readonly DiffWarning[] {
  const facts: readonly Fact<Report>[] = [
    ["gpu", "another GPU", ({ gpu }) => gpu.name ?? gpu.arch],
    ["gpu-count", "another number of GPUs", ({ gpu }) => gpu.count],
    ["framework", "another framework", ({ framework }) => framework],
    ["model", "another model", ({ model }) => model],
    ["tp", "another tensor-parallel size", ({ parallel }) => parallel.tp],
    ["pp", "another pipeline-parallel size", ({ parallel }) => parallel.pp],
    ["dp", "another data-parallel size", ({ parallel }) => parallel.dp],
    ["ep", "another expert-parallel size", ({ parallel }) => parallel.ep],
    [
      "rules",
      "other rules: states may differ by the rules alone",
      ({ rules }) => rules.digest.slice(0, 12),
    ],
    ["tool", "another version of the program", ({ tool }) => tool.version],
    ["mode", "another mode", ({ mode }) => mode],
    ["rank", "another rank", ({ traces }) => traces[0]?.rank ?? null],
  ];
  const partial = (side: string, { traces }: Report): DiffWarning[] =>
    traces
      .filter(({ complete }) => !complete)
      .map(({ path }) => ({
        code: "diff/incomplete",
        message: `${side}: ${path} is damaged, only a part of it was read`,
      }));
  return [
    ...differences(facts, before, after, ""),
    ...before.stages.flatMap((one) => {
      const other = after.stages.find(({ stage }) => stage === one.stage);
      return other === undefined ? [] : stageDoubts(one, other);
    }),
    ...settings(before.serverArgs, after.serverArgs),
    ...partial("before", before),
    ...partial("after", after),
    ...untrusted("before", before),
    ...untrusted("after", after),
  ];
}

/** Doubts that make a step other work, or another machine's. */
const OTHER_WORK =
  /^diff\/(?:gpu|gpu-count|model|tp|pp|dp|ep|batch|generation|context|tokens|chunk)$/;

/** Those of a stage, without its name. */
export function otherWork(warnings: readonly DiffWarning[], stage: StageName): readonly string[] {
  const titles = STAGES.map((one) => `${STAGE_TITLE[one]}: `);
  const own = `${STAGE_TITLE[stage]}: `;
  return warnings.flatMap(({ code, message }) => {
    const title = titles.find((one) => message.startsWith(one));
    if (!OTHER_WORK.test(code) || (title !== undefined && title !== own)) return [];
    return [message.slice(title?.length ?? 0)];
  });
}

/** A recording whose figures could not all be repaired. */
function untrusted(side: string, { health }: Report): DiffWarning[] {
  if (health.trusted) return [];
  const kinds = health.findings.map(healthTitle).join(", ");
  return [{ code: "diff/health", message: `${side}: the recording contradicts itself (${kinds})` }];
}

type Fact<T> = readonly [code: string, words: string, of: (side: T) => unknown];

/** What a step works on; a side that does not tell differs in nothing. */
function stageDoubts(before: StageReport, after: StageReport): readonly DiffWarning[] {
  const facts: readonly Fact<StageReport>[] = [
    ["phase", "another phase of speculative decoding", phaseOf],
    ...(isOtherMix(before, after) ? [MIX] : []),
    ["batch", "another batch (requests of a step)", ({ requests }) => requests.batch],
    ["generation", "another number of decoding requests", ({ requests }) => requests.generation],
    ["context", "another number of prefilled requests", ({ requests }) => requests.context],
    ["tokens", "another number of tokens a step", ({ requests }) => requests.tokens],
    ["chunk", "other prefill chunks (tokens)", ({ requests }) => requests.contextTokens],
    ["graphs", "graphs on one side only", ({ requests }) => graphsOf(requests.graphs)],
    ...(isDeeper(before, after) ? [DEPTH] : []),
  ];
  const told = facts.filter(([, , of]) => of(before) !== null && of(after) !== null);
  const found = differences(told, before, after, `${STAGE_TITLE[before.stage]}: `);
  // One cause is one line: the batch of a decode step is its requests and its tokens.
  const hasBatch = found.some(({ code }) => code === "diff/batch");
  const follows = new Set(["diff/generation", "diff/tokens"]);
  const sameWords = new Set<string>();
  return found.filter(({ code, message }) => {
    if (hasBatch && before.stage === "decode" && follows.has(code)) return false;
    const change = message.slice(message.lastIndexOf(": ") + 2);
    if (sameWords.has(change) && code !== "diff/graphs" && code !== "diff/layers") return false;
    sameWords.add(change);
    return true;
  });
}

const MIX: Fact<StageReport> = [
  "phase-mix",
  "another mix of drafting and verifying steps",
  ({ phases }) => phases.map(({ phase, steps }) => `${steps} ${phase}`).join(" and "),
];

/** Windows cut a step here and there. */
const OTHER_SHARE = 0.1;

/** True where one of the phases both have is another part of the steps. */
function isOtherMix(before: StageReport, after: StageReport): boolean {
  if (before.phases.length < 2 || phaseOf(before) !== phaseOf(after)) return false;
  const share = ({ phases }: StageReport, at: number): number =>
    phases[at]!.steps / phases.reduce((sum, { steps }) => sum + steps, 0);
  return before.phases.some(
    (_, at) => Math.abs(share(before, at) - share(after, at)) > OTHER_SHARE,
  );
}

const DEPTH: Fact<StageReport> = [
  "layers",
  "another number of layers",
  ({ layers }) => layers?.count ?? null,
];

function graphsOf(graphs: boolean | null): string | null {
  return graphs === null ? null : graphs ? "on" : "off";
}

function phaseOf({ phases, requests }: StageReport): string | null {
  if (phases.length === 0) return requests.phase ?? "plain";
  return phases.map(({ phase }) => phase).join(" + ");
}

/**
 * True where one side has more layers: kernels that stand once in the layers of both are launched
 * more often in a step. Where none does, two layers found as one period are as deep as they were:
 * then the kernels of all layers are as many.
 */
export function isDeeper(before: StageReport, after: StageReport): boolean {
  const [one, other] = [before.layers, after.layers];
  if (one === null || other === null || one.count === other.count) return false;
  const ratio = launchRatio(before, after);
  if (ratio !== null) return Math.round(one.count * ratio) !== one.count;
  const kernels = (other.count * other.period) / (one.count * one.period);
  const periods = Math.max(one.period, other.period) / Math.min(one.period, other.period);
  return periods < SAME_PERIOD || Math.max(kernels, 1 / kernels) > SAME_PERIOD;
}

/** Launches of a step, after by before, of kernels that each layer of both sides runs once; null without any. */
function launchRatio(before: StageReport, after: StageReport): number | null {
  const [one, other] = [oncePerLayer(before), oncePerLayer(after)];
  const ratios = [...one].flatMap(([name, launches]) => {
    const theirs = other.get(name);
    return theirs === undefined ? [] : [theirs / launches];
  });
  ratios.sort((a, b) => a - b);
  return ratios[(ratios.length - 1) >> 1] ?? null;
}

function oncePerLayer({ layers, kernels, steps }: StageReport): ReadonlyMap<string, number> {
  const names = (layers?.template ?? []).map(({ kernel }) => kernel);
  const isOnce = (name: string): boolean =>
    names.includes(name) && names.indexOf(name) === names.lastIndexOf(name);
  return new Map(
    kernels
      .filter(({ name }) => isOnce(name))
      .map(({ name, launches, perStep }) => [name, perStep?.launches || launches / steps]),
  );
}

/** Fusions shorten a layer by less. */
const SAME_PERIOD = 1.5;

function differences<T>(
  facts: readonly Fact<T>[],
  before: T,
  after: T,
  where: string,
): DiffWarning[] {
  return facts.flatMap(([code, words, of]) => {
    const [one, other] = [of(before), of(after)];
    if (one === other) return [];
    const told = (value: unknown): string => (value === null ? "unknown" : String(value));
    return [{ code: `diff/${code}`, message: `${where}${words}: ${told(one)} → ${told(other)}` }];
  });
}

/** Settings that differ from one start of the same server to the next. */
const VOLATILE =
  /(?:^|_)(?:seed|port|host|addr|address|url|dir|log|api_key|node_rank|id|time)(?:s?$|_)/i;
const MOST_SETTINGS = 12;

function settings(before: Report["serverArgs"], after: Report["serverArgs"]): DiffWarning[] {
  if (before === null || after === null) return [];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareText);
  const differing = keys.filter(
    (key) => !VOLATILE.test(key) && JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  if (differing.length === 0) return [];
  const told = (value: unknown): string =>
    value === undefined ? "not set" : (JSON.stringify(value) ?? "not set").slice(0, 60);
  const parts = differing
    .slice(0, MOST_SETTINGS)
    .map((key) => `${key} ${told(before[key])} → ${told(after[key])}`);
  const more = differing.length - parts.length;
  if (more > 0) parts.push(`${more} more`);
  return [{ code: "diff/settings", message: `settings differ: ${parts.join("; ")}` }];
}
