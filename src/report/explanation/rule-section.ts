import type {
  ExplainedOccurrence,
  RuleRowExplanation,
} from "../../model/contracts/row-explanation.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { type Block, facts, innerTable, section } from "../document/block.ts";
import { count, share, timeInWords } from "../numbers.ts";
import { type Cell, cell, type Line, NOTHING, span } from "../table.ts";
import { sourceLine } from "../triage/tables/sources.ts";
import { BRIEF, guardSection, patternSection } from "./clauses.ts";

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
    ...guardSection(rule.guards, rule.file),
    ...rule.patterns.flatMap((pattern) => patternSection(pattern, rule.file, BRIEF)),
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
        span(`${step ?? "between"}: `, "dim"),
        span(kernel, "code"),
        span(` ${timeInWords(us)}, stream ${stream}`),
        span(location === null ? "" : `, ${location}`, "dim"),
      ]),
      cell(span(timeInWords(gapUs))),
      cell(span(timeInWords(saveAtMostUs))),
    ]),
  );
}
