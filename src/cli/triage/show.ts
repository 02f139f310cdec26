import { EXIT, type ExitCode } from "../../model/errors.ts";
import { FORMAT_NAMES } from "../../report/document/formats.ts";
import type { Command, CommandContext } from "../command.ts";
import { readInputText } from "../input-text.ts";
import { keepInputs } from "../keep-inputs.ts";
import { valueReader, WHOLE } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { isStdout, writeOutput } from "../terminal/output.ts";
import { maxBytesOf, TRIAGE_OPTIONS } from "./triage-options.ts";

const COMMAND = "triage show";

const OPTIONS = {
  "by-shape": TRIAGE_OPTIONS["by-shape"],
  sort: TRIAGE_OPTIONS.sort,
  format: {
    ...TRIAGE_OPTIONS.format,
    choices: FORMAT_NAMES,
    help: `${FORMAT_NAMES.join(", ")}. Default: text.`,
  },
  "max-tokens": TRIAGE_OPTIONS["max-tokens"],
  output: TRIAGE_OPTIONS.output,
  "kernel-table-limit": TRIAGE_OPTIONS["kernel-table-limit"],
  "overlap-table-limit": TRIAGE_OPTIONS["overlap-table-limit"],
  "fuse-table-limit": TRIAGE_OPTIONS["fuse-table-limit"],
  "no-color": TRIAGE_OPTIONS["no-color"],
  help: TRIAGE_OPTIONS.help,
} as const satisfies OptionSpecs;

/** A stored report, comparison or explanation in another format. */
export const show: Command = {
  help: () => ({
    usage: ["triage show REPORT.json [options]", "triage show - [options]"],
    summary:
      "Prints what triage, diff, ranks or explain stored with --format json, in any format, without its traces. A - reads standard input.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "triage show report.json",
          "triage show report.json --format html --output report.html",
          "triage diff before/ after/ -f json | tee diff.json | triage show -",
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    the document was printed",
          "2    wrong usage, or the output cannot be written",
          "3    the file cannot be read, or is no document of this version",
        ],
      },
    ],
  }),
  run,
};

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const [path, ...more] = given.positionals;
  if (path === undefined || more.length > 0)
    throw usage("one-report", "Name one stored report.", COMMAND);
  const read = valueReader(COMMAND);
  const limit = (name: keyof typeof OPTIONS): number | null =>
    read.number(name, given.text(name), WHOLE);
  const format = read.choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  const maxBytes = maxBytesOf(given, format, COMMAND);
  const output = given.text("output");
  const options = {
    width: terminal.width,
    color: terminal.colorOut && isStdout(output),
    maxBytes,
    limits: {
      kernels: limit("kernel-table-limit"),
      overlap: limit("overlap-table-limit"),
      fuse: limit("fuse-table-limit"),
    },
    nearMisses: [],
    order: read.choice("sort", given.text("sort"), ["time", "headroom"]) ?? "time",
    byShape: given.has("by-shape"),
  } as const;
  keepInputs(output, [path]);
  const text = await readInputText(path, COMMAND);
  const { showStored } = await import("../../commands/show.ts");
  await writeOutput(showStored(text, path, format, options), output);
  return EXIT.ok;
}
