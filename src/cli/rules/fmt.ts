import { readSideText } from "../../base/files/side-file.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { EXIT, type ExitCode, TriageError } from "../../model/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { type OptionSpecs, parseOptions } from "../options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeOutput, writeStdout } from "../terminal/output.ts";
import { pretty } from "./formats/pretty.ts";
import { COMMON_OPTIONS, EXIT_LINES, FOLDER_OPTION, rulesFolder } from "./rules-options.ts";

const COMMAND = "rules fmt";

const OPTIONS = {
  rules: FOLDER_OPTION,
  check: {
    value: null,
    group: "Rules",
    help: "Change nothing; name the files that would change and exit with 1 when there are any.",
  },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** Rule files in their one format. */
export const fmt: Command = { help, run };

interface FormattedFile {
  readonly file: string;
  readonly text: string;
  /** Null when the text does not parse. */
  readonly formatted: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const texts =
    given.positionals.length > 0
      ? await Promise.all(given.positionals.map(readOne))
      : (await readAll(rulesFolder(given))).files;
  const files = await formatAll(texts);
  const changed = files.filter(({ formatted, text }) => formatted !== null && formatted !== text);
  const broken = files.filter(({ formatted }) => formatted === null);
  const isCheck = given.has("check");
  if (!isCheck) for (const { file, formatted } of changed) await writeOutput(formatted!, file);
  const said = isCheck ? "is not formatted" : "formatted";
  await writeStdout(changed.map(({ file }) => `${file} ${said}\n`).join(""));
  if (broken.length > 0) {
    const diagnostics = broken.flatMap((one) => one.diagnostics);
    const sources = new Map(broken.map(({ file, text }) => [file, text]));
    await writeStdout(pretty({ diagnostics, texts: sources }, terminal.colorOut));
  }
  return broken.length > 0 || (isCheck && changed.length > 0) ? EXIT.gateFailed : EXIT.ok;
}

async function readAll(root: string) {
  const { readRuleTexts } = await import("../../dsl/read-rule-texts.ts");
  return readRuleTexts(root);
}

async function readOne(file: string): Promise<{ file: string; text: string }> {
  try {
    return { file, text: readSideText(file) };
  } catch (cause) {
    throw new TriageError({
      code: "rules/unreadable",
      exit: EXIT.rulesInvalid,
      message: "The rule file cannot be read.",
      place: file,
      hint: "name .fuse files, or give none to format all",
      cause,
    });
  }
}

async function formatAll(
  texts: readonly { readonly file: string; readonly text: string }[],
): Promise<readonly FormattedFile[]> {
  const { parseFuse } = await import("../../dsl/parse/parse-file.ts");
  const { printFuse } = await import("../../dsl/format/index.ts");
  const { isWorkText, parseWork } = await import("../../dsl/work/parse.ts");
  const { formatWork } = await import("../../dsl/work/format.ts");
  return texts.map(({ file, text }) => {
    if (isWorkText(text)) {
      const { ast, diagnostics } = parseWork(text, file);
      return { file, text, formatted: ast.complete ? formatWork(text) : null, diagnostics };
    }
    const { ast, diagnostics } = parseFuse(text, file);
    return { file, text, formatted: ast.complete ? printFuse(ast, text) : null, diagnostics };
  });
}

function help(): HelpPage {
  return {
    usage: ["rules fmt [FILE …] [options]"],
    summary:
      "Writes rule files in their one format: sections in their order, two spaces of indent, comments where they belong. Prints the files it changed. A file that does not parse is reported and left as it is.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: ["rules fmt", "rules fmt --check", "rules fmt rules/fuse/sglang/my-rule.fuse"],
      },
      { title: "Exit codes", lines: EXIT_LINES },
    ],
  };
}
