import type { ExitCode } from "../model/errors.ts";
import type { HelpPage } from "./terminal/help.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** What a command gets besides its arguments. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C and its like where something must be tidied up; elsewhere the system ends the process. */
  readonly signal: AbortSignal;
  /** Work that leaves something behind unless it is told of Ctrl-C: a recording server, a process of its own. */
  tidying<T>(work: () => Promise<T>): Promise<T>;
}

export interface Command {
  /** The page behind `--help`; the default command's also lists the program's others. */
  help(program: Program): HelpPage;
  run(args: readonly string[], context: CommandContext): Promise<ExitCode>;
}

/** One line of a program's table of subcommands; loaded only when it is called. */
interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}

/** A program: its subcommands by name, and the one meant when no name is given (null = none). */
export interface Program {
  readonly name: string;
  readonly commands: Readonly<Record<string, CommandEntry>>;
  readonly default: string | null;
}

/** "  diff   compare two traces" for every subcommand. */
export function commandLines({ commands }: Program): readonly string[] {
  const width = Math.max(...Object.keys(commands).map((name) => name.length)) + 2;
  return Object.entries(commands).map(([name, { summary }]) => name.padEnd(width) + summary);
}

/** Help of a program that does nothing without a subcommand. */
export function programHelp(program: Program): string {
  return [
    `Usage\n  ${program.name} COMMAND [options]`,
    `Commands\n${commandLines(program)
      .map((line) => `  ${line}`)
      .join("\n")}`,
    `${program.name} COMMAND --help tells more.\n`,
  ].join("\n\n");
}
