import type { Program } from "../../../src/cli/command.ts";
import { RULES } from "../../../src/cli/rules/program.ts";
import { describeError } from "../../../src/cli/terminal/terminal.ts";
import { TRIAGE } from "../../../src/cli/triage/program.ts";

export interface Ending {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const PROGRAMS: Readonly<Record<"triage" | "rules", Program>> = { triage: TRIAGE, rules: RULES };
const TERMINAL = {
  width: 100,
  colorOut: false,
  colorErr: false,
  isWatched: false,
  errorsAsJson: false,
};

/** A command in this process, as `triage` or `rules` would run it: thousands of cases need no start. */
export async function runHere(
  program: "triage" | "rules",
  name: string,
  args: readonly string[],
): Promise<Ending> {
  const [out, err] = [caught(process.stdout), caught(process.stderr)];
  let code: number;
  let last = "";
  try {
    const command = await PROGRAMS[program].commands[name]!.load();
    code = await command.run(args, {
      terminal: TERMINAL,
      signal: new AbortController().signal,
      tidying: (work) => work(),
    });
  } catch (error) {
    const { text, exit } = describeError(error, false);
    code = exit;
    last = text;
  } finally {
    out.release();
    err.release();
  }
  return { code, out: out.text(), err: err.text() + last };
}

function caught(stream: NodeJS.WriteStream): { text(): string; release(): void } {
  const parts: string[] = [];
  const { write } = stream;
  stream.write = ((part: string | Uint8Array, ...rest: unknown[]) => {
    parts.push(String(part));
    const done = rest.at(-1);
    if (typeof done === "function") done(null);
    return true;
  }) as typeof stream.write;
  return {
    text: () => parts.join(""),
    release: () => {
      stream.write = write;
    },
  };
}
