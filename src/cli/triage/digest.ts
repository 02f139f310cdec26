import type { DigestOutcome } from "../../commands/digest.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { keepInputs } from "../keep-inputs.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import { rulesRead, settled } from "../settings/settled.ts";
import { cannotWrite, isStdout, writeOutput } from "../terminal/output.ts";
import { watched } from "../terminal/progress.ts";
import { errorFor } from "../terminal/terminal.ts";
import { readAnalysis, TRIAGE_OPTIONS, traceRoles } from "./triage-options.ts";

const COMMAND = "triage digest";

const OPTIONS = {
  "mapping-input": TRIAGE_OPTIONS["mapping-input"],
  rank: TRIAGE_OPTIONS.rank,
  "all-ranks": { ...TRIAGE_OPTIONS["all-ranks"], help: "One digest per rank." },
  device: TRIAGE_OPTIONS.device,
  "pid-substring": TRIAGE_OPTIONS["pid-substring"],
  framework: TRIAGE_OPTIONS.framework,
  model: TRIAGE_OPTIONS.model,
  tp: TRIAGE_OPTIONS.tp,
  gpu: TRIAGE_OPTIONS.gpu,
  "model-config": TRIAGE_OPTIONS["model-config"],
  build: {
    value: "NAME",
    group: "Facts",
    help: "What the trace belongs to, such as a commit or a nightly build: it stands in every row of the digest.",
  },
  ...RULE_OPTIONS,
  "near-misses": { ...TRIAGE_OPTIONS["near-misses"], help: "Also keep near misses." },
  output: {
    value: "PATH",
    short: "o",
    group: "Output",
    help: "File, or folder (ending in / or there already) for digests named after their traces. Default: the current folder.",
  },
  resume: {
    value: null,
    group: "Output",
    help: "Make no digest again that is there, whole, and of the same trace, rules, version and options.",
  },
  reader: TRIAGE_OPTIONS.reader,
  "max-bytes": TRIAGE_OPTIONS["max-bytes"],
  "no-color": TRIAGE_OPTIONS["no-color"],
  help: TRIAGE_OPTIONS.help,
} as const satisfies OptionSpecs;

/** What all later questions need of a trace, in a file a hundredth of its size. */
export const digest: Command = {
  help: () => ({
    usage: ["triage digest TRACE… [options]"],
    summary:
      "Reads traces once and writes what reports, ranks, diffs and fleets need of them into one Parquet file each, NAME.digest.parquet. triage, triage ranks and triage diff take it in place of the trace and answer the same; DuckDB, pandas and Spark read its table.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "triage digest profile/TP-0.trace.json.gz -o digests/",
          "triage digest profile/ --all-ranks --build nightly-1201 -o digests/nightly-1201/",
          "parallel triage digest {} --resume -o digests/ ::: run/*.trace.json.gz",
          "triage ranks digests/",
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    every digest is there",
          "2    wrong usage, or a digest cannot be written",
          "3    a trace cannot be read or is none (the others' digests were written)",
          "4    the rules are not valid",
          "130  interrupted; no digest is left half written",
        ],
      },
    ],
  }),
  run,
};

async function run(
  args: readonly string[],
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const output = given.text("output") ?? "./";
  if (isStdout(output))
    throw usage("digest-to-pipe", "A digest is a file: name it, or its folder.", COMMAND);
  const { analysis } = await settled(given, readAnalysis(given, COMMAND));
  const roles = traceRoles(given.positionals, given.all("mapping-input"), []);
  keepInputs(output, [...roles.inputs, ...roles.formal, ...roles.mapping], rulesRead(analysis));
  const outcomes = await watched(terminal, async (onProgress) => {
    const { writeDigests } = await import("../../commands/digest.ts");
    return writeDigests({
      ...{ output, build: given.text("build"), resume: given.has("resume") },
      analyze: { ...analysis, ...roles, onProgress, signal },
    }).catch((error: unknown) => {
      throw (error as { syscall?: string }).syscall === undefined
        ? error
        : cannotWrite(error, output);
    });
  });
  const told = outcomes.filter(({ state }) => state !== "failed").map(line);
  await writeOutput(told.join(""), null);
  const failures = outcomes.flatMap(({ error }) => error ?? []);
  for (const failure of failures) process.stderr.write(`${errorFor(terminal, failure).text}\n`);
  return failures[0]?.exit ?? EXIT.ok;
}

function line({ state, path, bytes, traceBytes }: DigestOutcome): string {
  const times =
    traceBytes > 0 ? `, 1/${Math.max(1, Math.round(traceBytes / bytes))} of the trace` : "";
  return `${state} ${path} (${(bytes / 1000).toFixed(1)} kB${times})\n`;
}
