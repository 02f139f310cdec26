import type { AnalyzeOptions } from "../../model/options.ts";
import { type Mappings, openMappings } from "./mappings.ts";
import type { RuleBase } from "./rule-base.ts";

/** What every trace of a command is read, located and matched with. */
export interface Means {
  readonly rules: RuleBase;
  readonly mappings: Mappings;
  readonly options: AnalyzeOptions;
}

export function meansOf(rules: RuleBase, options: AnalyzeOptions): Means {
  return { rules, mappings: openMappings(rules.ruleSet, options), options };
}
