import { join } from "node:path";
import type { CaptureOptions } from "../../../capture/capture-options.ts";
import type { ExitCode } from "../../../model/errors.ts";
import type { CommandContext } from "../../command.ts";
import { type GivenOptions, type OptionSpecs, parseOptions, usage } from "../../options.ts";
import { COMMAND, TRIAGE_OPTIONS } from "../triage-options.ts";
import { captureFresh, tellCapture } from "./capture.ts";
import { CAPTURE_OPTIONS, readCaptureFlags } from "./capture-options.ts";

/** Two servers of one model: one without graphs lends its sites to the other. */
const PAIR_OPTIONS = {
  "mapping-url": {
    value: "URL",
    group: "Live server",
    help: "Server without graphs, captured first to lend its Python sites; with --formal-url.",
  },
  "formal-url": {
    value: "URL",
    group: "Live server",
    help: "Server as it serves, captured second.",
  },
  "mapping-output-dir": {
    value: "DIR",
    group: "Live server",
    help: "Folder for the first run. Default: mapping, in --output-dir.",
  },
  "formal-output-dir": {
    value: "DIR",
    group: "Live server",
    help: "Folder for the second run. Default: formal, in --output-dir.",
  },
  "mapping-trace-dir": {
    value: "DIR",
    group: "Live server",
    help: "As --trace-dir, for the server of --mapping-url.",
  },
  "formal-trace-dir": {
    value: "DIR",
    group: "Live server",
    help: "As --trace-dir, for the server of --formal-url.",
  },
} as const satisfies OptionSpecs;

const LIVE_OPTIONS = { ...CAPTURE_OPTIONS, ...PAIR_OPTIONS } as const;
const ALL_OPTIONS = { ...TRIAGE_OPTIONS, ...LIVE_OPTIONS } as const;
/**
 * Captures from a server, or from a mapping and a formal one, and triages what was captured.
 *
 * @param triage what to do with the arguments once traces stand in the place of servers
 * @returns the triage's exit code, or 5 when it is 0 and a stage has fewer steps than asked
 */
export async function triageLive(
  args: readonly string[],
  context: CommandContext,
  triage: (args: readonly string[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  const given = parseOptions(args, ALL_OPTIONS, COMMAND);
  if (given.positionals.length > 0 || given.has("input"))
    throw usage("traces-and-server", "Name traces or a server, not both.", COMMAND);
  const runs = runsOf(given);
  let exit: ExitCode = 0;
  for (const { options } of runs) {
    const result = await captureFresh(options, context);
    const told = tellCapture(result, context.terminal, given.has("allow-fewer-steps"));
    exit = exit === 0 ? told : exit;
  }
  const triaged = await triage([
    ...triageArgs(given),
    ...runs.flatMap(({ role, options }) => [...role, options.output]),
  ]);
  return triaged === 0 ? exit : triaged;
}

type Given = GivenOptions<typeof ALL_OPTIONS>;

/** The captures to make, and how triage is told of each. */
function runsOf(given: Given): { role: readonly string[]; options: CaptureOptions }[] {
  const [mapping, formal] = [given.text("mapping-url"), given.text("formal-url")];
  if (mapping === null && formal === null)
    return [{ role: [], options: readCaptureFlags(given, COMMAND, process.env) }];
  if (mapping === null || formal === null || given.has("url"))
    throw usage(
      "half-pair",
      "--mapping-url and --formal-url come together, and without --url.",
      COMMAND,
    );
  const pair = (url: string, role: "mapping" | "formal") => {
    const withUrl = { ...given, text: textWith(given, "url", url) };
    const options = readCaptureFlags(withUrl, COMMAND, process.env);
    return {
      role: [`--${role}-input`],
      options: {
        ...options,
        output: given.text(`${role}-output-dir`) ?? join(options.output, role),
        serverOutput: options.serverOutput === null ? null : join(options.serverOutput, role),
        traceDir: given.text(`${role}-trace-dir`),
      },
    };
  };
  return [pair(mapping, "mapping"), pair(formal, "formal")];
}

function textWith(given: Given, name: string, value: string): Given["text"] {
  return (asked) => (asked === name ? value : given.text(asked));
}

/** The options that triage itself knows, as arguments again. */
function triageArgs(given: Given): string[] {
  return Object.entries<OptionSpecs[string]>(TRIAGE_OPTIONS).flatMap(([name, { value }]) => {
    const known = name as keyof typeof TRIAGE_OPTIONS;
    if (value === null) return given.has(known) ? [`--${name}`] : [];
    return given.all(known).map((text) => `--${name}=${text}`);
  });
}
