import { DEFAULT_PROBE_OPTIONS, type ProbeReport, probeServer } from "../../../capture/probe.ts";
import { named } from "../../../capture/server-driver.ts";
import { EXIT, type ExitCode } from "../../../model/errors.ts";
import { FRAMEWORKS } from "../../../model/framework.ts";
import { inert } from "../../../report/document/inert.ts";
import type { Command, CommandContext } from "../../command.ts";
import { valueReader, WHOLE } from "../../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../../options.ts";
import { writeOutput } from "../../terminal/output.ts";
import { apiKeyOf, SERVER_OPTIONS } from "./capture-options.ts";

const COMMAND = "triage probe";

const OPTIONS = {
  ...SERVER_OPTIONS,
  requests: {
    value: "N",
    group: "Load",
    help: `Requests to send, one after the other. Default: ${DEFAULT_PROBE_OPTIONS.requests}.`,
  },
  "output-len": {
    value: "N",
    group: "Load",
    help: `Tokens of each answer. Default: ${DEFAULT_PROBE_OPTIONS.outputTokens}.`,
  },
  timeout: {
    value: "SECONDS",
    group: "Load",
    help: `For one request. Default: ${DEFAULT_PROBE_OPTIONS.timeoutSeconds}.`,
  },
  format: { value: "FORMAT", short: "f", group: "Output", help: "text or json. Default: text." },
  output: { value: "FILE", short: "o", group: "Output", help: "Write to FILE." },
  "no-color": { value: null, group: "Other", help: "No colour." },
  help: { value: null, short: "h", group: "Other", help: "This page." },
} as const satisfies OptionSpecs;

/** Whether a server answers with text, and how fast. */
export const probe: Command = {
  help: () => ({
    usage: ["triage probe --url URL [options]"],
    summary:
      "Recognises a running server and sends a few small requests straight to it: does text come back, and how fast? Exits with 5 unless every request was answered with text.",
    options: OPTIONS,
    sections: [],
  }),
  run,
};

async function run(args: readonly string[], { signal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const read = valueReader(COMMAND);
  const url = given.text("url") ?? given.positionals[0];
  if (url === undefined) throw usage("no-url", "No server to probe: give its --url.", COMMAND);
  const count = (name: "requests" | "output-len" | "timeout", usual: number) =>
    read.number(name, given.text(name), { ...WHOLE, min: 1 }) ?? usual;
  const format = read.choice("format", given.text("format"), ["text", "json"] as const) ?? "text";
  const report = await probeServer(
    {
      url,
      framework: read.choice("framework", given.text("framework"), FRAMEWORKS),
      apiKey: apiKeyOf(given.text("api-key"), process.env),
      modelId: given.text("model-id"),
      requests: count("requests", DEFAULT_PROBE_OPTIONS.requests),
      outputTokens: count("output-len", DEFAULT_PROBE_OPTIONS.outputTokens),
      timeoutSeconds: count("timeout", DEFAULT_PROBE_OPTIONS.timeoutSeconds),
    },
    { signal },
  );
  const text = format === "json" ? `${JSON.stringify(report, null, 2)}\n` : inWords(report);
  await writeOutput(text, given.text("output"));
  return report.answered === report.requests ? EXIT.ok : EXIT.captureFailed;
}

function inWords(report: ProbeReport): string {
  const { latencyMs } = report;
  const rows: [string, string][] = [
    ["Server", `${report.url}, ${named(report.framework, report.version)} — ${report.evidence}`],
    ["Model", report.model ?? "unknown"],
    [
      "Answers",
      `${report.answered} of ${report.requests} with text, ${report.empty} empty, ${report.failed} failed`,
    ],
    [
      "Latency",
      latencyMs === null
        ? "none"
        : `median ${latencyMs.median} ms (${latencyMs.min}–${latencyMs.max} ms)`,
    ],
    ...report.samples.map(({ prompt, text }): [string, string] => [
      "Sample",
      `${prompt} → ${text}`,
    ]),
    ...report.errors.map((error): [string, string] => ["Error", error]),
  ];
  return rows.map(([label, text]) => `${label.padEnd(8)} ${inert(text)}\n`).join("");
}
