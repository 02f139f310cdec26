import { existsSync } from "node:fs";
import { signalsHeard } from "../../base/files/temporaries.ts";
import { nearestWord } from "../../base/nearest.ts";
import { toolVersion } from "../../base/version.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { type Program, programHelp } from "../command.ts";
import { usage } from "../options.ts";
import { helpText } from "../terminal/help.ts";
import { writeStdout } from "../terminal/output.ts";
import { quietRunner } from "../terminal/runner-text.ts";
import { errorFor, openTerminal } from "../terminal/terminal.ts";
import { type Interrupt, onInterrupt } from "./interrupt.ts";

/**
 * Runs a program's command line to its end: picks the subcommand, answers --help and --version,
 * prints errors, and leaves the exit code in `process.exitCode`.
 */
export async function runProgram(program: Program, argv: readonly string[]): Promise<void> {
  // Writers learn of closed pipes by their own callbacks; without a listener Node would throw.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const noColor = argv.includes("--no-color");
  const interrupt = onInterrupt();
  // Node itself would end with 1, which is what a failed gate ends with.
  process.on("uncaughtException", (error) => process.exit(explain(error, noColor)));
  quietRunner(process.stderr, process.env);
  try {
    const exit = await dispatch(program, argv, noColor, interrupt);
    process.exitCode = interrupt.signal.aborted ? EXIT.interrupted : exit;
  } catch (error) {
    process.exitCode = interrupt.signal.aborted ? EXIT.interrupted : explain(error, noColor);
  } finally {
    interrupt.dispose();
  }
}

async function dispatch(
  program: Program,
  argv: readonly string[],
  noColor: boolean,
  interrupt: Interrupt,
): Promise<ExitCode> {
  const options = beforeDashes(argv);
  if (options.includes("--version") || options.includes("-V")) {
    const { name: tool, version } = toolVersion();
    await writeStdout(`${tool} ${version}\n`);
    return EXIT.ok;
  }
  const terminal = openTerminal(noColor);
  const wantsHelp = options.includes("--help") || options.includes("-h");
  if (wantsHelp && program.default === null && argv[0]!.startsWith("-")) {
    await writeStdout(programHelp(program));
    return EXIT.ok;
  }
  const { name, args } = commandOf(program, argv);
  const command = await program.commands[name]!.load();
  if (wantsHelp) {
    await writeStdout(helpText(command.help(program), terminal.width, terminal.colorOut));
    return EXIT.ok;
  }
  const { signal } = interrupt;
  const tidying = async <T>(work: () => Promise<T>): Promise<T> => {
    const release = interrupt.hold();
    try {
      return await work();
    } finally {
      await signalsHeard();
      release();
    }
  };
  return command.run(args, { terminal, signal, tidying });
}

function commandOf(
  program: Program,
  argv: readonly string[],
): { readonly name: string; readonly args: readonly string[] } {
  const [first] = argv;
  if (first !== undefined && Object.hasOwn(program.commands, first))
    return { name: first, args: argv.slice(1) };
  const isOption = first === undefined || first.startsWith("-");
  const near =
    isOption || existsSync(first) ? null : nearestWord(first, Object.keys(program.commands));
  if (near !== null)
    throw usage(
      "unknown-command",
      `No command or file ${JSON.stringify(first)}. Did you mean ${near}?`,
      program.name,
    );
  if (program.default !== null) return { name: program.default, args: argv };
  throw usage(
    "unknown-command",
    first === undefined
      ? `Which command? One of ${Object.keys(program.commands).join(", ")}.`
      : `No command ${JSON.stringify(first)}; there are ${Object.keys(program.commands).join(", ")}.`,
    program.name,
  );
}

function beforeDashes(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end < 0 ? args : args.slice(0, end);
}

function explain(error: unknown, noColor: boolean): ExitCode {
  const { text, exit } = errorFor(openTerminal(noColor), error);
  process.stderr.write(`${text}\n`);
  return exit;
}
