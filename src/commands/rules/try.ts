import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compareText } from "../../base/compare-text.ts";
import { packageFile } from "../../base/files/package-files.ts";
import type { FuseRow, Report, StageReport } from "../../model/contracts/report.ts";
import type { RuleExplanation } from "../../model/contracts/rule-explanation.ts";
import { TriageError } from "../../model/errors.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import { analyzeRun } from "../../pipeline/analyze-run.ts";
import { openInputs } from "../../pipeline/inputs/index.ts";
import type { RuleBase } from "../../pipeline/inputs/rule-base.ts";
import { explainOnTraces } from "./explain.ts";
import { unknownRule } from "./unknown-rule.ts";

/** What a rule does to the reports of one path. */
export interface RuleTrial {
  readonly path: string;
  /** Why the path could not be used; null when it could. */
  readonly failure: string | null;
  readonly rows: readonly TrialRow[];
  /** What stopped the rule where it nearly matched, the farthest attempt first. */
  readonly nearMisses: readonly string[];
  /** Other rules that speak of the same kernels. */
  readonly overlaps: readonly string[];
  /** What else in the report is different from the same report without the rule. */
  readonly changes: readonly string[];
}

interface TrialRow extends Pick<FuseRow, "state" | "counts" | "sharePct" | "saveAtMostUs"> {
  readonly stage: string;
  readonly verdict: string;
}

/**
 * Runs the rule over paths, each with all rules and once more without this one, so that all it
 * does to a report is seen: rows that come, rows of others that go, actions that change.
 *
 * @throws {TriageError} for rules that cannot be used, `usage/unknown-rule`; a path that cannot be
 *   used is a failure in the answer.
 */
export async function tryRule(
  id: string,
  paths: readonly string[],
  options: AnalyzeOptions,
): Promise<RuleTrial[]> {
  const trials: RuleTrial[] = [];
  const once = new Map(paths.map((path) => [resolve(path), path]));
  for (const path of once.values())
    trials.push(await tryOn(id, path, { ...options, inputs: [path] }));
  return trials;
}

async function tryOn(id: string, path: string, options: AnalyzeOptions): Promise<RuleTrial> {
  try {
    const withRule = await reportsOf(options, (rules) => {
      ruleIn(rules, id);
      return rules;
    });
    const without = await reportsOf(options, (rules) => withoutRule(rules, id));
    const explained = await explainOnTraces((rules) => ruleIn(rules, id), options);
    const pairs = withRule.flatMap((report, run) =>
      report.stages.map((stage) => ({
        stage,
        before: without[run]?.stages.find((one) => one.stage === stage.stage) ?? null,
      })),
    );
    return {
      path,
      failure: null,
      rows: pairs.flatMap(({ stage }) => rowsOf(stage, id)),
      nearMisses: nearMissesOf(explained),
      overlaps: [...new Set(pairs.flatMap(({ stage, before }) => overlapsOf(stage, before, id)))],
      changes: [
        ...pairs.flatMap(({ stage, before }) => stageChanges(stage, before, id)),
        ...withRule.flatMap((report, run) => reportChanges(report, without[run])),
      ],
    };
  } catch (error) {
    if (!(error instanceof TriageError) || error.code === "usage/unknown-rule") throw error;
    const empty = { rows: [], nearMisses: [], overlaps: [], changes: [] };
    return { path, failure: error.message, ...empty };
  }
}

async function reportsOf(
  options: AnalyzeOptions,
  narrow: (rules: RuleBase) => RuleBase,
): Promise<readonly Report[]> {
  const { runs, ...means } = await openInputs(options, narrow);
  const reports: Report[] = [];
  for (const run of runs) reports.push((await analyzeRun(run, means)).report);
  return reports;
}

function ruleIn({ ruleSet: { rules } }: RuleBase, id: string) {
  const rule = rules.find((one) => one.id === id);
  if (rule !== undefined) return rule;
  throw unknownRule(
    id,
    rules.map((one) => one.id),
  );
}

const withoutRule = (rules: RuleBase, id: string): RuleBase => ({
  ...rules,
  ruleSet: { ...rules.ruleSet, rules: rules.ruleSet.rules.filter((rule) => rule.id !== id) },
});

const rowsOf = ({ stage, fuse }: StageReport, id: string): TrialRow[] =>
  fuse
    .filter(({ rule }) => rule === id)
    .map(({ state, counts, sharePct, saveAtMostUs, rationale }) => ({
      ...{ stage, state, counts, sharePct, saveAtMostUs },
      verdict: rationale,
    }));

const MOST_STOPS = 3;

function nearMissesOf({ stages }: RuleExplanation): string[] {
  return stages.flatMap(({ stage, blockedBy, patterns }) => {
    if (blockedBy !== null) return [`${stage}: guard ${blockedBy} is false`];
    return patterns.flatMap(({ state, nearest }) =>
      nearest
        .slice(0, MOST_STOPS)
        .map(
          ({ wanted, saw, times, line }) =>
            `${stage}, ${state}${line === null ? "" : ` (line ${line})`}: wanted ${wanted}, saw ${saw}, ${times}x`,
        ),
    );
  });
}

/** Rules that share evidence with this one, in the report with it or in the one without. */
function overlapsOf(after: StageReport, before: StageReport | null, id: string): string[] {
  const own = new Set(
    after.fuse
      .filter(({ rule }) => rule === id)
      .flatMap(({ evidence }) => evidence.map((it) => it.id)),
  );
  const folded = after.fuse.flatMap((row) =>
    row.rule === id
      ? row.alsoMatched.map((rule) => `${rule}: folded under ${id}`)
      : row.alsoMatched.includes(id)
        ? [`${row.rule}: takes its kernels`]
        : [],
  );
  const shared = [...after.fuse, ...(before?.fuse ?? [])].filter(
    ({ rule, evidence }) => rule !== id && evidence.some((one) => own.has(one.id)),
  );
  const named = shared.map(
    ({ rule, state, evidence }) =>
      `${rule} (${state}): ${evidence
        .filter((one) => own.has(one.id))
        .map(({ kernel }) => kernel)
        .join(", ")}`,
  );
  return [...folded, ...named].map((text) => `${after.stage}: ${text}`);
}

function stageChanges(after: StageReport, before: StageReport | null, id: string): string[] {
  const say = (text: string): string => `${after.stage}: ${text}`;
  if (before === null) return [say("the stage is new")];
  const rows = byKey(before.fuse, after.fuse, ({ rule, state }) => `${rule} ${state}`);
  const fuse = rows.flatMap(([key, was, is]) => {
    if ((was ?? is)!.rule === id) return [];
    if (was === undefined) return [say(`row ${key} comes`)];
    if (is === undefined) return [say(`row ${key} goes`)];
    return was.sharePct === is.sharePct
      ? []
      : [say(`row ${key}: ${percent(was)} -> ${percent(is)}`)];
  });
  const overlaps = byKey(before.overlap, after.overlap, (row) => `${row.rule} ${row.kernel}`);
  return [
    ...fuse,
    ...overlaps.flatMap(([key, was, is]) => {
      if (was === undefined) return [say(`overlap ${key} comes`)];
      if (is === undefined) return [say(`overlap ${key} goes`)];
      return was.verdict === is.verdict
        ? []
        : [say(`overlap ${key}: ${was.verdict} -> ${is.verdict}`)];
    }),
  ];
}

const percent = ({ sharePct }: FuseRow): string => `${sharePct.toFixed(2)}%`;

function reportChanges(after: Report, before: Report | undefined): string[] {
  const actions = byKey(before?.actions ?? [], after.actions, ({ id }) => id);
  return [
    ...actions.flatMap(([id, was, is]) => {
      if (was === undefined) return [`action ${id} comes: ${is!.title}`];
      if (is === undefined) return [`action ${id} goes: ${was.title}`];
      return JSON.stringify(was.saves) === JSON.stringify(is.saves)
        ? []
        : [
            `action ${id} saves ${was.saves.pctOfStep ?? 0}% -> ${is.saves.pctOfStep ?? 0}% of the step`,
          ];
    }),
    ...(before !== undefined && before.summary !== after.summary
      ? [`summary: ${after.summary}`]
      : []),
  ];
}

/** What one or both lists hold under a key, keys in order; of several the first. */
function byKey<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (one: T) => string,
): readonly (readonly [key: string, was: T | undefined, is: T | undefined])[] {
  const first = (list: readonly T[]) =>
    new Map(list.toReversed().map((one) => [keyOf(one), one] as const));
  const [was, is] = [first(before), first(after)];
  const keys = [...new Set([...was.keys(), ...is.keys()])].sort(compareText);
  return keys.map((key) => [key, was.get(key), is.get(key)]);
}

/** Folders of the traces that come with the package; a pair of runs for `--mapping-input` is none. */
export function bundledExamples(): string[] {
  const root = fileURLToPath(packageFile("examples"));
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "mapping-formal")
    .map((entry) => `${root}/${entry.name}`)
    .sort();
}
