import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { Command } from "../command.ts";
import { type OptionSpecs, parseOptions } from "../options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { COMMON_OPTIONS } from "./rules-options.ts";

const OPTIONS = {
  stdio: {
    value: null,
    group: "Server",
    help: "Speak over standard input and output, as always; editors add it by habit.",
  },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** `.fuse` files in editors: speaks the Language Server Protocol over standard input and output. */
export const languageServer: Command = { help, run };

async function run(args: readonly string[]): Promise<ExitCode> {
  parseOptions(args, OPTIONS, "rules language-server");
  const { createConnection, StreamMessageReader, StreamMessageWriter } = await import(
    "vscode-languageserver/node.js"
  );
  const { serve } = await import("../../language-server/server.ts");
  const connection = createConnection(
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  );
  const ended = new Promise<void>((resolve) => {
    connection.onExit(() => resolve());
    process.stdin.once("end", () => resolve());
  });
  serve(connection);
  await ended;
  return EXIT.ok;
}

function help(): HelpPage {
  return {
    usage: ["rules language-server [--stdio]"],
    summary:
      "Serves .fuse files to an editor: what lint says, what a word means, where it is defined, what may come next, formatting, renaming, and a rule's tests at a click. The rules of a file are those of the folder it lies in.",
    options: OPTIONS,
    sections: [{ title: "Editors", lines: ["Visual Studio Code: editors/vscode/README.md"] }],
  };
}
