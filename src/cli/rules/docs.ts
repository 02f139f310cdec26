import { join } from "node:path";
import { readSideTextIfAny } from "../../base/files/side-file.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { inert } from "../../report/document/inert.ts";
import type { Command } from "../command.ts";
import { type OptionSpecs, parseOptions } from "../options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeOutput, writeStdout } from "../terminal/output.ts";
import { COMMON_OPTIONS, EXIT_LINES, FOLDER_OPTION, rulesFolder } from "./rules-options.ts";

const OPTIONS = {
  rules: FOLDER_OPTION,
  output: {
    value: "DIR",
    short: "o",
    group: "Output",
    help: "Folder of the catalogues. Default: references/ beside the rules.",
  },
  check: {
    value: null,
    group: "Output",
    help: "Write nothing; name the catalogues that are out of date and exit with 1 when there are any.",
  },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** The catalogues, made from the rules. */
export const docs: Command = { help, run };

async function run(args: readonly string[]): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, "rules docs");
  const root = rulesFolder(given);
  const folder = given.text("output") ?? join(root, "../references");
  const { loadRules } = await import("../../dsl/load-rules.ts");
  const { checkContext } = await import("../../dsl/checks/check.ts");
  const { cataloguesOf } = await import("../../dsl/docs/catalogue.ts");
  const { workCatalogue } = await import("../../dsl/docs/work-catalogue.ts");
  const loaded = await loadRules(root);
  const { rules } = checkContext(loaded, null, null);
  let stale = 0;
  const catalogues = [
    ...cataloguesOf(rules, loaded.lock),
    workCatalogue(loaded.works, loaded.ruleSet.works),
  ];
  for (const { file, text } of catalogues) {
    const path = join(folder, file);
    const before = readSideTextIfAny(path);
    if (before?.replaceAll("\r\n", "\n") === text) continue;
    stale++;
    if (!given.has("check")) await writeOutput(text, path);
    const said = given.has("check") ? "is out of date: run `rules docs`" : "written";
    await writeStdout(`${inert(path)} ${said}\n`);
  }
  return given.has("check") && stale > 0 ? EXIT.gateFailed : EXIT.ok;
}

function help(): HelpPage {
  return {
    usage: ["rules docs [options]"],
    summary:
      "Writes fuse-overlap-catalog.md and overlap-catalog.md from the rules: mainline first, then what is in flight, by origin, each rule with its patterns, guards, sources as links and switch; and work-models.md from the work models, by library. What cannot run is left out.",
    options: OPTIONS,
    sections: [
      { title: "Examples", lines: ["rules docs", "rules docs --check"] },
      { title: "Exit codes", lines: EXIT_LINES },
    ],
  };
}
