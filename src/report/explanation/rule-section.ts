import type {
  ExplainedOccurrence,
  ExplainedPattern,
  RuleRowExplanation,
} from "../../model/contracts/row-explanation.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { type Block, facts, innerTable, list, section } from "../document/block.ts";
import { count, counted, share, timeInWords } from "../numbers.ts";
import { type Cell, cell, type Line, NOTHING, span } from "../table.ts";
import { sourceLine } from "../triage/tables/sources.ts";

/** Kernels of a near miss before the middle is left out. */
const MOST_KERNELS = 8;

/** Everything about one rule in one stage, for people. */
export function ruleSection(rule: RuleRowExplanation): readonly Block[] {
  const listed = rule.occurrences.length;
  const title =
    listed === rule.occurrenceCount
      ? `Occurrences: ${count(listed)}`
      : `Occurrences: the first ${count(listed)} of ${count(rule.occurrenceCount)} (--limit)`;
  return section(
    [span(`${rule.rule}: ${STAGE_TITLE[rule.stage]}, ${rule.path}`)],
    ...head(rule),
    ...(rule.guards.length === 0 ? [] : section([span("Guards")], guardTable(rule))),
    ...rule.patterns.flatMap((pattern) => patternSection(pattern, rule.file)),
    ...(rule.occurrenceCount === 0
      ? []
      : section([span(title)], occurrenceTable(rule.occurrences))),
  );
}

function head(rule: RuleRowExplanation): readonly Block[] {
  const { state, status, pr, checked, relatedUs, sharePct, saveAtMostUs } = rule;
  const dated = checked === null ? "" : `, looked at ${checked}`;
  const proofs = pr.length === 0 ? "" : ` (${pr.join(", ")}${dated})`;
  const text = (words: string | null): Cell =>
    words === null || words === "" ? [] : cell(span(words));
  const ran = rule.occurrenceCount > 0;
  return facts(
    ["title", text(rule.title)],
    ["state", cell(span(state, "strong"))],
    ["status", text(`${status}${proofs}`)],
    ["rule", cell(span(rule.file, "code"))],
    ["source", rule.sources.map(fullSource)],
    ["time", text(ran ? `${timeInWords(relatedUs)}, ${share(sharePct)} of the stage` : null)],
    ["saves", text(ran ? `at most ${timeInWords(saveAtMostUs)}. ${rule.saveBasis}` : null)],
    ["switch", rule.toggle === null ? [] : cell(span(rule.toggle, "code"))],
    ["assuming", text(rule.assuming.join(", "))],
    [
      "folded",
      text(
        rule.foldedUnder === null
          ? null
          : `under ${rule.foldedUnder}, which holds the same kernels`,
      ),
    ],
    ["also", text(rule.alsoMatched.join(", "))],
  );
}

function fullSource(source: RuleRowExplanation["sources"][number]): Line {
  const { url, commit } = source;
  return [
    ...sourceLine(source),
    span(` ${url}`, "dim"),
    span(commit === "" ? "" : ` at commit ${commit}`, "dim"),
  ];
}

function guardTable({ guards, file }: RuleRowExplanation): Block {
  const words = { true: "holds", false: "does not hold", unknown: "assumed" } as const;
  const rows = guards.map(({ text, truth, value, from, line }) => [
    cell(span(text, "code")),
    cell(span(words[truth], truth === "false" ? "bad" : "plain")),
    value === null ? cell(span("unknown", "dim")) : cell(span(String(value))),
    from === null ? cell(span("nothing in the trace tells it", "dim")) : cell(span(from)),
    line === null ? NOTHING : cell(span(`${file}:${line}`, "dim")),
  ]);
  return innerTable(
    [
      ["Guard", "left"],
      ["Answer", "left"],
      ["Value", "left"],
      ["Known from", "left"],
      ["Line", "left"],
    ],
    rows,
  );
}

function patternSection(pattern: ExplainedPattern, file: string): readonly Block[] {
  const { state, text, line, steps, found, counted: held, nearest } = pattern;
  const place = line === null ? "" : ` (${file}:${line})`;
  const lines: Line[] = [
    [span(text, "code"), span(place, "dim")],
    [
      span(
        `By itself it is found ${counted(found, "time")}${held === found ? "" : `, ${count(held)} of them counted`}.`,
      ),
    ],
    ...steps.map(
      ({ step, kernels }): Line => [
        span("step ", "dim"),
        span(step, "code"),
        span(`: ${counted(kernels, "kernel")} of its class`),
      ],
    ),
    ...nearest.flatMap(({ reached, wanted, saw, times, kernels, line: at }): Line[] => [
      [
        span(`×${count(times)} stopped after ${reached} of ${steps.length} steps by `, "dim"),
        span(wanted, "code"),
        span(`: ${saw}`),
        span(at === null ? "" : ` (${file}:${at})`, "dim"),
      ],
      [span(`nearest: ${shortened(kernels).join(" → ")}`, "dim")],
    ]),
  ];
  return section([span(`Pattern: ${state}`)], ...list(...lines));
}

function shortened(kernels: readonly string[]): readonly string[] {
  if (kernels.length <= MOST_KERNELS) return kernels;
  const half = MOST_KERNELS / 2;
  return [...kernels.slice(0, half), "…", ...kernels.slice(-half)];
}

function occurrenceTable(occurrences: readonly ExplainedOccurrence[]): Block {
  return innerTable(
    [
      ["Start", "right"],
      ["State", "left"],
      ["Layer", "right"],
      ["Kernels", "left"],
      ["Idle between", "right"],
      ["Saves at most", "right"],
    ],
    occurrences.map(({ startUs, state, layer, kernels, gapUs, saveAtMostUs }) => [
      cell(span(timeInWords(startUs))),
      cell(span(state)),
      layer === null ? NOTHING : cell(span(String(layer))),
      kernels.map(({ step, kernel, us, stream, location }) => [
        span(`${step}: `, "dim"),
        span(kernel, "code"),
        span(` ${timeInWords(us)}, stream ${stream}`),
        span(location === null ? "" : `, ${location}`, "dim"),
      ]),
      cell(span(timeInWords(gapUs))),
      cell(span(timeInWords(saveAtMostUs))),
    ]),
  );
}
