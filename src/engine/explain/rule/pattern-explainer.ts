import type { RuleSet } from "../../../model/rule.ts";
import type { PatternPlan } from "../../match/rule-plan.ts";
import type { StageView } from "../../match/stage-view.ts";

/** What explaining one pattern over one stage needs. */
export interface PatternExplainer<Kind extends PatternPlan["kind"]> {
  readonly ruleSet: Pick<RuleSet, "classes">;
  readonly view: StageView;
  readonly pattern: Extract<PatternPlan, { kind: Kind }>;
  /** True for kernels that occurrences of this rule hold already. */
  isHeld(position: number): boolean;
  /** Short kernel name of a position. */
  nameOf(position: number): string;
  classNameOf(bit: number): string;
  /** Index into `pattern.source.where` of a condition the kernels break, -1 when all hold. */
  brokenCondition(steps: readonly (readonly number[])[]): number;
}
