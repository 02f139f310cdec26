import { bundledRules } from "../../base/files/bundled-rules.ts";
import { FRAMEWORKS, STAGE_WORDS } from "../../model/framework.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS, READERS } from "../../model/options.ts";
import {
  BYTES_PER_TOKEN,
  DEFAULT_MAX_BYTES,
  LEAST_MAX_BYTES,
} from "../../report/document/brief.ts";
import { type FormatName, FORMAT_NAMES as REPORT_FORMATS } from "../../report/document/formats.ts";
import type { RowOrder, TableLimits } from "../../report/renderer.ts";
import { type NumberRange, valueReader, WHOLE } from "../option-values.ts";
import { type GivenOptions, type OptionSpecs, parseOptions, usage } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";

export const COMMAND = "triage";
/** `perfetto` shows events on the time axis; all others are reports. */
type OutputFormat = FormatName | "perfetto";
const FORMAT_NAMES = [...REPORT_FORMATS, "perfetto"] as const;
const STAGE_NAMES = Object.keys(STAGE_WORDS);

export const TRIAGE_OPTIONS = {
  input: {
    value: "PATH",
    multiple: true,
    group: "Traces",
    help: "Another trace: a file, or a folder with one or several ranks. Same as naming it without --input.",
  },
  "mapping-input": {
    value: "PATH",
    multiple: true,
    group: "Traces",
    help: "Trace that lends its Python sites to graph replays: a run without graphs, or the capture of the same graphs.",
  },
  "formal-input": {
    value: "PATH",
    multiple: true,
    group: "Traces",
    help: "Trace of the real serving run, read together with --mapping-input.",
  },
  rank: {
    value: "N",
    group: "Traces",
    help: "Rank to triage where there are several. Default: the lowest.",
  },
  "all-ranks": { value: null, group: "Traces", help: "One report per rank." },
  device: { value: "N", group: "Traces", help: "Only GPU events of this device." },
  "pid-substring": {
    value: "TEXT",
    group: "Traces",
    help: "Only processes whose name or id contains TEXT, for merged traces of several ranks.",
  },
  stage: {
    value: "STAGE",
    choices: STAGE_NAMES,
    group: "Traces",
    help: "Only this stage: prefill (or extend), decode, mixed. Default: all.",
  },
  framework: {
    value: "NAME",
    choices: [...FRAMEWORKS, "unknown"],
    group: "Facts",
    help: `Serving engine, when the trace does not tell: ${FRAMEWORKS.join(", ")}, unknown.`,
  },
  model: {
    value: "NAME",
    group: "Facts",
    help: "Model path or name, when no server arguments tell.",
  },
  tp: { value: "N", group: "Facts", help: "Tensor-parallel size, when nothing tells." },
  gpu: {
    value: "NAME|FILE",
    group: "Facts",
    help: "GPU whose peaks kernels are held against, when the trace does not tell: a name such as h100-sxm or mi300x, or a file like references/gpus.yaml.",
  },
  "model-config": {
    value: "FILE|DIR",
    group: "Facts",
    help: "The model's config.json, or its folder: gives the shapes of products that graphs replayed without a capture, marked as assumed. Default: the folder that server_args.json names, where it can be read.",
  },
  "server-log": {
    value: "FILE",
    multiple: true,
    group: "Facts",
    help: "Log of the server, to see whether it fell back to another backend. Logs and server_args.json beside the traces, one folder up and in logs/ are read anyway.",
  },
  ...RULE_OPTIONS,
  "by-shape": {
    value: null,
    group: "Output",
    help: "Also a table of ops and shapes against the limit of their GPU.",
  },
  sort: {
    value: "ORDER",
    choices: ["time", "headroom"],
    group: "Output",
    help: "Kernels and ops by time or headroom (time above their limit). Default: time.",
  },
  "near-misses": {
    value: null,
    group: "Rules",
    help: "Also tell which clause stopped the rules that almost matched (text and markdown).",
  },
  "fail-on": {
    value: "GATE",
    multiple: true,
    group: "Rules",
    help: "Exit with 1 when this gate of the policy fails. May be given several times.",
  },
  format: {
    value: "FORMAT",
    choices: FORMAT_NAMES,
    short: "f",
    group: "Output",
    help: `${FORMAT_NAMES.join(", ")}. Default: text.`,
  },
  "max-tokens": {
    value: "N",
    group: "Output",
    help: `With --format brief: at most N tokens, counted as ${BYTES_PER_TOKEN} bytes each. Default: ${DEFAULT_MAX_BYTES / BYTES_PER_TOKEN}.`,
  },
  full: {
    value: null,
    group: "Output",
    help: "With --format perfetto: the recorded trace with the findings added, not the GPU's part alone.",
  },
  output: {
    value: "FILE",
    short: "o",
    group: "Output",
    help: "Write the report to FILE, whole or not at all, instead of standard output.",
  },
  "min-share": {
    value: "PERCENT",
    group: "Output",
    help: "Hide and count rows below this share of a stage's GPU time. Default: 1; 0 shows all.",
  },
  "kernel-table-limit": { value: "N", group: "Output", help: "At most N rows per kernel table." },
  "overlap-table-limit": { value: "N", group: "Output", help: "At most N rows per overlap table." },
  "fuse-table-limit": { value: "N", group: "Output", help: "At most N rows per fuse table." },
  "no-color": {
    value: null,
    group: "Output",
    help: "No colour. NO_COLOR and FORCE_COLOR in the environment are heeded too.",
  },
  reader: {
    value: "NAME",
    choices: READERS,
    group: "Reading",
    help: "fast, or reference: slower, through stream-json, for checking the fast one.",
  },
  "max-bytes": {
    value: "SIZE",
    group: "Reading",
    help: "Stop before a trace takes more than SIZE once decompressed, such as 2GiB.",
  },
  jobs: {
    value: "N",
    short: "j",
    group: "Reading",
    help: "With --all-ranks: ranks analysed at a time. Default: as many as there are cores and memory for.",
  },
  "max-memory": {
    value: "SIZE",
    group: "Reading",
    help: "Memory that ranks analysed at a time may take, estimated from their files' sizes; one always runs. Default: 80% of what is free.",
  },
  force: {
    value: null,
    group: "Reading",
    help: "Analyse what would be refused as no evidence, such as a diffusion run that fell back to diffusers.",
  },
  help: { value: null, short: "h", group: "Other", help: "This page." },
  version: { value: null, short: "V", group: "Other", help: "Version." },
} as const satisfies OptionSpecs;

export interface TriageOptions {
  readonly analyze: Omit<AnalyzeOptions, "onProgress" | "signal">;
  readonly format: OutputFormat;
  /** The recorded events too; only for `perfetto`. */
  readonly full: boolean;
  readonly output: string | null;
  /** Of `brief`, in bytes. */
  readonly maxBytes: number | undefined;
  readonly limits: TableLimits;
  readonly order: RowOrder;
  readonly byShape: boolean;
  readonly serverLogs: readonly string[];
}

/** @throws {TriageError} usage/… for everything that does not fit together. */
export function readTriageOptions(args: readonly string[]): TriageOptions {
  const given = parseOptions(args, TRIAGE_OPTIONS, COMMAND);
  const read = valueReader(COMMAND);
  const limit = (name: keyof typeof TRIAGE_OPTIONS): number | null =>
    read.number(name, given.text(name), WHOLE);
  const format = read.choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  if (given.has("full") && format !== "perfetto")
    throw usage("full-alone", "--full goes with --format perfetto only.", COMMAND);
  return {
    format,
    full: given.has("full"),
    maxBytes: maxBytesOf(given, format, COMMAND),
    output: given.text("output"),
    serverLogs: given.all("server-log"),
    order: read.choice("sort", given.text("sort"), ["time", "headroom"]) ?? "time",
    byShape: given.has("by-shape"),
    limits: {
      kernels: limit("kernel-table-limit"),
      overlap: limit("overlap-table-limit"),
      fuse: limit("fuse-table-limit"),
    },
    analyze: {
      ...traceRoles(
        [...given.positionals, ...given.all("input")],
        given.all("mapping-input"),
        given.all("formal-input"),
      ),
      ...readAnalysis(given, COMMAND),
      spans: format === "perfetto",
    },
  };
}

/**
 * Room for `brief`; undefined where nobody says.
 *
 * @throws {TriageError} usage/bad-value, usage/tokens-alone
 */
export function maxBytesOf(
  given: GivenOptions<OptionSpecs>,
  format: string,
  command: string,
): number | undefined {
  const least = { ...WHOLE, min: LEAST_MAX_BYTES / BYTES_PER_TOKEN };
  const tokens = valueReader(command).number("max-tokens", given.text("max-tokens"), least);
  if (tokens === null) return undefined;
  if (format === "brief") return tokens * BYTES_PER_TOKEN;
  throw usage("tokens-alone", "--max-tokens goes with --format brief only.", command);
}

/**
 * How traces are read and judged, from whichever of triage's options a command has; what it does
 * not have keeps its default.
 *
 * @throws {TriageError} usage/bad-value
 */
export function readAnalysis(
  given: GivenOptions<OptionSpecs>,
  command: string,
): Omit<AnalyzeOptions, "inputs" | "mapping" | "formal" | "onProgress" | "signal"> {
  const read = valueReader(command);
  const number = (name: keyof typeof TRIAGE_OPTIONS, range: NumberRange): number | null =>
    read.number(name, given.text(name), range);
  const stage = read.choice("stage", given.text("stage"), STAGE_NAMES) ?? "all";
  return {
    // Which rules are meant is decided with the settings (settled.ts).
    rulesPath: given.text("rules") ?? bundledRules(),
    rulesOver: [],
    rulesOff: [],
    policyPath: null,
    machinesPath: null,
    settingsPath: null,
    reader: read.choice("reader", given.text("reader"), READERS) ?? DEFAULT_ANALYZE_OPTIONS.reader,
    rank: number("rank", WHOLE),
    allRanks: given.has("all-ranks"),
    device: number("device", WHOLE),
    pidSubstring: given.text("pid-substring"),
    framework: read.choice("framework", given.text("framework"), [...FRAMEWORKS, "unknown"]),
    model: given.text("model"),
    tp: number("tp", { ...WHOLE, min: 1 }),
    gpu: given.text("gpu"),
    modelConfig: given.text("model-config"),
    // "all" means no filter.
    stage: stage === "all" ? null : STAGE_WORDS[stage]!,
    minSharePct:
      number("min-share", { min: 0, max: 100, isWhole: false }) ??
      DEFAULT_ANALYZE_OPTIONS.minSharePct,
    maxBytes: read.bytes("max-bytes", given.text("max-bytes")),
    jobs: number("jobs", { ...WHOLE, min: 1 }),
    maxMemory: read.bytes("max-memory", given.text("max-memory")),
    force: given.has("force"),
    nearMisses: given.has("near-misses"),
    spans: false,
    failOn: given.all("fail-on"),
  };
}

/** With a mapping trace the traces named plainly are the formal ones. */
export function traceRoles(
  inputs: readonly string[],
  mapping: readonly string[],
  formal: readonly string[],
): Pick<AnalyzeOptions, "inputs" | "mapping" | "formal"> {
  if (inputs.length === 0 && formal.length === 0)
    throw usage("no-trace", "No trace to triage: name a file or folder.", COMMAND);
  if (formal.length > 0 && mapping.length === 0)
    throw usage(
      "no-mapping",
      "--formal-input needs a --mapping-input to take sites from.",
      COMMAND,
    );
  if (formal.length > 0 && inputs.length > 0)
    throw usage(
      "two-roles",
      "Traces named plainly and --formal-input mean the same: give one of them.",
      COMMAND,
    );
  if (mapping.length === 0) return { inputs, mapping, formal };
  return { inputs: [], mapping, formal: [...inputs, ...formal] };
}
