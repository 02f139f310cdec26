import { mkdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { machineClock } from "../../../capture/net/clock.ts";
import { type WatchedTrace, watchFolder } from "../../../capture/watch-folder.ts";
import { isCaptureFolder, isFrontEnd, mayBeTrace } from "../../../ingest/files/trace-names.ts";
import { EXIT, type ExitCode, TriageError } from "../../../model/errors.ts";
import { FORMAT_NAMES, type FormatName } from "../../../report/document/formats.ts";
import { inert } from "../../../report/document/inert.ts";
import type { Command, CommandContext } from "../../command.ts";
import { valueReader, WHOLE } from "../../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../../options.ts";
import { RULE_OPTIONS } from "../../settings/rule-options.ts";
import type { HelpPage } from "../../terminal/help.ts";
import { writeStdout } from "../../terminal/output.ts";
import { errorFor, type Terminal } from "../../terminal/terminal.ts";
import { triageTraces } from "../triage.ts";
import { TRIAGE_OPTIONS } from "../triage-options.ts";

const COMMAND = "triage watch";
const DEFAULT_INTERVAL = 2;

/** Of triage's options those that make sense for a trace nobody has seen yet. */
const PASSED_ON = {
  device: TRIAGE_OPTIONS.device,
  stage: TRIAGE_OPTIONS.stage,
  framework: TRIAGE_OPTIONS.framework,
  model: TRIAGE_OPTIONS.model,
  tp: TRIAGE_OPTIONS.tp,
  gpu: TRIAGE_OPTIONS.gpu,
  ...RULE_OPTIONS,
  "fail-on": TRIAGE_OPTIONS["fail-on"],
  format: {
    ...TRIAGE_OPTIONS.format,
    choices: FORMAT_NAMES,
    help: `${FORMAT_NAMES.join(", ")}. Default: text.`,
  },
  "min-share": TRIAGE_OPTIONS["min-share"],
  "max-bytes": TRIAGE_OPTIONS["max-bytes"],
  "no-color": TRIAGE_OPTIONS["no-color"],
  force: TRIAGE_OPTIONS.force,
} as const satisfies OptionSpecs;

const OPTIONS = {
  "output-dir": {
    value: "DIR",
    short: "o",
    group: "Watching",
    help: "Write each report to DIR, under the trace's name, instead of standard output.",
  },
  existing: {
    value: null,
    group: "Watching",
    help: "Also the traces that are there at the start.",
  },
  interval: {
    value: "SECONDS",
    group: "Watching",
    help: `Time between two looks. Default: ${DEFAULT_INTERVAL}.`,
  },
  count: { value: "N", group: "Watching", help: "End after N traces." },
  idle: { value: "SECONDS", group: "Watching", help: "End when nothing moved for so long." },
  ...PASSED_ON,
  help: TRIAGE_OPTIONS.help,
} as const satisfies OptionSpecs;

const ENDINGS: Readonly<Record<FormatName, string>> = {
  text: "txt",
  markdown: "md",
  json: "json",
  html: "html",
  brief: "txt",
};

/** A report for each trace that a profiler completes in a folder. */
export const watch: Command = { help, run };

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const [folder, ...more] = given.positionals;
  if (folder === undefined || more.length > 0)
    throw usage("one-folder", "Name the folder that the profiler writes to.", COMMAND);
  const read = valueReader(COMMAND);
  const seconds = { min: 0, max: 86_400, isWhole: false };
  const format = read.choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  const interval = read.number("interval", given.text("interval"), { ...seconds, min: 0.05 });
  const idle = read.number("idle", given.text("idle"), seconds);
  const count = read.number("count", given.text("count"), { ...WHOLE, min: 1 });
  const outputs = given.text("output-dir");
  if (format === "html" && outputs === null)
    throw usage("page-on-terminal", "A page is for a browser: add --output-dir DIR.", COMMAND);
  await needFolder(folder);
  if (outputs !== null) await mkdir(outputs, { recursive: true });
  const options = passedOn(given);
  let worst: ExitCode = EXIT.ok;
  let done = 0;
  const traces = watchFolder({
    folder,
    accept: isWatched,
    existing: given.has("existing"),
    pollMs: (interval ?? DEFAULT_INTERVAL) * 1000,
    idleMs: idle === null ? null : idle * 1000,
    clock: machineClock(),
    signal: context.signal,
  });
  for await (const trace of traces) {
    const exit = await reportOn(trace, { outputs, format, options }, context);
    if (exit !== EXIT.ok) worst = exit;
    done++;
    if (done === count) break;
  }
  return worst;
}

function isWatched(relative: string): boolean {
  const folders = relative.split("/");
  const name = folders.pop()!;
  // Captures are read with the trace that needs them; what starts with a dot is not there yet.
  const isHidden = [...folders, name].some((one) => one.startsWith("."));
  return !isHidden && mayBeTrace(name) && !isFrontEnd(name) && !folders.some(isCaptureFolder);
}

interface Reporting {
  readonly outputs: string | null;
  readonly format: FormatName;
  readonly options: readonly string[];
}

/** One trace that cannot be used does not end the watch. */
async function reportOn(
  { path, relative, verdict }: WatchedTrace,
  { outputs, format, options }: Reporting,
  context: CommandContext,
): Promise<ExitCode> {
  const report =
    outputs === null
      ? null
      : join(outputs, `${relative.replaceAll("/", "_")}.report.${ENDINGS[format]}`);
  try {
    if (verdict.state === "corrupt") throw corrupt(path, verdict.reason);
    if (report === null) await writeStdout(`${format === "text" ? `== ${inert(relative)}\n` : ""}`);
    const to = report === null ? [] : ["--output", report];
    const exit = await triageTraces.run([...options, ...to, "--", path], context);
    if (report !== null) await writeStdout(`${inert(relative)} -> ${inert(report)}\n`);
    return exit;
  } catch (error) {
    context.signal.throwIfAborted();
    return tell(error, context.terminal);
  }
}

function tell(error: unknown, terminal: Terminal): ExitCode {
  const { text, exit } = errorFor(terminal, error);
  process.stderr.write(`${text}\n`);
  return exit;
}

function corrupt(path: string, reason: string | null): TriageError {
  return new TriageError({
    code: "trace/corrupt",
    exit: EXIT.unreadable,
    message: `${basename(path)} is damaged: ${reason}.`,
    place: path,
    hint: "Record it again; triage reads what is whole of it when you name it.",
  });
}

async function needFolder(folder: string): Promise<void> {
  const info = await stat(folder).catch(() => null);
  if (info?.isDirectory() === true) return;
  throw new TriageError({
    code: info === null ? "trace/no-such-path" : "usage/one-folder",
    exit: info === null ? EXIT.unreadable : EXIT.usage,
    message: info === null ? `${folder} does not exist.` : `${folder} is no folder.`,
    place: folder,
    hint: "Give the folder that the profiler writes to; make it first if it is not there yet.",
  });
}

/** The options that go to triage, as they were given. */
function passedOn(given: {
  has(name: keyof typeof PASSED_ON): boolean;
  all(name: keyof typeof PASSED_ON): readonly string[];
}): string[] {
  return Object.entries(PASSED_ON).flatMap(([key, { value }]) => {
    const name = key as keyof typeof PASSED_ON;
    if (value === null) return given.has(name) ? [`--${name}`] : [];
    return given.all(name).map((one) => `--${name}=${one}`);
  });
}

function help(): HelpPage {
  return {
    usage: ["triage watch DIR [options]"],
    summary:
      "Waits for traces that a profiler writes below DIR and reports on each as soon as it is whole: it stood still between two looks and reads to a clean end. Each file is a report of its own. Ends with Ctrl-C, after --count traces, or when nothing moves for --idle.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "triage watch profile/",
          "triage watch profile/ --existing --format html --output-dir reports/",
          "triage watch profile/ --count 8 --fail-on 'mainline-split>2%'",
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    the watch ended, and every trace had its report",
          "1    a gate of --fail-on failed for a trace",
          "2    wrong usage, or a report cannot be written",
          "3    a trace cannot be read (the others' reports were written)",
          "130  interrupted",
        ],
      },
    ],
  };
}
