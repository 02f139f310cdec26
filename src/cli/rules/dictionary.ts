import type { DictionaryAnswer } from "../../commands/rules/dictionary.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../model/options.ts";
import { inert, inertJson } from "../../report/document/inert.ts";
import type { Command, CommandContext } from "../command.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeStdout } from "../terminal/output.ts";
import { watched } from "../terminal/progress.ts";
import { CHECKOUT_OPTION, checkoutsOf } from "./checkout-option.ts";
import { COMMON_OPTIONS, FOLDER_OPTION, rulesFolder } from "./rules-options.ts";

const COMMAND = "rules dictionary";
const FORMATS = ["text", "json"] as const;

const OPTIONS = {
  rules: FOLDER_OPTION,
  like: {
    value: "GLOB",
    multiple: true,
    group: "Kernels",
    help: 'Only kernels whose name fits, such as "*rope*". May be given several times.',
  },
  checkout: {
    ...CHECKOUT_OPTION,
    help: "Instead of traces: kernels that the files in DIR declare, under the names that a profiler prints; DIR is a checkout, or what a wheel unpacks to. With --like. May be given several times.",
  },
  check: { value: null, group: "Kernels", help: "Show what would be added, and write nothing." },
  format: { value: "FORMAT", short: "f", group: "Output", help: "text, json. Default: text." },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** How a kernel's name gets into the dictionary: from a trace, or from the source that declares it. */
export const dictionary: Command = { help, run };

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const format = valueReader(COMMAND).choice("format", given.text("format"), FORMATS) ?? "text";
  const [verb, ...inputs] = given.positionals;
  if (verb !== "add")
    throw usage("no-verb", "What is to be done? rules dictionary add TRACE…", COMMAND);
  const trees = given.all("checkout");
  const checkouts = trees.length === 0 ? new Map<string, string>() : checkoutsOf(trees, COMMAND);
  const like = given.all("like");
  if ((inputs.length === 0) === (checkouts.size === 0))
    throw usage(
      "no-trace",
      "From which trace, or which source tree? rules dictionary add TRACE…, or --checkout NAME=DIR",
      COMMAND,
    );
  if (checkouts.size > 0 && like.length === 0)
    throw usage(
      "no-like",
      "A source tree declares hundreds of kernels: say which by --like GLOB",
      COMMAND,
    );
  const { terminal, signal } = context;
  const answer = await watched(terminal, async (onProgress) => {
    const { addDeclared, addToDictionary } = await import("../../commands/rules/dictionary.ts");
    const rulesPath = rulesFolder(given);
    const write = !given.has("check");
    if (checkouts.size > 0) return addDeclared(rulesPath, checkouts, like, write);
    const options = { ...DEFAULT_ANALYZE_OPTIONS, inputs, rulesPath, onProgress, signal };
    return addToDictionary(options, like, write);
  });
  const json = () => inertJson(`${JSON.stringify({ schemaVersion: 1, ...answer }, null, 2)}\n`);
  await writeStdout(format === "json" ? json() : asText(answer, given.has("check")));
  return EXIT.ok;
}

function asText({ file, added, known }: DictionaryAnswer, isCheck: boolean): string {
  const rows = added.map(
    ({ name, category, vendor, library, origin }) =>
      `${inert(name)}\n  ${[category, vendor, library, origin].filter((part) => part !== "").join(", ")}\n`,
  );
  const verb = isCheck ? "would be added to" : "added to";
  return `${rows.join("")}${added.length} ${added.length === 1 ? "kernel" : "kernels"} ${verb} ${file}, ${known} were known\n`;
}

function help(): HelpPage {
  return {
    usage: [
      "rules dictionary add TRACE… [options]",
      "rules dictionary add --checkout NAME=DIR --like GLOB [options]",
    ],
    summary:
      "Puts kernels of traces into the kernel dictionary, which lint holds the names of classes and tests against: those whose function no known kernel has. Category and library are the vocabulary's, the vendor is that of the trace's GPU. What no trace has run yet is named by the source that declares it. Look at the diff before you commit it.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "rules dictionary add profile/TP-0.trace.json.gz --check",
          'rules dictionary add profile/ --like "*rope*"',
          'rules dictionary add --checkout vllm=../vllm --like "*relu_squared*"',
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    added, or nothing is new",
          "2    wrong usage",
          "3    the trace cannot be read or is none",
          "4    the rules are not valid, or there is no dictionary",
        ],
      },
    ],
  };
}
