import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "../../base/files/package-files.ts";
import { nearestWord } from "../../base/nearest.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { usage } from "../options.ts";
import { writeStdout } from "../terminal/output.ts";

const COMMAND = "triage example";

/** Two traces that lend each other what they lack: the only example that is no folder of one run. */
const MAPPING = "mapping-formal";

/** A report of a trace that comes with the package, for who has none at hand. */
export const example: Command = {
  help: () => ({
    usage: ["triage example", "triage example NAME [options of triage]"],
    summary:
      "Triages a trace that comes with the package: NAME is one of those listed without a name. The traces are synthesised; their durations are made up.",
    options: {},
    sections: [
      {
        title: "Examples",
        lines: [
          "triage example sglang-tp2-decode",
          "triage example vllm-eager --stage decode --format html --output report.html",
        ],
      },
    ],
  }),
  run,
};

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  // Only the first word is a name: later ones may be values of options.
  const [name, ...options] = args;
  const root = fileURLToPath(packageFile("examples"));
  const names = readdirSync(root).filter((one) => statSync(join(root, one)).isDirectory());
  if (name === undefined) {
    await writeStdout(`${names.map((one) => `triage example ${one}`).join("\n")}\n`);
    return EXIT.ok;
  }
  if (!names.includes(name)) {
    const near = nearestWord(name, names);
    const meant = near === null ? "" : ` Did you mean ${near}?`;
    throw usage(
      "no-such-example",
      `No example ${JSON.stringify(name)}; there are ${names.join(", ")}.${meant}`,
      COMMAND,
    );
  }
  const folder = join(root, name);
  const traces =
    name === MAPPING
      ? [join(folder, "formal"), "--mapping-input", join(folder, "mapping")]
      : [folder];
  const { triageTraces } = await import("./triage.ts");
  return triageTraces.run([...options, ...traces], context);
}
