import type { Occurrence } from "../model/finding.ts";
import { STAGE_TITLE, type StageName } from "../model/framework.ts";
import type { KernelGraph } from "../model/kernel-graph.ts";
import type { Message, Rule, StateName } from "../model/rule.ts";
import { kernelNameAt } from "../model/trace.ts";
import type { Row } from "../model/units.ts";
import { stepsOfPattern } from "./match/rule-steps.ts";
import { type StateCounts, sitesOf } from "./match/states.ts";

export interface MessageContext {
  readonly graph: KernelGraph;
  readonly stage: StageName;
  readonly rule: Rule;
  readonly state: StateName;
  readonly occurrences: readonly Occurrence[];
  readonly counts: StateCounts;
  readonly sharePct: number;
  readonly coveragePct: number;
}

/** The rule's sentence for a state with its placeholders filled; null when it has none. */
export function fillMessage(kind: Message["kind"], context: MessageContext): string | null {
  const message = context.rule.messages.find(
    (candidate) => candidate.kind === kind && candidate.state === context.state,
  );
  if (message === undefined) return null;
  return message.template.replace(
    /\{([a-z_][\w-]*)(?:\.(\w+))?\}/gi,
    (whole, word: string, field: string | undefined) =>
      (field === undefined ? plainValue(word, context) : dottedValue(word, field, context)) ??
      whole,
  );
}

function plainValue(word: string, context: MessageContext): string | null {
  switch (word) {
    case "count":
      return String(sitesOf(context.state, context.counts));
    case "share":
      return `${context.sharePct.toFixed(1)}%`;
    case "coverage":
      return `${context.coveragePct.toFixed(0)}%`;
    case "pr":
      return context.rule.prs.join(", ");
    case "stage":
      return STAGE_TITLE[context.stage];
    default:
      return null;
  }
}

function dottedValue(word: string, field: string, context: MessageContext): string | null {
  if (field === "count" && Object.hasOwn(context.counts, word))
    return String(context.counts[word as StateName]);
  const rows = rowsOfCapture(word, context);
  return rows === null ? null : captureValue(rows, field, context.graph);
}

/** Kernels of a capture over all occurrences; null when no pattern captures that name. */
function rowsOfCapture(capture: string, { rule, occurrences }: MessageContext): Row[] | null {
  const steps = rule.states.map(({ pattern }) =>
    stepsOfPattern(pattern).findIndex((step) => step.capture === capture),
  );
  if (steps.every((step) => step < 0)) return null;
  return occurrences.flatMap(({ pattern, rows }) => rows[steps[pattern]!] ?? []);
}

/** The value that most of the kernels' time has; says so where the trace does not tell. */
function captureValue(rows: readonly Row[], field: string, graph: KernelGraph): string | null {
  const read = CAPTURE_FIELDS[field];
  if (read === undefined) return null;
  const time = new Map<string, number>();
  for (const row of rows) {
    const value = read(graph, row);
    if (value !== null) time.set(value, (time.get(value) ?? 0) + graph.trace.gpu.duration[row]!);
  }
  const [top] = [...time].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return top?.[0] ?? `(${field} not recorded)`;
}

const CAPTURE_FIELDS: Readonly<Record<string, (graph: KernelGraph, row: Row) => string | null>> = {
  name: (graph, row) => kernelNameAt(graph.trace, row).short,
  frame: (graph, row) => graph.sites[graph.siteOf[row]!]!.location,
  op: (graph, row) => graph.sites[graph.siteOf[row]!]!.cpuOp,
  scope: (graph, row) => graph.sites[graph.siteOf[row]!]!.module,
  stream: (graph, row) => graph.trace.streams[graph.trace.gpu.stream[row]!]!.stream,
};
