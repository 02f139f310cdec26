import type { Occurrence } from "../../model/finding.ts";
import { STAGE_TITLE, type StageName } from "../../model/framework.ts";
import type { Message, Rule, StateName } from "../../model/rule.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";
import { stepsOfPattern } from "../match/occurrence-parts.ts";
import { type StateCounts, sitesOf } from "../match/verdicts/states.ts";
import { TimeBy } from "./time-by.ts";

interface MessageContext {
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
  return captureValue(word, field, context);
}

/**
 * The value that most of the time of a capture's kernels has, over all occurrences; says so where
 * the trace does not tell. Null when no pattern captures that name.
 */
function captureValue(
  capture: string,
  field: string,
  { rule, occurrences, graph }: MessageContext,
): string | null {
  const read = CAPTURE_FIELDS[field];
  const steps = rule.states.map(({ pattern }) =>
    stepsOfPattern(pattern).findIndex((step) => step.capture === capture),
  );
  if (read === undefined || steps.every((step) => step < 0)) return null;
  const time = new TimeBy<string>();
  for (const { pattern, rows } of occurrences) {
    for (const row of rows[steps[pattern]!] ?? []) {
      const value = read(graph, row);
      if (value !== null) time.add(value, graph.trace.gpu.duration[row]!);
    }
  }
  return time.ranked()[0]?.[0] ?? `(${field} not recorded)`;
}

const CAPTURE_FIELDS: Readonly<Record<string, (graph: KernelGraph, row: Row) => string | null>> = {
  name: (graph, row) => kernelNameAt(graph.trace, row).short,
  frame: (graph, row) => graph.sites[graph.siteOf[row]!]!.location,
  op: (graph, row) => graph.sites[graph.siteOf[row]!]!.cpuOp,
  scope: (graph, row) => graph.sites[graph.siteOf[row]!]!.module,
  stream: (graph, row) => graph.trace.streams[graph.trace.gpu.stream[row]!]!.stream,
};
