import { EXIT, type ExitCode } from "../../model/errors.ts";
import { FORMAT_NAMES } from "../../report/document/formats.ts";
import { inertJson } from "../../report/document/inert.ts";
import { FLEET_FORMATS } from "../../report/fleet/document.ts";
import type { Command, CommandContext } from "../command.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { isStdout, writeOutput } from "../terminal/output.ts";
import { maxBytesOf, TRIAGE_OPTIONS } from "./triage-options.ts";

const COMMAND = "triage fleet";

const OPTIONS = {
  sql: {
    value: "QUERY",
    group: "Asking",
    help: "Answer this query over the table rows instead, as JSON: every digest's rows, with file and build. See docs/digests.md for the columns.",
  },
  format: {
    ...TRIAGE_OPTIONS.format,
    choices: FORMAT_NAMES,
    help: `${FORMAT_NAMES.join(", ")}. Default: text.`,
  },
  "max-tokens": TRIAGE_OPTIONS["max-tokens"],
  output: TRIAGE_OPTIONS.output,
  "no-color": TRIAGE_OPTIONS["no-color"],
  help: TRIAGE_OPTIONS.help,
} as const satisfies OptionSpecs;

/** Many digests asked together. */
export const fleet: Command = {
  help: () => ({
    usage: ["triage fleet DIR [options]"],
    summary:
      "Asks all digests of a folder together: which rules flipped between builds, which kernels got slower beyond noise, which model on which GPU leaves most on the table. A build is what triage digest --build said, else the first folder below DIR. Needs DuckDB: npm install @duckdb/node-api, or pip install duckdb-cli.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "triage fleet digests/",
          "triage fleet digests/ --format html --output fleet.html",
          "triage fleet digests/ --sql \"SELECT model, sum(total_us) FROM rows WHERE part = 'kernel' GROUP BY ALL\"",
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    the answer was printed",
          "2    wrong usage, no DuckDB, or the output cannot be written",
          "3    there is no whole digest, or one is damaged (the answer without it was printed)",
        ],
      },
    ],
  }),
  run,
};

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const [folder, ...more] = given.positionals;
  if (folder === undefined || more.length > 0)
    throw usage("one-folder", "Name the folder that holds the digests.", COMMAND);
  const format =
    valueReader(COMMAND).choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  const maxBytes = maxBytesOf(given, format, COMMAND);
  const output = given.text("output");
  const sql = given.text("sql");
  const { askFleet, fleetOf } = await import("../../commands/fleet.ts");
  if (sql !== null) {
    const rows = await askFleet(folder, sql);
    await writeOutput(`${inertJson(JSON.stringify(rows, null, 2))}\n`, output);
    return EXIT.ok;
  }
  const report = await fleetOf(folder);
  const text = FLEET_FORMATS[format](report, {
    width: terminal.width,
    color: terminal.colorOut && isStdout(output),
    maxBytes,
  });
  await writeOutput(text, output);
  return report.damaged.length > 0 ? EXIT.unreadable : EXIT.ok;
}
