import { STAGE_TITLE } from "../../model/framework.ts";
import type {
  ExplainedOccurrence,
  ExplainedPattern,
  RuleRowExplanation,
} from "../../model/row-explanation.ts";
import { count, counted, share, timeInWords } from "../numbers.ts";
import { cell, type Line, NOTHING, span, type Table } from "../table.ts";
import { sourceLine } from "../tables/sources.ts";
import { type Section, sectionTable } from "./page.ts";

/** Kernels of a near miss before the middle is left out. */
const MOST_KERNELS = 8;

/** Everything about one rule in one stage, for people. */
export function ruleSections(rule: RuleRowExplanation): readonly Section[] {
  const listed = rule.occurrences.length;
  const title =
    listed === rule.occurrenceCount
      ? `Occurrences: ${count(listed)}`
      : `Occurrences: the first ${count(listed)} of ${count(rule.occurrenceCount)} (--limit)`;
  return [
    head(rule),
    ...(rule.guards.length === 0 ? [] : [guardSection(rule)]),
    ...rule.patterns.map((pattern) => patternSection(pattern, rule.file)),
    ...(rule.occurrenceCount === 0
      ? []
      : [{ level: 2, title, lines: [], table: occurrenceTable(rule.occurrences) } as const]),
  ];
}

function head(rule: RuleRowExplanation): Section {
  const { state, status, pr, checked, relatedUs, sharePct, saveAtMostUs } = rule;
  const dated = checked === null ? "" : `, looked at ${checked}`;
  const proofs = pr.length === 0 ? "" : ` (${pr.join(", ")}${dated})`;
  const lines: Line[] = [
    fact("title", span(rule.title)),
    fact("state", span(state, "strong")),
    fact("status", span(`${status}${proofs}`)),
    fact("rule", span(rule.file, "code")),
    ...rule.sources.map(
      (source): Line => [
        ...fact("source"),
        ...sourceLine(source),
        span(` ${source.url}`, "dim"),
        span(source.commit === "" ? "" : ` at commit ${source.commit}`, "dim"),
      ],
    ),
  ];
  if (rule.occurrenceCount > 0)
    lines.push(
      fact("time", span(`${timeInWords(relatedUs)}, ${share(sharePct)} of the stage`)),
      fact("saves", span(`at most ${timeInWords(saveAtMostUs)}. ${rule.saveBasis}`)),
    );
  if (rule.toggle !== null) lines.push(fact("switch", span(rule.toggle, "code")));
  if (rule.assuming.length > 0) lines.push(fact("assuming", span(rule.assuming.join(", "))));
  if (rule.foldedUnder !== null)
    lines.push(fact("folded", span(`under ${rule.foldedUnder}, which holds the same kernels`)));
  if (rule.alsoMatched.length > 0) lines.push(fact("also", span(rule.alsoMatched.join(", "))));
  const title = `${rule.rule}: ${STAGE_TITLE[rule.stage]}, ${rule.path}`;
  return { level: 1, title, lines, table: null };
}

function fact(label: string, ...spans: Line): Line {
  return [span(`${label} `.padEnd(9), "dim"), ...spans];
}

function guardSection({ guards, file }: RuleRowExplanation): Section {
  const words = { true: "holds", false: "does not hold", unknown: "assumed" } as const;
  const rows = guards.map(({ text, truth, value, from, line }) => [
    cell(span(text, "code")),
    cell(span(words[truth], truth === "false" ? "bad" : "plain")),
    value === null ? cell(span("unknown", "dim")) : cell(span(String(value))),
    from === null ? cell(span("nothing in the trace tells it", "dim")) : cell(span(from)),
    line === null ? NOTHING : cell(span(`${file}:${line}`, "dim")),
  ]);
  const table = sectionTable(
    [
      ["Guard", "left"],
      ["Answer", "left"],
      ["Value", "left"],
      ["Known from", "left"],
      ["Line", "left"],
    ],
    rows,
  );
  return { level: 2, title: "Guards", lines: [], table };
}

function patternSection(pattern: ExplainedPattern, file: string): Section {
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
  return { level: 2, title: `Pattern: ${state}`, lines, table: null };
}

function shortened(kernels: readonly string[]): readonly string[] {
  if (kernels.length <= MOST_KERNELS) return kernels;
  const half = MOST_KERNELS / 2;
  return [...kernels.slice(0, half), "…", ...kernels.slice(-half)];
}

function occurrenceTable(occurrences: readonly ExplainedOccurrence[]): Table {
  return sectionTable(
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
