import type { Program } from "../command.ts";
import type { OptionSpec } from "../options.ts";
import type { HelpPage } from "../terminal/help.ts";

/** An option as shells and manuals show it. */
export interface OptionRow {
  readonly name: string;
  readonly short: string | null;
  /** Placeholder of its value; null for a switch. */
  readonly value: string | null;
  /** All values there are; empty where any may do. */
  readonly choices: readonly string[];
  readonly multiple: boolean;
  readonly help: string;
  readonly group: string;
}

export interface CommandTable {
  readonly name: string;
  readonly summary: string;
  readonly page: HelpPage;
  /** Without those that only older habits know. */
  readonly options: readonly OptionRow[];
}

export interface ProgramTable {
  readonly name: string;
  /** The command meant when none is named. */
  readonly default: string | null;
  readonly commands: readonly CommandTable[];
}

/** What the help pages of a program are made from: the one source of completion and manuals. */
export async function tableOf(program: Program): Promise<ProgramTable> {
  const commands = await Promise.all(
    Object.entries(program.commands).map(async ([name, { summary, load }]) => {
      const page = (await load()).help(program);
      return { name, summary, page, options: rowsOf(page) };
    }),
  );
  return { name: program.name, default: program.default, commands };
}

function rowsOf({ options }: HelpPage): readonly OptionRow[] {
  return Object.entries<OptionSpec>(options)
    .filter(([, { hidden }]) => hidden !== true)
    .map(([name, { short = null, value, choices = [], multiple = false, help, group }]) => ({
      ...{ name, short, value, choices, multiple, help, group },
    }));
}

/** "--format", "-f". */
export const spellings = ({ name, short }: OptionRow): readonly string[] => [
  `--${name}`,
  ...(short === null ? [] : [`-${short}`]),
];

/** The first sentence: a line of a list has no room for more. */
export const firstSentence = (help: string): string => /^.*?\.(?= |$)/s.exec(help)?.[0] ?? help;
