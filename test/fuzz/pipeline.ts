import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { ranksSideBySide } from "../../src/commands/ranks.ts";
import { diffReports } from "../../src/diff/diff-reports.ts";
import { DEFAULT_THRESHOLDS } from "../../src/diff/noise.ts";
import type { Report } from "../../src/model/contracts/report.ts";
import { TriageError } from "../../src/model/errors.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { analyzeRun } from "../../src/pipeline/analyze-run.ts";
import { meansOf } from "../../src/pipeline/inputs/means.ts";
import { loadRuleBase, type RuleBase } from "../../src/pipeline/inputs/rule-base.ts";
import { openRuns } from "../../src/pipeline/inputs/runs.ts";
import type { FormatName } from "../../src/report/document/formats.ts";
import { FORMATS } from "../../src/report/formats.ts";
import { HOSTILE_TEXTS } from "../report/hostile-texts.ts";
import { traceText } from "../support/synth/serialise.ts";
import { type EngineName, traceSpec } from "../support/synth/spec.ts";
import { synthesise } from "../support/synth/synthesise.ts";
import { Disagreement } from "./judge.ts";
import { BREAKING_MUTATIONS, WHOLE_MUTATIONS } from "./mutations.ts";
import { caseSeed, Random } from "./random.ts";
import type { Failure, FuzzResult } from "./run.ts";

const SLOW_MS = 20_000;
/** Comparing ranks loads the rules anew: one case in so many is enough. */
const RANKS_SHARE = 0.1;
const OPTIONS = {
  ...DEFAULT_ANALYZE_OPTIONS,
  rulesPath: "rules",
  minSharePct: 0,
};

/** The settings a run leaves beside its trace, as nobody would write them. */
const ODD_SETTINGS = [
  '{"__proto__": {"tp_size": 8}, "constructor": {"prototype": 1}, "model_path": "m", "tp_size": "4"}',
  '{"model_path": "<script>|`x`\\u001b[2J", "tp_size": -1, "quantization": ["fp8"], "dtype": {}}',
  '{"model_path": "../../../etc/passwd", "tp_size": 1e400, "attention_backend": null}',
  "[]",
  '{"tp_size": 2',
  '{"framework": "__proto__", "model": "constructor", "hasOwnProperty": 1, "toString": 2}',
];

/**
 * Whole runs of the pipeline over mutated traces with hostile texts: what comes out is a report in
 * every format, or a TriageError; nothing hostile is alive in it.
 */
export async function fuzzPipeline(options: {
  readonly cases: number;
  readonly seed: number;
  readonly from?: number;
  readonly onProgress?: (done: number) => void;
}): Promise<FuzzResult> {
  const rules = await loadRuleBase("rules");
  const documents = pipelineDocuments();
  const folder = mkdtempSync(join(tmpdir(), "fuse-triage-"));
  const path = join(folder, "trace.json");
  const tallies: Record<string, number> = {};
  const failures: Failure[] = [];
  /** Of the case before: what a report is compared with. */
  let before: Report | null = null;
  const first = options.from ?? 0;
  for (let index = first; index < first + options.cases; index++) {
    const random = new Random(caseSeed(options.seed, index));
    writeFileSync(path, mutated(random.pick(documents), random));
    writeFileSync(join(folder, "server_args.json"), random.pick(ODD_SETTINGS));
    const start = process.cpuUsage();
    let tally = "report";
    try {
      for (const report of await reportsOf(path, rules, random.chance(0.1))) {
        inertInEveryFormat(report);
        withinWindow(report, readFileSync(path, "latin1"));
        if (before !== null) diffReports(before, report, DEFAULT_THRESHOLDS);
        before = report;
      }
      if (random.chance(RANKS_SHARE)) {
        const other = join(folder, "trace-TP-1.json");
        writeFileSync(other, mutated(random.pick(documents), random));
        try {
          await ranksSideBySide({ ...OPTIONS, inputs: [folder] });
        } finally {
          rmSync(other);
        }
      }
      if (process.cpuUsage(start).user / 1000 > SLOW_MS) throw new Disagreement("took long");
    } catch (error) {
      if (error instanceof TriageError) tally = error.code;
      else {
        tally = "failed";
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        if (failures.length < 20) failures.push({ kind: "pipeline", index, message, input: path });
      }
    }
    tallies[tally] = (tallies[tally] ?? 0) + 1;
    options.onProgress?.(index - first + 1);
  }
  rmSync(folder, { recursive: true });
  return { counts: { pipeline: tallies }, failures };
}

function pipelineDocuments(): string[] {
  const engines: readonly EngineName[] = ["sglang", "vllm", "trtllm", "tokenspeed", "hf"];
  const step = { batchSize: 4, tokens: 64 } as const;
  return engines.map((engine) =>
    traceText(
      synthesise(
        traceSpec({
          engine,
          layers: 2,
          steps: [
            { ...step, stage: "prefill", mode: "eager" },
            { ...step, stage: "decode", tokens: 4, mode: "graph" },
          ],
        }),
      ),
    ),
  );
}

function mutated(document: string, random: Random): string {
  const whole = Object.values(WHOLE_MUTATIONS);
  const all = [...whole, ...Object.values(BREAKING_MUTATIONS)];
  let text = document;
  for (let i = random.below(4); i >= 0; i--) text = random.pick(whole)(text, random);
  if (random.chance(0.3)) text = random.pick(all)(text, random);
  return withHostileTexts(text, random);
}

/** Every name of one kind becomes a hostile one, everywhere it stands. */
function withHostileTexts(text: string, random: Random): string {
  const share = random.pick([0, 0.02, 0.3]);
  if (share === 0) return text;
  const chosen = new Map<string, string>();
  return text.replace(/"name": "((?:[^"\\]|\\.)*)"/g, (all, name: string) => {
    let other = chosen.get(name);
    if (other === undefined) {
      const hostile = random.pick(HOSTILE_TEXTS);
      const joined = random.chance(0.5) ? name + hostile : hostile;
      other = random.chance(share) ? `"name": ${JSON.stringify(joined)}` : all;
      chosen.set(name, other);
    }
    return other;
  });
}

async function reportsOf(path: string, rules: RuleBase, nearMisses: boolean): Promise<Report[]> {
  const options: AnalyzeOptions = { ...OPTIONS, inputs: [path], nearMisses };
  const means = meansOf(rules, options);
  const reports: Report[] = [];
  for (const run of await openRuns(options.inputs, options))
    reports.push((await analyzeRun(run, means)).report);
  return reports;
}

/**
 * Streams run one kernel after the other: more GPU time than the window has on all of them is
 * either told or a fault. Lanes are counted generously, from the text.
 */
function withinWindow({ stages, health }: Report, text: string): void {
  const lanes = new Set(text.match(/"stream":\s*"?-?[\w.]+|"pid":\s*"[^"]*"|"device":\s*\d+/g))
    .size;
  for (const { timeline, stage } of stages)
    if (
      timeline.gpuTimeUs > timeline.totalUs * Math.max(1, lanes) + 1 &&
      health.findings.length === 0
    )
      throw new Disagreement(
        `${stage}: ${timeline.gpuTimeUs} us of GPU time in ${timeline.totalUs}`,
      );
}

/** Controls but the line end, invisible format characters, lone surrogates, line separators. */
const ALIVE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const OUR_COLOURS = /\u001b\[\d+m/g;

function inertInEveryFormat(report: Report): void {
  for (const format of Object.keys(FORMATS) as FormatName[]) {
    for (const color of [false, true]) {
      const limits = { kernels: null, overlap: null, fuse: null };
      const text = FORMATS[format](report, {
        width: 100,
        color,
        limits,
        nearMisses: [],
        order: "headroom",
        byShape: true,
      });
      const found = ALIVE.exec(color ? text.replace(OUR_COLOURS, "") : text);
      if (found !== null)
        throw new Disagreement(
          `${format} holds U+${found[0].codePointAt(0)!.toString(16)}: ${JSON.stringify(text.slice(Math.max(0, found.index - 60), found.index + 20))}`,
        );
      if (format === "json") sameJson(text, report);
      if (format === "markdown" && !color) onlyTables(text);
    }
  }
}

function sameJson(text: string, report: Report): void {
  const names = ({ stages }: Report): string[] =>
    stages.flatMap(({ kernels }) =>
      kernels.flatMap(({ name, sites }) => [name, ...sites.map(({ location }) => `${location}`)]),
    );
  if (names(JSON.parse(text)).join("\n") !== names(report).join("\n"))
    throw new Disagreement("the JSON text has other names");
}

function onlyTables(text: string): void {
  const html = micromark(text, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const found = /<(script|img|iframe|svg|style)\b|href="(?!https:\/\/|#)/i.exec(html);
  if (found !== null)
    throw new Disagreement(`markdown makes ${html.slice(found.index - 40, found.index + 60)}`);
}
