import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EXIT, type ExitCode, TriageError } from "../../model/errors.ts";
import { inert } from "../../report/document/inert.ts";
import type { Command } from "../command.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeOutput, writeStdout } from "../terminal/output.ts";
import { COMMON_OPTIONS, FOLDER_OPTION, rulesFolder } from "./rules-options.ts";

const COMMAND = "rules new";
const FOLDERS = ["fuse", "overlap", "work"] as const;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const OPTIONS = {
  rules: FOLDER_OPTION,
  origin: {
    value: "NAME",
    group: "Rule",
    help: "Where the fused path lives: sglang, vllm, trtllm, tokenspeed, flashinfer, … Also its folder, and its name in the source lock.",
  },
  title: { value: "TEXT", group: "Rule", help: "What becomes one kernel, in a few words." },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** A new rule file to fill in. */
export const newRule: Command = { help, run };

async function run(args: readonly string[]): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const [folderText, id, ...rest] = given.positionals;
  const origin = given.text("origin");
  if (folderText === undefined || id === undefined || rest.length > 0)
    throw usage("no-rule", "Which rule? rules new fuse my-rule --origin sglang", COMMAND);
  const folder = valueReader(`${COMMAND} FOLDER`).choice("", folderText, FOLDERS)!;
  for (const [what, text] of [
    ["rule id", id],
    ["--origin", origin ?? ""],
  ] as const)
    if (!KEBAB.test(text))
      throw usage(
        "bad-value",
        `The ${what} ${JSON.stringify(text)} is not written like-this.`,
        COMMAND,
      );
  const file = join(rulesFolder(given), folder, origin!, `${id}.fuse`);
  if (existsSync(file))
    throw new TriageError({
      code: "rules/exists",
      exit: EXIT.usage,
      message: "There is a rule of that name already.",
      place: file,
      hint: "choose another id, or edit that file",
    });
  await mkdir(dirname(file), { recursive: true });
  await writeOutput(await scaffold(folder, id, origin!, given.text("title")), file);
  await writeStdout(
    `${inert(file)} written\nFill in what says TODO, then: rules lint ${id} && rules test ${id}\n`,
  );
  return EXIT.ok;
}

async function scaffold(
  folder: (typeof FOLDERS)[number],
  id: string,
  origin: string,
  title: string | null,
): Promise<string> {
  if (folder === "work") {
    const { scaffoldWork } = await import("../../dsl/work/scaffold.ts");
    return scaffoldWork({ id, library: origin, title });
  }
  const { scaffoldRule } = await import("../../dsl/scaffold.ts");
  return scaffoldRule({ kind: folder === "fuse" ? "fusion" : "overlap", id, origin, title });
}

function help(): HelpPage {
  return {
    usage: ["rules new fuse|overlap|work ID --origin NAME [options]"],
    summary:
      "Writes a rule file with everything a rule needs. It parses and its tests pass; what is to be filled in says TODO, and lint reports just that.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "rules new fuse add-rmsnorm-quant --origin vllm",
          "rules new work my-op --origin sglang",
          'rules new overlap a2a-under-gemm --origin sglang --title "All-to-all under the shared expert"',
        ],
      },
      {
        title: "Exit codes",
        lines: ["0    the file was written", "2    wrong usage, or the file exists"],
      },
    ],
  };
}
