import { compareText } from "../base/compare-text.ts";
import type { DiffWarning } from "../model/contracts/diff.ts";
import type { Report, StageReport } from "../model/contracts/report.ts";
import { STAGE_TITLE } from "../model/framework.ts";

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
  ];
}

type Fact<T> = readonly [code: string, words: string, of: (side: T) => unknown];

/** What a step works on; a side that does not tell differs in nothing. */
function stageDoubts(before: StageReport, after: StageReport): readonly DiffWarning[] {
  const facts: readonly Fact<StageReport>[] = [
    ["phase", "another phase of speculative decoding", phaseOf],
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
 * True where one side has more layers. Two layers found as one period are as deep as they were:
 * then the kernels of all layers are as many.
 */
export function isDeeper({ layers: one }: StageReport, { layers: other }: StageReport): boolean {
  if (one === null || other === null || one.count === other.count) return false;
  const kernels = (other.count * other.period) / (one.count * one.period);
  const periods = Math.max(one.period, other.period) / Math.min(one.period, other.period);
  return periods < SAME_PERIOD || Math.max(kernels, 1 / kernels) > SAME_PERIOD;
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
