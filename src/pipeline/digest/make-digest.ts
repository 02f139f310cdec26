import { sha256 } from "../../base/sha256.ts";
import { toolVersion } from "../../base/version.ts";
import type { RankMeasure } from "../../engine/ranks/rank-measure.ts";
import { SCHEMA_VERSION } from "../../model/contracts/report.ts";
import { TriageError } from "../../model/errors.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import type { TraceFile } from "../../model/trace/trace-selection.ts";
import { assertOneFramework, draftReport } from "../assemble-report.ts";
import { runFindings } from "../inputs/index.ts";
import type { Means } from "../inputs/means.ts";
import type { RuleBase } from "../inputs/rule-base.ts";
import type { Run } from "../inputs/runs.ts";
import { measureLocated } from "../ranks/measure-run.ts";
import type { TraceFindings } from "../trace-findings.ts";
import { ColumnTable } from "./columns.ts";
import { DIGEST_VERSION, type DigestHead } from "./digest.ts";
import { writeMeasure } from "./measure-rows.ts";
import { parquetOf } from "./parquet-file.ts";
import { writeQueryRows } from "./query-rows.ts";

/**
 * One run's traces as a digest: everything that reports, ranks, comparisons and fleets take from
 * them. The traces are read once.
 *
 * @param build what they belong to: a commit, a nightly build; null where nobody told
 * @returns the file's bytes, the same for the same traces, rules and options
 * @throws {TriageError} for traces that cannot be used
 */
export async function makeDigest(
  run: Run,
  means: Means,
  build: string | null,
): Promise<Uint8Array> {
  const findings: TraceFindings[] = [];
  for await (const found of runFindings(run, means)) findings.push(found);
  assertOneFramework(findings);
  const draft = await draftReport(run, findings, means.rules, means.options);
  const facts = findings.flatMap((one) => one.facts);
  const table = new ColumnTable();
  const version = facts.find((one) => one.facts.engine_version)?.facts.engine_version;
  const measuredRuns = findings.map((found) => measured(run, found));
  const first = measuredRuns[0];
  const ownRank = first instanceof TriageError ? null : first?.rank;
  table.repeat({
    ...{ trace: run.files[0]?.path ?? null, build, framework: draft.framework },
    ...{ engine_version: version === undefined ? null : String(version.value) },
    ...{ model: draft.model, gpu: draft.gpu.name, rules_digest: draft.rules.digest },
    rank: ownRank ?? draft.traces[0]?.rank ?? null,
  });
  const from = table.count;
  const measures = measuredRuns.map((one) =>
    one instanceof TriageError
      ? { head: null, error: fieldsOf(one) }
      : { head: writeMeasure(one, table), error: null },
  );
  const head: DigestHead = {
    ...expectedHead(means.rules, means.options, build),
    files: run.files,
    measured: { from, count: table.count - from },
  };
  writeQueryRows(draft, facts, table);
  const nearMisses = means.options.nearMisses ? findings.flatMap((one) => one.nearMisses) : null;
  table.push({ part: "document", json: JSON.stringify({ draft, facts, nearMisses, measures }) });
  return parquetOf(table, head);
}

/** What the head of a digest made now would say, before any trace is read. */
export function expectedHead(
  { ruleSet }: RuleBase,
  options: AnalyzeOptions,
  build: string | null,
): Omit<DigestHead, "files" | "measured"> {
  const { mapping, device, pidSubstring, framework, model, tp, gpu, modelConfig } = options;
  const { rulesOff, policyPath, machinesPath } = options;
  const decisive = {
    rulesOff,
    policyPath,
    machinesPath,
    mapping,
    device,
    pidSubstring,
    framework,
    model,
    tp,
    gpu,
    modelConfig,
  };
  return {
    version: DIGEST_VERSION,
    report: SCHEMA_VERSION,
    tool: toolVersion(),
    rulesDigest: ruleSet.digest,
    build,
    optionsDigest: sha256(JSON.stringify({ ...decisive, nearMisses: options.nearMisses })),
  };
}

function measured({ selection }: Run, found: TraceFindings): RankMeasure | TriageError {
  const files: readonly TraceFile[] = [found.file];
  try {
    return measureLocated({ files, selection }, [found]);
  } catch (error) {
    if (error instanceof TriageError) return error;
    throw error;
  }
}

function fieldsOf({ code, exit, message, place, hint }: TriageError) {
  return { code, exit, message, place, hint };
}
