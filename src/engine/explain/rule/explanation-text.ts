import type { KernelGraph } from "../../../model/kernel-graph.ts";
import { durationText } from "../../../model/rule-text.ts";
import type { GuardExplanation, PatternExplanation, RuleExplanation } from "./explain-rule.ts";
import type { Stop, WindowKernel } from "./stops.ts";

/** Kernels of a window printed before the middle is left out. */
const MOST_WINDOW = 12;

/** An explanation for people, 80 to 120 columns wide, ending with a line break. */
export function printExplanation(explanation: RuleExplanation, graph: KernelGraph): string {
  const { rule, title, stage, failure, guards, patterns } = explanation;
  const lines = [
    `${rule} (${title})`,
    `  stage ${stage}: ${answerText(explanation)}`,
    ...(guards.length === 0 ? [] : ["  guards", ...guards.map((it) => `    ${guardLine(it)}`)]),
    ...(failure === null ? [] : [`  could not run: ${failure}`]),
    ...patterns.flatMap((pattern) => patternLines(pattern, graph)),
  ];
  return `${lines.join("\n")}\n`;
}

function answerText({ outcome }: RuleExplanation): string {
  if (outcome === null) return "no answer";
  const { state, underlying, blockedBy, counts, assuming } = outcome;
  if (blockedBy !== null)
    return `not-applicable (guard ${blockedBy}); the patterns below are read as if it held`;
  const size = state === "below-threshold" ? ` (${underlying}, but below the report share)` : "";
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  const list = parts.map(([name, count]) => `${name} ${count}`).join(", ");
  const assumed = assuming.length === 0 ? "" : `, assuming ${assuming.join(", ")}`;
  return `${state}${size}${list === "" ? "" : `: ${list}`}${assumed}`;
}

function guardLine({ text, truth, fact, line }: GuardExplanation): string {
  const word = { true: "ok     ", false: "no     ", unknown: "unknown" }[truth];
  const known = fact === null ? "not told by the trace" : `${fact.value}, from ${fact.from}`;
  return `${word}  ${text}  (${known})${lineText(line)}`;
}

function patternLines(pattern: PatternExplanation, graph: KernelGraph): string[] {
  const { state, text, where, steps, stops, found, counted, repeat, line } = pattern;
  const wide = Math.max(...steps.map((step) => step.text.length));
  const conditions = where.length === 0 ? "" : ` where ${where.join(" and ")}`;
  const repeated =
    found === counted ? "" : `, ${counted} of them counted (repeat >= ${repeat.min})`;
  return [
    `  ${state}  ${text}${conditions}${lineText(line)}`,
    ...steps.map((step) => {
      const names = step.names.map(({ name, launches }) => `${name} x${launches}`).join(", ");
      return `    ${step.text.padEnd(wide)}  ${step.kernels} kernels${names === "" ? "" : `: ${names}`}`;
    }),
    `    ${found} ${found === 1 ? "occurrence" : "occurrences"}${repeated}`,
    ...stops.flatMap((stop) => stopLines(stop, pattern, graph)),
  ];
}

function stopLines(stop: Stop, pattern: PatternExplanation, graph: KernelGraph): string[] {
  const { reached, wanted, saw, times, window, line } = stop;
  const head = `${times}x stopped after ${reached} of ${pattern.steps.length} steps by ${wanted}: ${saw}`;
  return [
    `    ${head}${lineText(line)}`,
    ...shortened(window).map((kernel) =>
      kernel === null ? "      …" : `      ${kernelLine(kernel, pattern, graph)}`,
    ),
  ];
}

function shortened(window: readonly WindowKernel[]): readonly (WindowKernel | null)[] {
  if (window.length <= MOST_WINDOW) return window;
  const half = MOST_WINDOW / 2;
  return [...window.slice(0, half), null, ...window.slice(-half)];
}

function kernelLine(
  { row, step }: WindowKernel,
  { steps }: PatternExplanation,
  graph: KernelGraph,
): string {
  const { gpu, kernelNames, streams } = graph.trace;
  const role = step === null ? "between" : (steps[step]?.name ?? "");
  const { stream } = streams[gpu.stream[row]!]!;
  const place = graph.sites[graph.siteOf[row]!]!.location;
  return [
    `#${row}`,
    `[${role}]`,
    kernelNames[gpu.name[row]!]!.short,
    durationText(gpu.duration[row]!),
    `stream ${stream}`,
    ...(place === null ? [] : [place]),
  ].join("  ");
}

function lineText(line: number | null): string {
  return line === null ? "" : `  (line ${line})`;
}
