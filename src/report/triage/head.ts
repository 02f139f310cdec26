import { healthTitle } from "../../model/contracts/health.ts";
import type { Report, ReportTrace } from "../../model/contracts/report.ts";
import type { FrameworkId } from "../../model/framework.ts";
import { VIA } from "../../model/trace/kernel-graph.ts";
import type { Block, Fact } from "../document/block.ts";
import { count, counted, share } from "../numbers.ts";
import { type Cell, clip, type Line, span } from "../table.ts";

const FRAMEWORK_TITLE: Record<FrameworkId | "unknown", string> = {
  sglang: "SGLang",
  vllm: "vLLM",
  trtllm: "TensorRT-LLM",
  tokenspeed: "TokenSpeed",
  unknown: "unknown",
};

/** Server arguments worth a place in the head; the JSON has all of them. */
const TELLING_ARG =
  /^(tp|dp|pp|ep)(_size)?$|_parallel_size$|attention_backend|quantization|^dtype$|kv_cache_dtype|cuda_graph|enforce_eager|compilation_config|speculative|moe_|enable_|disable_|chunked_prefill/;
const MOST_ARGS = 12;
const LONGEST_ARG = 60;

/** What the report is about: traces, what ran on what, how much is located. */
export function head(report: Report): readonly Fact[] {
  return [
    {
      label: report.traces.length > 1 ? "Traces" : "Trace",
      cell: report.traces.flatMap((trace) => traceLines(trace, report)),
    },
    { label: "Health", cell: healthLines(report) },
    { label: "Run", cell: [runLine(report)] },
    { label: "Server args", cell: serverArgs(report) },
    { label: "Located", cell: [locatedLine(report)] },
  ].filter(({ cell }) => cell.length > 0);
}

/** Nothing where the recording is sound: that is the usual case. */
function healthLines({ health: { findings, trusted } }: Report): Cell {
  if (findings.length === 0) return [];
  const verdict = trusted ? span("repaired", "warn") : span("not to be believed in full", "bad");
  return [[verdict, span(` — ${findings.map(healthTitle).join("; ")} (see the remarks)`)]];
}

/** What tells what the head says, and what the rules are: for who doubts it. */
export function basis(report: Report): readonly Block[] {
  const { rules, frameworkEvidence, modelFrom, parallel } = report;
  const told = (what: string, from: string | null): readonly string[] =>
    from === null ? [] : [`${what} by ${from}`];
  const over = rules.over === undefined ? "" : ` under ${rules.over.join(", ")}`;
  const off = rules.off === undefined ? [] : [`without ${rules.off.join(", ")}`];
  const facts = [
    ...(report.settings === undefined ? [] : [`settings of ${report.settings}`]),
    `${counted(rules.count, "rule")} of ${rules.path}${over}, edition ${rules.edition}, digest ${rules.digest.slice(0, 12)}`,
    ...off,
    ...told(FRAMEWORK_TITLE[report.framework], frameworkEvidence),
    ...told("model", modelFrom),
    ...told("parallel sizes", parallel.from),
  ];
  const line: Line = [
    span("Basis: "),
    span(`${report.mode}; ${facts.join("; ")}. ${report.overlapBasis}`),
  ];
  return [{ kind: "paragraph", line, isFinePrint: true }];
}

/** "vLLM · openai/gpt-oss-120b · 8 × NVIDIA B200, sm100 · TP 8". */
export function runLine(report: Report): Line {
  const model: Line =
    report.model === null ? [span("model unknown", "dim")] : [span(report.model, "strong")];
  const framework: Line =
    report.framework === "unknown"
      ? [span("engine unknown", "dim")]
      : [span(FRAMEWORK_TITLE[report.framework], "strong")];
  return [framework, model, gpuLine(report), parallelLine(report)].flatMap((part, at) =>
    at === 0 ? part : [span(" · ", "dim"), ...part],
  );
}

function traceLines(trace: ReportTrace, { diagnostics }: Report): readonly Line[] {
  const isWholeButDamaged = diagnostics.some(
    ({ code, path }) => code === "trace/damaged-parts" && path === trace.path,
  );
  const role = trace.role === "input" ? [] : [`${trace.role} trace`];
  const rank = trace.rank === null ? [] : [`rank ${trace.rank}`];
  const facts = [
    ...role,
    ...rank,
    `${count(trace.events)} events`,
    `${count(trace.gpuEvents)} on the GPU`,
  ];
  const lines: Line[] = [[span(trace.path, "code"), span(` (${facts.join(", ")})`, "dim")]];
  if (trace.choice !== null) lines.push([span(trace.choice, "dim")]);
  if (!trace.complete)
    lines.push([
      span(isWholeButDamaged ? "damaged in parts" : "incomplete", "bad"),
      span(
        `: ${trace.damage ?? "the file ends early"}; ${isWholeButDamaged ? "everything else was read" : "analysed up to there"}`,
      ),
    ]);
  return lines;
}

function serverArgs(report: Report): Cell {
  if (report.serverArgs === null) return [];
  const telling = Object.entries(report.serverArgs)
    .filter(([key, value]) => TELLING_ARG.test(key) && isSet(value))
    .map(
      ([key, value]) =>
        `${key}=${clip(typeof value === "string" ? value : JSON.stringify(value), LONGEST_ARG)}`,
    );
  const more = telling.length > MOST_ARGS ? [`+${telling.length - MOST_ARGS} more`] : [];
  const shown = [...telling.slice(0, MOST_ARGS), ...more].join(" ");
  const all = `${counted(Object.keys(report.serverArgs).length, "argument")} in ${report.serverArgsPath ?? "the trace"}`;
  return [
    [span(shown === "" ? all : `${shown} `, "plain"), span(shown === "" ? "" : `(${all})`, "dim")],
  ];
}

/** Switches left off say nothing about this run. */
function isSet(value: unknown): boolean {
  return value !== null && value !== false && value !== "" && value !== undefined;
}

function gpuLine({ gpu }: Report): Line {
  const name =
    gpu.name ?? (gpu.vendor === "unknown" ? "unknown" : `${vendorTitle(gpu.vendor)} GPU`);
  const times = gpu.count > 1 ? `${gpu.count} × ` : "";
  const arch = gpu.arch === null ? "" : `, ${gpu.arch}`;
  const unnamed = gpu.name === null ? " (the trace does not name it)" : "";
  return [span(`${times}${name}${arch}`), span(unnamed, "dim")];
}

function vendorTitle(vendor: "nvidia" | "amd"): string {
  return vendor === "nvidia" ? "NVIDIA" : "AMD";
}

function parallelLine({ parallel }: Report): Line {
  const { tp, pp, dp, ep, worldSize } = parallel;
  const sizes = Object.entries({ TP: tp, PP: pp, DP: dp, EP: ep, world: worldSize })
    .filter(([, size]) => size !== null)
    .map(([name, size]) => `${name} ${size}`);
  if (sizes.length === 0) return [span("layout unknown (pass --tp to tell)", "dim")];
  return [span(sizes.join(", "))];
}

function locatedLine({ located }: Report): Line {
  const methods = VIA.filter((via) => via !== "none" && located.byMethod[via] > 0).map(
    (via) => `${via} ${share(located.byMethod[via])}`,
  );
  const how = methods.length === 0 ? "" : `: ${methods.join(", ")}`;
  return [
    span(`${share(located.pct)} of GPU time`, located.pct < 50 ? "warn" : "plain"),
    span(how, "dim"),
    span(
      located.pct < 50
        ? "; – below is not located (record with_stack=True, or lend sites with --mapping-input)"
        : "",
      "dim",
    ),
  ];
}
