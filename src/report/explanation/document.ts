import type { RowExplanation } from "../../model/contracts/row-explanation.ts";
import type { Block } from "../document/block.ts";
import { formatsOf } from "../document/formats.ts";
import { actionSection } from "./action-section.ts";
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
