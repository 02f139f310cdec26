import type { RowExplanation } from "../../model/contracts/row-explanation.ts";
import type { RuleExplanation, RuleInStage } from "../../model/contracts/rule-explanation.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { type Block, facts, section } from "../document/block.ts";
import { formatsOf } from "../document/formats.ts";
import { counted } from "../numbers.ts";
import { cell, span } from "../table.ts";
import { actionSection } from "./action-section.ts";
import { guardSection, IN_FULL, patternSection } from "./clauses.ts";
import { kernelSection } from "./kernel-section.ts";
import { ruleSection } from "./rule-section.ts";

/** Every format of `triage explain`. */
export const EXPLANATION_FORMATS = formatsOf("explanation", explanationDocument);

function explanationDocument({ row, kernels, rules, actions }: RowExplanation): readonly Block[] {
  return [
    { kind: "title", text: row },
    ...kernels.flatMap(kernelSection),
    ...rules.flatMap(ruleSection),
    ...actions.flatMap(actionSection),
  ];
}

/** Every format of `rules explain`. */
export const RULE_EXPLANATION_FORMATS = formatsOf("rule-explanation", ruleExplanationDocument);

function ruleExplanationDocument({ rule, title, file, stages }: RuleExplanation): readonly Block[] {
  const none = {
    kind: "paragraph",
    line: [span("The trace has no kernels in that stage.")],
  } as const;
  return [
    { kind: "title", text: `${rule} (${title})` },
    ...(stages.length === 0 ? [none] : stages.flatMap((stage) => stageSection(stage, file))),
  ];
}

function stageSection(stage: RuleInStage, file: string): readonly Block[] {
  return section(
    [span(`${STAGE_TITLE[stage.stage]}, ${stage.path}`)],
    ...facts(
      ["answer", cell(span(answerText(stage), "strong"))],
      ["rule", cell(span(file, "code"))],
    ),
    ...guardSection(stage.guards, file),
    ...stage.patterns.flatMap((pattern) => patternSection(pattern, file, IN_FULL)),
  );
}

function answerText({
  state,
  underlying,
  blockedBy,
  failure,
  assuming,
  counts,
}: RuleInStage): string {
  if (failure !== null) return `could not run: ${failure}`;
  if (blockedBy !== null)
    return `${state} (guard ${blockedBy}); the patterns below are read as if it held`;
  const size = state === "below-threshold" ? ` (${underlying}, but below the report share)` : "";
  const found = Object.entries(counts ?? {}).filter(([, number]) => number > 0);
  const list = found.map(([name, number]) => `${counted(number, "occurrence")} ${name}`).join(", ");
  const assumed = assuming.length === 0 ? "" : `; assuming ${assuming.join(", ")}`;
  return `${state ?? "no answer"}${size}${list === "" ? "" : `: ${list}`}${assumed}`;
}
