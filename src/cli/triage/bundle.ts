import { join } from "node:path";
import { findReports } from "../../capture/bundle/find-reports.ts";
import { renderBundle } from "../../capture/bundle/index.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { Command } from "../command.ts";
import { keepInputs } from "../keep-inputs.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { writeOutput } from "../terminal/output.ts";

const COMMAND = "triage bundle";
const TITLE = "Kernel triage by model";

const OPTIONS = {
  "analysis-root": {
    value: "DIR",
    multiple: true,
    group: "Reports",
    help: "Take every analysis*.md and analysis*.txt below DIR; its folder names the model.",
  },
  "analysis-file": {
    value: "[LABEL=]FILE",
    multiple: true,
    group: "Reports",
    help: "Take this report, under LABEL or its folder's name.",
  },
  title: { value: "TEXT", group: "Document", help: `Its title. Default: ${TITLE}.` },
  "no-contents": {
    value: null,
    aliases: ["no-include-toc"],
    group: "Document",
    help: "Without a list of contents.",
  },
  date: {
    value: "TEXT",
    group: "Document",
    help: "Print TEXT as the date. Without it equal reports give equal bundles.",
  },
  output: { value: "FILE", short: "o", group: "Document", help: "Write to FILE." },
  "no-color": { value: null, group: "Other", help: "No colour." },
  help: { value: null, short: "h", group: "Other", help: "This page." },
} as const satisfies OptionSpecs;

/** One Markdown document of many reports. */
export const bundle: Command = {
  help: () => ({
    usage: ["triage bundle --analysis-root DIR [--output FILE]"],
    summary:
      "Makes one Markdown document of saved reports: a section per model, in it one per framework, and what is missing. Links work on GitHub.",
    options: OPTIONS,
    sections: [],
  }),
  run,
};

async function run(args: readonly string[]): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const roots = [...given.all("analysis-root"), ...given.positionals];
  const files = given.all("analysis-file");
  if (roots.length + files.length === 0)
    throw usage("no-reports", "No reports: give --analysis-root or --analysis-file.", COMMAND);
  const { reports, missing } = await findReports(roots, files);
  const text = renderBundle(reports, {
    title: given.text("title") ?? TITLE,
    contents: !given.has("no-contents"),
    date: given.text("date"),
    missing,
  });
  const read = reports.flatMap(({ source }) => [
    source,
    ...roots.map((root) => join(root, source)),
  ]);
  keepInputs(given.text("output"), read);
  await writeOutput(text, given.text("output"));
  return EXIT.ok;
}
